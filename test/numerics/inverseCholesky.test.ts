import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cholesky, invertLower } from '../../src/numerics/cholesky.ts';
import { inverseCholesky } from '../../src/numerics/inverseCholesky.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';

const context = { openSession, threads: 2 };

/** A A^T + ridge of a drawn A [n, rank]. */
function drawn(n: number, rank: number, ridge: number): Float64Array {
  const random = new Random(`${n}/${rank}`);
  const a = Float64Array.from({ length: n * rank }, () => random.normal());
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < rank; k++) out[i * n + j] += a[i * rank + k] * a[j * rank + k];
      if (i === j) out[i * n + j] += ridge;
    }
  return out;
}

test('in halves it is what it is in one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 400 }), async (n) => {
      const matrix = drawn(n, 8, 1);
      const whole = invertLower(cholesky(matrix, n), n);
      const halves = await inverseCholesky(matrix, n, context);
      const apart = (a: Float64Array, b: Float64Array) =>
        a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at])), 0);
      expect(apart(whole, halves.inverse)).toBeLessThan(1e-9);
      expect(apart(cholesky(matrix, n), halves.factor)).toBeLessThan(1e-9);
    }),
    { numRuns: 12, examples: [[128], [129], [300]] },
  );
});

test('a row that depends on others keeps the pivot that it has in one piece', async () => {
  const n = 200;
  const { inverse, factor } = await inverseCholesky(drawn(n, 6, 0), n, context);
  expect(inverse.every(Number.isFinite)).toBe(true);
  // 1e-10 of the diagonal, whose elements are sums of six squares.
  for (let i = 6; i < n; i++) {
    expect(inverse[i * n + i]).toBeLessThan(1e6);
    expect(factor[i * n + i] * inverse[i * n + i]).toBeCloseTo(1, 9);
  }
});

test('an interruption ends it', async () => {
  const signal = AbortSignal.abort();
  await expect(inverseCholesky(drawn(200, 4, 1), 200, { ...context, signal })).rejects.toThrow();
});
