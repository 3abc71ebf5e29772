/** The narrowest non-inferior bottleneck, by isotonic regression. */

import { rising } from '../numerics/isotonic.ts';
import { mean } from '../numerics/statistics.ts';
import { compareFolds } from './compare.ts';

/** Accuracy that a narrow bottleneck may lose where nothing else is asked for: half a point. */
export const usualMargin = 0.005;
/** Far below one photo in a million: differences of shares are not exact. */
const rounding = 1e-9;

/**
 * How narrow may it be? The smallest width that loses no more than the margin and is not measurably worse than the
 * widest in a paired test. More units cannot tell less, so where accuracy falls as width grows that is chance, and what is
 * held against the margin is the curve without it (isotonic regression): a width that does well by luck is pooled with
 * wider ones that do worse, and one unlucky width among ten does not speak against all narrower ones. The width that is
 * returned also loses no more than the margin as it was measured: the first of a pool lies above its mean, the last
 * below.
 * @param figures figures[width][fold]: accuracy, the narrowest first, the widest last; the same folds for all
 * @param testToTrain photos tested on to photos trained on, in a fold
 * @returns its place in `figures`
 */
export function narrowestNonInferior(
  figures: readonly (readonly number[])[],
  margin: number,
  testToTrain: number,
): number {
  const widest = figures[figures.length - 1];
  const curve = rising(figures.map(mean));
  const least = curve[curve.length - 1] - margin - rounding;
  return figures.findIndex(
    (each, place) => curve[place] >= least && compareFolds(each, widest, testToTrain).better !== 'second',
  );
}
