import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  betaCdf,
  largestOf,
  logGamma,
  mean,
  normalCdf,
  normalQuantile,
  quantile,
  smallestOf,
  studentQuantile,
  variance,
} from '../../src/numerics/statistics.ts';

// Expected values: SciPy 1.15 (scipy.stats, scipy.special), NumPy for quantile.
test.each([
  ['normal 0.975', normalQuantile(0.975), 1.959963984540054],
  ['normal 0.001', normalQuantile(0.001), -3.090232306167813],
  ['normal far tail', normalQuantile(1e-10), -6.361340902404056],
  ['normal cdf', normalCdf(1), 0.8413447460685429],
  ['normal cdf, far tail', normalCdf(-8), 6.22096057427174e-16],
  // Half of the tables' χ² quantiles of twice the degrees of freedom; SciPy's for a shape between.
  ['student, 4', studentQuantile(0.975, 4), 2.7764451051977934],
  ['student, Cauchy', studentQuantile(0.9, 1), 3.0776835371752544],
  ['student, nearly normal', studentQuantile(0.975, 1e6), 1.959966356814107],
  ['student, 2.5', studentQuantile(0.01, 2.5), -5.353111173030874],
  ['log gamma', logGamma(5), Math.log(24)],
  ['log gamma, reflected', logGamma(0.25), 1.2880225246980774],
  ['mean', mean([1, 2, 6]), 3],
  ['variance', variance([1, 2, 6]), 7],
  ['quantile', quantile([10, 1, 3, 2], 0.9), 7.9],
  ['quantile 0', quantile([3, 1], 0), 1],
  ['quantile 1', quantile([3, 1], 1), 3],
])('%s', (_name, actual, expected) => {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-9);
});

test('no values give no figure', () => {
  expect([mean([]), variance([5]), quantile([], 0.5)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test('the ends of the quantiles', () => {
  expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([-Infinity, 0, Infinity]);
  expect([studentQuantile(0, 3), studentQuantile(0.5, 3), studentQuantile(1, 3)]).toEqual([-Infinity, 0, Infinity]);
  expect([normalQuantile(-0.1), normalQuantile(1.1), studentQuantile(Number.NaN, 1)]).toEqual(Array(3).fill(NaN));
});

const freedom = fc.double({ min: 1, max: 500, noNaN: true });
const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

test('quantiles invert distribution functions; t squared is an F, which is a Beta', () => {
  fc.assert(
    fc.property(probability, freedom, (p, freedom) => {
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 10);
      const t = studentQuantile((1 + p) / 2, freedom);
      // In the middle freedom / (freedom + t * t) is so near 1 that rounding leaves half of the digits of t.
      expect(betaCdf((t * t) / (freedom + t * t), 0.5, freedom / 2)).toBeCloseTo(p, 7);
    }),
  );
});

test('the largest and the smallest of more values than a call takes arguments', () => {
  const values = Float64Array.from({ length: 300_000 }, (_, i) => ((i * 7919) % 300_000) - 1000);
  expect([largestOf(values), smallestOf(values)]).toEqual([298_999, -1000]);
  expect([largestOf([]), smallestOf([])]).toEqual([-Infinity, Infinity]);
  expect([largestOf([1, Number.NaN]), smallestOf([Number.NaN, 1])]).toEqual([NaN, NaN]);
});
