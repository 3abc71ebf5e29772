import { expect, test } from 'vitest';
import { DualProblem } from '../../src/heads/dualProblem.ts';
import type { Linear } from '../../src/heads/linear.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { Random } from '../../src/numerics/random.ts';
import { context, drawnProblem, ones } from './drawn.ts';

test('heads in the photos’ span answer as the same heads on features, for photos of all lengths, and for no views', async () => {
  const [photos, columns, classes] = [30, 150, 3];
  const drawn = drawnProblem(2 * photos, columns, classes);
  const data = drawn.features.data.map((value, at) => value * (1 + (Math.floor(at / columns) % 4)));
  const problem = { ...drawn, features: { ...drawn.features, data }, photos };
  const random = new Random('heads');
  const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
  const heads = [1, 2].map(
    (): Linear => ({
      weights: normals(classes * 2 * photos),
      bias: normals(classes),
      inputs: 2 * photos,
      outputs: classes,
    }),
  );
  const weights = [ones(2 * photos), Float32Array.from({ length: 2 * photos }, (_, row) => row % 2)];
  const dual = await DualProblem.open(problem, context);
  try {
    const answers = await predictLogits(softmax, await dual.toPrimal(heads, weights), problem, context);
    const seen = [new Set<number>(), new Set<number>()];
    await dual.eachLogits(heads, weights, context, (k, row, logits) => {
      seen[k].add(row);
      for (const [c, logit] of logits.entries()) expect(logit).toBeCloseTo(answers[k].data[row * classes + c], 3);
    });
    expect(seen.map(({ size }) => size)).toEqual([photos, photos]);
  } finally {
    await dual.release();
  }
});
