import { describe, expect, test } from 'vitest';
import type { Problem } from '../../src/heads/head.ts';
import { LinearObjective, type LinearTask, type LogitLoss } from '../../src/heads/linearObjective.ts';
import { binaryCrossEntropy } from '../../src/heads/sigmoid.ts';
import { crossEntropy } from '../../src/heads/softmax.ts';
import { squaredHinge } from '../../src/heads/svm.ts';
import { Random } from '../../src/numerics/random.ts';
import { context, drawnProblem } from './drawn.ts';

/** Photos that have each class or not, as a draw says. */
function severalLabels(problem: Problem): Problem {
  const random = new Random('several labels');
  const truth = Uint8Array.from({ length: problem.labels.length * problem.classes }, () => random.int(2));
  return { ...problem, truth };
}

const single = drawnProblem(50, 6, 3, 'objective');
const losses: readonly (readonly [string, LogitLoss, Problem])[] = [
  ['cross-entropy', crossEntropy, single],
  ['squared hinge', squaredHinge, single],
  ['cross-entropy of each label', binaryCrossEntropy, severalLabels(single)],
];

describe.each(losses)('%s', (_name, loss, problem) => {
  const { columns: width } = problem.features;
  const size = problem.classes * (width + 1);
  const random = new Random('objective');
  // Two orthonormal directions.
  const directions = Float64Array.of(0.6, 0.8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
  const task = (factor: number): LinearTask => {
    const weights = Float32Array.from({ length: 50 }, (_, i) => (i % 4 === 0 ? 0 : factor * (1 + (i % 3))));
    return {
      weights,
      total: weights.reduce((sum, weight) => sum + weight, 0),
      mean: Float64Array.from({ length: width }, () => 2 + random.normal()),
      scale: 0.4 * factor,
      stretch: Float64Array.of(-0.5, 0.3),
      biasScale: 1.5,
      penalty: 0.2,
      frozen: [],
    };
  };
  const tasks = [task(1), task(1.3)];
  const points = tasks.map(() => Float64Array.from({ length: size }, () => 0.5 * random.normal()));
  const open = (runElements?: number) => LinearObjective.open(problem, loss, directions, context, runElements);

  test('the gradient is that of finite differences', async () => {
    const evaluate = (await open()).evaluator(tasks);
    const at = (await evaluate([0, 1], points)).map(({ gradient }) => gradient.slice());
    for (let direction = 0; direction < 8; direction++) {
      const way = points.map(() => Float64Array.from({ length: size }, () => random.normal()));
      const moved = async (by: number) =>
        (
          await evaluate(
            [0, 1],
            points.map((point, t) => point.map((x, i) => x + by * way[t][i])),
          )
        ).map((e) => e.loss);
      const [up, down] = [await moved(1e-3), await moved(-1e-3)];
      for (const t of [0, 1]) {
        const slope = at[t].reduce((sum, g, i) => sum + g * way[t][i], 0);
        expect(Math.abs((up[t] - down[t]) / 2e-3 - slope)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
      }
    }
  });

  test('a few photos a run, or one fit at a time, are all the same', async () => {
    const whole = (await open()).evaluator(tasks);
    const expected = (await whole([0, 1], points)).map((e) => ({ loss: e.loss, gradient: e.gradient.slice() }));
    const inParts = await (await open(7 * 6)).evaluator(tasks)([0, 1], points);
    for (const t of [0, 1]) {
      const [alone] = await whole([t], [points[t]]);
      for (const other of [alone, inParts[t]]) {
        expect(other.loss).toBeCloseTo(expected[t].loss, 6);
        for (const [i, value] of expected[t].gradient.entries()) expect(other.gradient[i]).toBeCloseTo(value, 5);
      }
    }
  });

  test('frozen classes have no gradient, and the others the same as before', async () => {
    const objective = await open();
    const [free] = await objective.evaluator(tasks)([0], [points[0]]);
    const [held] = await objective.evaluator([{ ...tasks[0], frozen: [1] }])([0], [points[0]]);
    for (let i = 0; i < size; i++) {
      const ofClass = i < 3 * width ? Math.floor(i / width) : i - 3 * width;
      expect(held.gradient[i]).toBe(ofClass === 1 ? 0 : free.gradient[i]);
    }
  });
});
