import { largestOf, mean, studentQuantile, variance } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import { averagePrecisions } from './averagePrecisions.ts';
import { type Comparison, compareFolds, verdict } from './compare.ts';
import { twoSided } from './intervals.ts';
import { overSamples } from './labelSamples.ts';

/** Answers for photos that were kept out of training, as `judgeLabels` gives them. */
export interface RankedPhotos {
  /** Photo of each judged row. */
  readonly rows: Int32Array;
  /** [rows, labels] */
  readonly probabilities: Matrix;
  /** Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
  readonly photosOnce: number;
}

/**
 * Two judgements of the same photos in the same split: which has the higher mean average precision? It is what the field
 * compares classifiers of several labels by (PASCAL VOC, COCO, NUS-WIDE); unlike F1 it does not hang on where the
 * thresholds came to stand, which chance moves.
 * @param truth [photos, labels], 1 where the photo has the label
 * @param groups group of each photo
 */
export function compareLabels(
  first: RankedPhotos,
  second: RankedPhotos,
  truth: Uint8Array,
  groups: Int32Array,
  seed: number,
): Comparison {
  const { rows, folds, photosOnce, probabilities } = first;
  const truthOf = truthRows(truth, rows, probabilities.columns);
  if (!folds)
    return compareRankings(
      probabilities,
      second.probabilities,
      truthOf,
      rows.map((row) => groups[row]),
      seed,
    );
  const count = largestOf(folds) + 1;
  const perFold = ({ probabilities: ranked }: RankedPhotos) => {
    const figure = meanAveragePrecision(ranked, truthOf);
    return Array.from({ length: count }, (_, fold) => figure(Float64Array.from(folds, (own) => Number(own === fold))));
  };
  const perRepeat = count / (rows.length / photosOnce);
  const photos = new Set(rows.map((row) => groups[row])).size;
  return compareFolds(perFold(first), perFold(second), 1 / (perRepeat - 1), photos);
}

/**
 * Compares on one held-out part: Student's t with the variance of the paired bootstrap, in which the same photos are drawn
 * for both, whole groups at a time (Efron and Tibshirani 1993).
 * @param first [rows, labels]; `second` likewise, for the same rows
 * @param truth [rows, labels]
 */
export function compareRankings(
  first: Matrix,
  second: Matrix,
  truth: Uint8Array,
  groups: Int32Array,
  seed: number,
): Comparison {
  const [one, other] = [first, second].map((ranked) => meanAveragePrecision(ranked, truth));
  const differenceOf = (times: Float64Array) => one(times) - other(times);
  const differences = overSamples(groups, first.columns, seed, differenceOf).filter(Number.isFinite);
  const value = differenceOf(new Float64Array(first.rows).fill(1));
  if (differences.length > 0 && differences.every((each) => each === 0)) return verdict({ value, low: 0, high: 0 }, 1);
  const count = new Set(groups).size;
  if (differences.length < 2 || count < 2) return verdict({ value, low: -1, high: 1 }, 1);
  const error = Math.sqrt(variance(differences));
  const reach = studentQuantile(0.975, count - 1) * error;
  // Without a single photo that is ranked differently there still may be some (rule of three).
  const half = Math.max(reach, 3 / count);
  const interval = { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) };
  return verdict(interval, value === 0 ? 1 : twoSided(value / (error * (half / reach)), count - 1));
}

/** Mean over the labels that some row has, each row counted as often as told. */
export function meanAveragePrecision(ranked: Matrix, truth: Uint8Array): (times: Float64Array) => number {
  const each = averagePrecisions(ranked, truth);
  return (times) => mean(each(times).filter(Number.isFinite));
}

/** The truth of judged rows, from that of photos. */
export function truthRows(truth: Uint8Array, rows: Int32Array, columns: number): Uint8Array {
  const out = new Uint8Array(rows.length * columns);
  for (const [i, row] of rows.entries()) out.set(truth.subarray(row * columns, (row + 1) * columns), i * columns);
  return out;
}
