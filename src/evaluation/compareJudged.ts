import { indexOfLargest, largestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import { type Comparison, compareHoldout, compareOverFolds } from './compare.ts';
import { meanOverRepeats } from './intervals.ts';

/** Answers for photos that were kept out of training, as `judge` gives them. */
interface Answers {
  /** Photo of each judged row. */
  readonly rows: Int32Array;
  /** [rows, classes] */
  readonly logits: Matrix;
  /** Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
  readonly photosOnce: number;
}

/**
 * Two judgements of the same photos in the same split: is one more often right?
 * @param labels class of each photo
 * @param groups group of each photo
 */
export function compareJudged(
  first: Answers,
  second: Answers,
  labels: Int32Array,
  groups: Int32Array,
  seed: number,
): Comparison {
  const { rows, folds, photosOnce } = first;
  const [one, other] = [rightOnes(first, labels), rightOnes(second, labels)];
  const own = rows.subarray(0, photosOnce).map((row) => groups[row]);
  if (!folds) return compareHoldout(one, other, own, seed);
  const perRepeat = (largestOf(folds) + 1) / (rows.length / photosOnce);
  return compareOverFolds(meanOverRepeats(one, photosOnce), meanOverRepeats(other, photosOnce), own, perRepeat);
}

/** 1 for each judged row whose likeliest class is the photo's own, else 0. */
function rightOnes({ rows, logits: { columns, data } }: Answers, labels: Int32Array): Float32Array {
  return Float32Array.from(rows, (photo, row) => {
    const logits = data.subarray(row * columns, (row + 1) * columns);
    return Number(indexOfLargest(logits) === labels[photo]);
  });
}
