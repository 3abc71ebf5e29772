/** Group k-fold for one-class heads. */

import type { SplitInput } from './split.ts';
import { assignFolds, groupsOf, orderedGroups } from './stratifiedGroups.ts';

/** Folds that a set is dealt into, unless its normal photos form fewer groups. */
const wanted = 5;

/**
 * Group k-fold of normal (class 0) and other photos (class 1). Every photo is then scored by a head that saw neither it nor
 * its near-duplicates. Photos given as `test` are in no fold: -1.
 * @returns the fold of each photo, and how many folds there are; 0 where all normal photos are one group
 */
export function oneClassFolds(input: SplitInput): { fold: Int32Array; folds: number } {
  const dealt = Array.from(input.labels.keys()).filter((row) => input.given[row] !== 'test');
  const normal = dealt.filter((row) => input.labels[row] === 0);
  const groups = groupsOf(input, normal).length;
  const folds = groups < 2 ? 0 : Math.min(wanted, groups);
  const fold = new Int32Array(input.labels.length).fill(-1);
  for (const row of dealt) fold[row] = 0;
  if (folds > 0) assignFolds(input, orderedGroups(input, dealt, 'one class'), folds, fold);
  return { fold, folds };
}
