import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneClassDual } from '../../src/numerics/oneClassDual.ts';
import { Random } from '../../src/numerics/random.ts';

test('the conditions of the optimum hold, whatever the points, also with room for a few rows only', () => {
  fc.assert(
    fc.property(
      fc.record({
        n: fc.integer({ min: 1, max: 40 }),
        nu: fc.double({ min: 0.02, max: 1, noNaN: true }),
        seed: fc.integer(),
      }),
      ({ n, nu, seed }) => {
        const random = new Random(seed);
        const points = Array.from({ length: n }, () => [Math.round(3 * random.normal()), random.normal()]);
        const kernel = (i: number, j: number) =>
          Math.exp(-0.5 * ((points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2));
        const { alpha, rho } = oneClassDual(n, kernel, nu, { memoryLimit: 3 * 8 * n });
        expect(alpha.reduce((sum, value) => sum + value, 0)).toBeCloseTo(nu * n, 8);
        for (let i = 0; i < n; i++) {
          expect(alpha[i]).toBeGreaterThanOrEqual(0);
          expect(alpha[i]).toBeLessThanOrEqual(1);
          const decision = alpha.reduce((sum, value, j) => sum + value * kernel(i, j), 0) - rho;
          if (alpha[i] < 1) expect(decision).toBeGreaterThan(-1e-5);
          if (alpha[i] > 0) expect(decision).toBeLessThan(1e-5);
        }
      },
    ),
  );
});
