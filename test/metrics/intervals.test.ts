import { expect, test } from 'vitest';
import { foldInflation, shareInterval } from '../../src/metrics/intervals.ts';

const none = (photos: number, folds?: number) =>
  shareInterval(
    new Float64Array(photos),
    Int32Array.from({ length: photos }, (_, i) => i),
    folds && foldInflation(folds),
  );

test.each([2, 5, 10])(
  'where not one photo of few was right in %i folds, the interval says how few they were',
  (folds) => {
    const highs = [5, 10, 50, 500].map((photos) => none(photos, folds).high);
    expect(highs).toEqual([...highs].sort((a, b) => b - a));
    for (const [at, photos] of [5, 10, 50, 500].entries()) {
      expect(none(photos, folds).low).toBe(0);
      // A share of three in `photos` is seen as none once in twenty times; folds that learned from fewer photos allow for no less.
      expect(highs[at]).toBeGreaterThan(1.8 / photos);
      expect(highs[at]).toBeGreaterThan(0.9 * none(photos).high);
    }
  },
);
