import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { symmetricEigen } from '../../src/numerics/eigen.ts';
import { principalComponents } from '../../src/numerics/pca.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { Matrix } from '../../src/runtime/platform.ts';

const options = { openSession, threads: 1, seed: 1 };

test('eigenvalues and eigenvectors of a symmetric matrix', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3);
  for (const [i, value] of [5, 3, 1].entries()) expect(values[i]).toBeCloseTo(value, 12);
  expect(Array.from(vectors, Math.abs)).toEqual(
    [0, 0, 1, Math.SQRT1_2, Math.SQRT1_2, 0, Math.SQRT1_2, Math.SQRT1_2, 0].map((x) => expect.closeTo(x, 12)),
  );
  const n = 20;
  const random = new Random('symmetric');
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = random.normal();
  const eigen = symmetricEigen(a, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += eigen.values[k] * eigen.vectors[k * n + i] * eigen.vectors[k * n + j];
      expect(sum).toBeCloseTo(a[i * n + j], 10);
    }
});

/** Rows with standard deviations 8, 4, 2, 1, ... along the axes, and mean 10. */
function drawn(rows: number, columns: number): Matrix {
  const random = new Random('rows');
  const data = Float32Array.from({ length: rows * columns }, (_, i) => 10 + 8 * 0.5 ** (i % columns) * random.normal());
  return { rows, columns, data };
}

test('finds the axes', async () => {
  const { mean, components, variances } = await principalComponents(drawn(400, 10), 3, options);
  for (const value of mean) expect(Math.abs(value - 10)).toBeLessThan(1);
  for (let k = 0; k < 3; k++) {
    expect(Math.abs(components[k * 10 + k])).toBeGreaterThan(0.98);
    expect(variances[k] / (8 * 0.5 ** k) ** 2).toBeCloseTo(1, 0);
  }
});

test('agrees with the eigenvectors of the covariance', async () => {
  const { rows, columns, data } = drawn(60, 6);
  const { mean, components, variances } = await principalComponents({ rows, columns, data }, 6, options);
  const covariance = new Float64Array(36);
  for (let i = 0; i < rows; i++)
    for (let a = 0; a < 6; a++)
      for (let b = 0; b < 6; b++)
        covariance[a * 6 + b] += ((data[i * 6 + a] - mean[a]) * (data[i * 6 + b] - mean[b])) / rows;
  const { values, vectors } = symmetricEigen(covariance, 6);
  for (let k = 0; k < 6; k++) {
    expect(variances[k] / values[k]).toBeCloseTo(1, 4);
    const along = [0, 1, 2, 3, 4, 5].reduce((sum, d) => sum + components[k * 6 + d] * vectors[k * 6 + d], 0);
    expect(Math.abs(along)).toBeCloseTo(1, 4);
  }
});

test('fewer rows than components, and rows that are all alike', async () => {
  const few = await principalComponents(drawn(2, 5), 4, options);
  expect(few.variances).toHaveLength(2);
  expect(few.variances[1]).toBeLessThan(few.variances[0] * 1e-6);
  const alike = await principalComponents({ rows: 9, columns: 3, data: new Float32Array(27).fill(4) }, 2, options);
  expect(alike.variances).toEqual(Float64Array.of(0, 0));
  expect(alike.components.every(Number.isFinite)).toBe(true);
});

const known = z
  .object({
    rows: z.number(),
    columns: z.number(),
    count: z.number(),
    data: z.array(z.number()),
    mean: z.array(z.number()),
    variances: z.array(z.number()),
    components: z.array(z.number()),
    scores: z.array(z.number()),
  })
  .parse(JSON.parse(readFileSync('test/fixtures/numerics/pca.json', 'utf8')));

test('agrees with the PCA of scikit-learn to 1e-4: mean, variances, components, and the rows along them', async () => {
  const { rows, columns, count, data } = known;
  const matrix = { rows, columns, data: Float32Array.from(data) };
  // A few components need passes to settle, all of them none.
  for (const [wanted, passes] of [
    [count, 20],
    [columns, 4],
  ]) {
    const { mean, components, variances } = await principalComponents(matrix, wanted, { ...options, passes });
    for (const [d, value] of mean.entries()) expect(Math.abs(value - known.mean[d])).toBeLessThan(1e-4);
    for (const [k, value] of variances.entries()) expect(Math.abs(value - known.variances[k])).toBeLessThan(1e-4);
    for (let k = 0; k < count; k++) {
      const own = components.subarray(k * columns, (k + 1) * columns);
      const theirs = known.components.slice(k * columns, (k + 1) * columns);
      // A component and its opposite are the same axis.
      const sign = Math.sign(own.reduce((sum, value, d) => sum + value * theirs[d], 0));
      for (const [d, value] of own.entries()) expect(Math.abs(sign * value - theirs[d])).toBeLessThan(1e-4);
      for (let row = 0; row < rows; row++) {
        let score = 0;
        for (let d = 0; d < columns; d++) score += (matrix.data[row * columns + d] - mean[d]) * own[d];
        expect(Math.abs(sign * score - known.scores[row * count + k])).toBeLessThan(1e-4);
      }
    }
  }
});
