import type { Problem } from '../heads/head.ts';
import type { Selection, Training } from '../heads/select.ts';
import { indexOfLargest } from '../numerics/statistics.ts';
import type { Split } from '../split/split.ts';

/**
 * Folds inside the training part, on which choices are made. With a held-out part nothing of it is looked at; where
 * repeated folds measure, the folds of the first repeat serve, so that the figure of what is chosen is slightly flattered.
 * @returns undefined where the photos are too few for inner folds
 */
export function innerTraining(split: Split, photoWeights: Float32Array): Training | undefined {
  const [folds, innerFolds] =
    split.kind === 'holdout' ? [split.inner, split.innerFolds] : [split.assignments[0], split.folds];
  return innerFolds < 2 ? undefined : { folds, innerFolds, weights: photoWeights };
}

/** Accuracy on each inner fold. */
export function foldAccuracies(
  { outOfFold, validated }: Selection<unknown, unknown>,
  { folds, innerFolds }: Training,
  { labels, classes }: Problem,
): number[] {
  const right = new Float64Array(innerFolds);
  const all = new Float64Array(innerFolds);
  for (const row of validated) {
    const logits = outOfFold.data.subarray(row * classes, (row + 1) * classes);
    if (indexOfLargest(logits) === labels[row]) right[folds[row]]++;
    all[folds[row]]++;
  }
  return [...right].map((count, fold) => count / Math.max(1, all[fold]));
}
