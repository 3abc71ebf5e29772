import { indexOfLargest, largestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import { type Comparison, compareFolds, compareHoldout } from './compare.ts';

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
  if (!folds)
    return compareHoldout(
      rightOnes(first, labels),
      rightOnes(second, labels),
      rows.map((row) => groups[row]),
      seed,
    );
  const perRepeat = (largestOf(folds) + 1) / (rows.length / photosOnce);
  return compareFolds(foldAccuracies(first, labels), foldAccuracies(second, labels), 1 / (perRepeat - 1));
}

/** 1 for each judged row whose likeliest class is the photo's own, else 0. */
function rightOnes({ rows, logits: { columns, data } }: Answers, labels: Int32Array): Float32Array {
  return Float32Array.from(rows, (photo, row) => {
    const logits = data.subarray(row * columns, (row + 1) * columns);
    return Number(indexOfLargest(logits) === labels[photo]);
  });
}

function foldAccuracies(answers: Answers, labels: Int32Array): number[] {
  const right = rightOnes(answers, labels);
  const sums: { right: number; all: number }[] = [];
  answers.folds?.forEach((fold, row) => {
    sums[fold] ??= { right: 0, all: 0 };
    sums[fold].right += right[row];
    sums[fold].all++;
  });
  return sums.map(({ right, all }) => right / all);
}
