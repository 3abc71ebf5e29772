import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  betaCdf,
  betaQuantile,
  chiSquareQuantile,
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
  ['student, 4', studentQuantile(0.975, 4), 2.7764451051977934],
  ['student, Cauchy', studentQuantile(0.9, 1), 3.0776835371752544],
  ['student, nearly normal', studentQuantile(0.975, 1e6), 1.959966356814107],
  ['student, 2.5', studentQuantile(0.01, 2.5), -5.353111173030874],
  ['chi-square, 1', chiSquareQuantile(0.95, 1), 3.841458820694124],
  ['chi-square, 10', chiSquareQuantile(0.05, 10), 3.9402991361190605],
  ['chi-square, 1000', chiSquareQuantile(0.5, 1000), 999.333412403381],
  ['beta, low', betaQuantile(0.025, 3, 8), 0.06673951117773447],
  ['beta, high', betaQuantile(0.975, 9, 2), 0.9747892736731666],
  ['beta, narrow', betaQuantile(0.5, 1000, 3000), 0.24995832999084497],
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
  expect([betaQuantile(0, 2, 3), betaQuantile(1, 2, 3)]).toEqual([0, 1]);
  expect([chiSquareQuantile(0, 3), chiSquareQuantile(1, 3)]).toEqual([0, Infinity]);
  expect([normalQuantile(-0.1), betaQuantile(1.1, 1, 1), chiSquareQuantile(Number.NaN, 1)]).toEqual(Array(3).fill(NaN));
});

// From 1 on: below, Beta's density is infinite at the ends, where neighbouring doubles are far apart in probability.
const shape = fc.double({ min: 1, max: 500, noNaN: true });
const probability = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });

test('quantiles invert distribution functions', () => {
  fc.assert(
    fc.property(probability, shape, shape, (p, a, b) => {
      expect(betaCdf(betaQuantile(p, a, b), a, b)).toBeCloseTo(p, 8);
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 10);
    }),
  );
});

test('chi-square with one degree of freedom is the square of a normal, t squared is an F that is a Beta', () => {
  fc.assert(
    fc.property(probability, shape, (p, freedom) => {
      expect(Math.sqrt(chiSquareQuantile(p, 1))).toBeCloseTo(normalQuantile((1 + p) / 2), 7);
      const t = studentQuantile((1 + p) / 2, freedom);
      expect((t * t) / (freedom + t * t)).toBeCloseTo(betaQuantile(p, 0.5, freedom / 2), 7);
    }),
  );
});

test('the largest and the smallest of more values than a call takes arguments', () => {
  const values = Float64Array.from({ length: 300_000 }, (_, i) => ((i * 7919) % 300_000) - 1000);
  expect([largestOf(values), smallestOf(values)]).toEqual([298_999, -1000]);
  expect([largestOf([]), smallestOf([])]).toEqual([-Infinity, Infinity]);
  expect([largestOf([1, Number.NaN]), smallestOf([Number.NaN, 1])]).toEqual([NaN, NaN]);
});
