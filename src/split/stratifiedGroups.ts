/** Stratified group k-fold, in an order drawn from content and seed. */

import { Random } from '../numerics/random.ts';
import { labelsOf } from '../sets/targets.ts';
import type { SplitInput } from './split.ts';

/** Photos that stay together, in the order in which groups are dealt. */
export interface OrderedGroup {
  readonly rows: readonly number[];
  readonly key: number;
}

/**
 * The groups of the given photos by stratum (class), each in its own shuffled order. A group of several classes counts for
 * the class with the fewest groups, so that a rare class is spread too; groups without a class come last, separately.
 * The order comes from the seed and from content hashes: a group's key is that of its smallest hash.
 */
export function orderedGroups(input: SplitInput, rows: Iterable<number>, purpose: string): OrderedGroup[][] {
  const { classes, ids, seed } = input;
  const members = groupsOf(input, rows);
  const classGroups = groupsPerClass(input, members);
  const strata: OrderedGroup[][] = Array.from({ length: classes.length + 1 }, () => []);
  for (const group of members) {
    let rarest = classes.length;
    let smallest = ids[group[0]];
    for (const row of group) {
      for (const label of labelsOf(input, row))
        if (
          rarest === classes.length ||
          classGroups[label] < classGroups[rarest] ||
          (classGroups[label] === classGroups[rarest] && label < rarest)
        )
          rarest = label;
      if (ids[row] < smallest) smallest = ids[row];
    }
    strata[rarest].push({ rows: group, key: new Random(`${seed}/${purpose}/${smallest}`).uniform() });
  }
  for (const hands of strata) hands.sort((a, b) => a.key - b.key);
  return strata;
}

/** The given photos by group, each group's in the given order. */
export function groupsOf({ groups }: SplitInput, rows: Iterable<number>): number[][] {
  const members = new Map<number, number[]>();
  for (const row of rows) {
    const known = members.get(groups[row]);
    if (known) known.push(row);
    else members.set(groups[row], [row]);
  }
  return [...members.values()];
}

/** In how many of the groups each class occurs. */
export function groupsPerClass(input: SplitInput, groups: readonly (readonly number[])[]): number[] {
  const counts = input.classes.map(() => 0);
  for (const rows of groups)
    for (const label of new Set(rows.flatMap((row) => labelsOf(input, row)))) counts[label] += 1;
  return counts;
}

/** About the given share of each class, in photos: the first groups of each shuffled class that fit. */
export function takeShare(strata: readonly (readonly OrderedGroup[])[], share: number): number[] {
  const part: number[] = [];
  for (const hands of strata) {
    const wanted = share * photos(hands);
    let taken = 0;
    for (const { rows } of hands) {
      // A group is taken where it brings the count nearer to what is wanted.
      if (taken + rows.length / 2 > wanted) continue;
      taken += rows.length;
      for (const row of rows) part.push(row);
    }
  }
  return part;
}

/**
 * Stratified group k-fold: divides each class into k runs of about equal size and writes the fold of each photo.
 * Runs, not turns: one more photo then moves at most one group across each border. Where a class has as many groups
 * as folds, each fold gets one. The class's name decides which fold gets its first run, so that remainders do not
 * pile up in the same fold.
 */
export function assignFolds(
  { classes, seed }: SplitInput,
  strata: readonly (readonly OrderedGroup[])[],
  folds: number,
  into: Int32Array,
): void {
  for (const [label, hands] of strata.entries()) {
    const all = photos(hands);
    const first = new Random(`${seed}/first fold/${classes[label] ?? ''}`).int(folds);
    let before = 0;
    let run = 0;
    for (const [place, { rows }] of hands.entries()) {
      const even = Math.floor((folds * (before + rows.length / 2)) / all);
      const atLeast = Math.max(run, folds - (hands.length - place));
      const atMost = place === 0 ? 0 : run + 1;
      run = Math.min(Math.max(even, atLeast), atMost);
      for (const row of rows) into[row] = (first + run) % folds;
      before += rows.length;
    }
  }
}

function photos(hands: readonly OrderedGroup[]): number {
  return hands.reduce((sum, { rows }) => sum + rows.length, 0);
}
