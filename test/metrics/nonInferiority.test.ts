import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareFolds } from '../../src/metrics/compare.ts';
import { narrowestNonInferior } from '../../src/metrics/nonInferiority.ts';
import { mean } from '../../src/numerics/statistics.ts';

/** The means of the sample image set's principal components, of which 256 lie just beyond the margin by chance. */
const sample = [0.127, 0.255, 0.439, 0.582, 0.78, 0.838, 0.843, 0.859, 0.8515, 0.857];

/** Folds around a mean, by shifts that add up to nothing. */
const around = (centre: number, shifts: readonly number[]) => {
  const middle = mean(shifts);
  return shifts.map((shift) => centre + shift - middle);
};
const shifts = fc.array(fc.double({ min: -0.03, max: 0.03, noNaN: true }), { minLength: 5, maxLength: 5 });
const curve = fc
  .array(fc.tuple(fc.double({ min: 0.3, max: 0.95, noNaN: true }), shifts), { minLength: 2, maxLength: 11 })
  .map((widths) => widths.map(([centre, own]) => around(centre, own)));
const margins = fc.double({ min: 0, max: 0.1, noNaN: true });

test('one unlucky width does not speak against a narrower one, nor one lucky width for it', () => {
  const figures = sample.map((centre, k) => around(centre, [0.02, -0.01, 0.005 * k, -0.02, 0.01 * (k % 3)]));
  expect(narrowestNonInferior(figures, 0.005, 0.25)).toBe(7);
  // Two units do as well as all, and four do not: that was luck.
  const lucky = [0.5, 0.9, 0.85, 0.9, 0.9].map((centre) => around(centre, [0.01, -0.01, 0, 0.005, -0.005]));
  expect(narrowestNonInferior(lucky, 0.005, 0.25)).toBe(3);
});

test('a loss within the margin that all folds show is measurable, and not enough', () => {
  const full = [0.9, 0.91, 0.9, 0.89, 0.9];
  const less = full.map((value, fold) => value - 0.004 - 0.0001 * fold);
  expect(narrowestNonInferior([less, full], 0.005, 0.25)).toBe(1);
  expect(narrowestNonInferior([full, full], 0, 0.25)).toBe(0);
});

test('what is chosen loses no more than the margin and is not measurably worse, as it was measured', () => {
  fc.assert(
    fc.property(curve, margins, (figures, margin) => {
      const chosen = figures[narrowestNonInferior(figures, margin, 0.25)];
      const { difference, better } = compareFolds(chosen, figures[figures.length - 1], 0.25);
      expect(difference.value).toBeGreaterThanOrEqual(-margin - 1e-8);
      expect(better).not.toBe('second');
    }),
  );
});

test('a wider margin never asks for more units', () => {
  fc.assert(
    fc.property(curve, margins, margins, (figures, a, b) => {
      const [least, most] = [Math.min(a, b), Math.max(a, b)];
      expect(narrowestNonInferior(figures, most, 0.25)).toBeLessThanOrEqual(narrowestNonInferior(figures, least, 0.25));
    }),
  );
});

test('where accuracy rises with width, every wider one than the answer is within the margin, too', () => {
  fc.assert(
    fc.property(curve, margins, (drawn, margin) => {
      const figures = drawn.toSorted((a, b) => mean(a) - mean(b));
      const full = mean(figures[figures.length - 1]);
      for (const wider of figures.slice(narrowestNonInferior(figures, margin, 0.25)))
        expect(mean(wider)).toBeGreaterThanOrEqual(full - margin - 1e-8);
    }),
  );
});

test('the order of the folds, and a shift that all widths share, change nothing', () => {
  fc.assert(
    fc.property(curve, shifts, (figures, shared) => {
      const moved = figures.map((each) => each.map((value, fold) => value + shared[fold]).reverse());
      // Near a tie of test or margin rounding may decide: such draws say nothing.
      const sides = [0.0049, 0.0051].map((margin) => narrowestNonInferior(figures, margin, 0.25));
      fc.pre(sides[0] === sides[1]);
      expect(narrowestNonInferior(moved, 0.005, 0.25)).toBe(sides[0]);
    }),
  );
});
