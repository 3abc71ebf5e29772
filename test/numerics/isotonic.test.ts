import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rising } from '../../src/numerics/isotonic.ts';
import { mean } from '../../src/numerics/statistics.ts';

// Expected values: scikit-learn 1.2 (sklearn.isotonic.isotonic_regression).
test.each([
  [
    [0.838, 0.843, 0.859, 0.8515, 0.857],
    [0.838, 0.843, 0.85525, 0.85525, 0.857],
  ],
  [
    [3, 1, 2, 5, 4, 4, 6, 0.5],
    [2, 2, 2, 3.9, 3.9, 3.9, 3.9, 3.9],
  ],
  [
    [5, 4, 3, 2, 1],
    [3, 3, 3, 3, 3],
  ],
  [[], []],
])('%j', (values, expected) => {
  const out = rising(values);
  expect(out).toHaveLength(expected.length);
  for (const [i, value] of out.entries()) expect(value).toBeCloseTo(expected[i], 12);
});

test('what rises stays, what comes out rises, and the mean is kept', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1 }), (values) => {
      const out = rising(values);
      expect(out).toHaveLength(values.length);
      for (let i = 1; i < out.length; i++) expect(out[i]).toBeGreaterThanOrEqual(out[i - 1] - 1e-12);
      expect(mean(out)).toBeCloseTo(mean(values), 9);
      const sorted = values.toSorted((a, b) => a - b);
      for (const [i, value] of rising(sorted).entries()) expect(value).toBeCloseTo(sorted[i], 9);
    }),
  );
});
