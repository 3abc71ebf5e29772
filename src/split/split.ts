/** The types of a split: held-out part or repeated folds. */

import type { Targets } from '../sets/targets.ts';

/** The input of a split: plain arrays, one entry per photo. */
export interface SplitInput extends Targets {
  /** Group of each photo, 0 .. groups - 1; photos of one group stay on one side. */
  readonly groups: Int32Array;
  /** SHA-256 of each photo's bytes; the random order depends on it, so that names do not matter. */
  readonly ids: readonly string[];
  /** Sides that the user has chosen. */
  readonly given: readonly ('train' | 'val' | 'test' | undefined)[];
  readonly seed: number;
  /** Cross-validation with this many folds, as the user asked; undefined: hold a part out where the set allows it. */
  readonly folds?: number | undefined;
  /** With `folds`: how often they are drawn anew, for comparisons; undefined: the fewer photos, the more often. */
  readonly repeats?: number | undefined;
  /** Without `repeats`: how often they are drawn anew at the most; 5 unless told. */
  readonly mostRepeats?: number | undefined;
}

/** A held-out test part, used once. */
export interface Holdout {
  readonly kind: 'holdout';
  /** Photos (row numbers) to train on and to test on, ascending. */
  readonly train: Int32Array;
  readonly test: Int32Array;
  /**
   * Inner fold of each photo: settings and calibration are chosen with these. -1 for test photos; `innerFolds` for
   * photos that are only trained on, since their class has no second group in the training part.
   */
  readonly inner: Int32Array;
  /** 0 where no class has two groups to train on: nothing can be chosen. */
  readonly innerFolds: number;
  /** Leaks: training photos whose group has a test photo; 0 unless the user's own split divides a group. */
  readonly leaks: number;
  /** In words: how and why the set was split like this. */
  readonly reason: string;
}

/** Repeated stratified cross-validation. */
export interface Folds {
  readonly kind: 'folds';
  readonly folds: number;
  /** One entry a repeat: the fold of each photo. */
  readonly assignments: readonly Int32Array[];
  /** inner[r][k]: inner folds, as above, when fold k of repeat r is held out; -1 for the photos of fold k. */
  readonly inner: readonly (readonly Int32Array[])[];
  readonly innerFolds: number;
  readonly reason: string;
}

export type Split = Holdout | Folds;

/** A split in figures. */
export interface SplitSizes {
  /** Photos to train on and to test on; with folds, all photos, and those of one fold on average. */
  readonly train: number;
  readonly test: number;
  readonly folds: number;
  readonly repeats: number;
  readonly leaks: number;
}

export function splitSizes(split: Split): SplitSizes {
  if (split.kind === 'holdout') {
    const { train, test, innerFolds, leaks } = split;
    return { train: train.length, test: test.length, folds: innerFolds, repeats: 1, leaks };
  }
  const { folds, assignments } = split;
  const photos = assignments[0].length;
  return { train: photos, test: Math.round(photos / folds), folds, repeats: assignments.length, leaks: 0 };
}

/** Photos (row numbers) that the file's head learns from. */
export function learnedRows(split: Split, refit: boolean): number[] {
  if (split.kind === 'holdout' && !refit) return [...split.train];
  return [...(split.kind === 'holdout' ? split.inner : split.assignments[0]).keys()];
}

/** A training part with its inner folds (for choices and calibration), and its held-out photos. */
export interface Part {
  /** Inner fold of each photo; -1: kept out; equal to innerFolds: always trained on. */
  readonly inner: Int32Array;
  /** Below 2 there is nothing to choose by. */
  readonly innerFolds: number;
  /** Rows that this part's head is tested on; none of them influences a choice, a fit or a calibration. */
  readonly heldOut: Int32Array;
  /** Number of the repeat, from 0; each repeat judges every photo that is judged at all, once. */
  readonly repeat: number;
}

/** Outer parts of nested cross-validation: one with a held-out part, otherwise one for each fold of each repeat. */
export function outerParts(split: Split): Part[] {
  if (split.kind === 'holdout')
    return [{ inner: split.inner, innerFolds: split.innerFolds, heldOut: split.test, repeat: 0 }];
  return split.assignments.flatMap((assignment, repeat) =>
    split.inner[repeat].map((inner, fold) => ({
      inner,
      innerFolds: split.innerFolds,
      heldOut: assignment.map((_, row) => row).filter((row) => assignment[row] === fold),
      repeat,
    })),
  );
}

/** The part that the file's head is chosen and fitted on: with folds all photos, which judge nothing here. */
export function filePart(split: Split): Part {
  if (split.kind === 'holdout') return outerParts(split)[0];
  return { inner: split.assignments[0], innerFolds: split.folds, heldOut: new Int32Array(), repeat: 0 };
}

/** Every part that a head is fitted on: those that measure, and last the file's own. */
export function fittedParts(split: Split): Part[] {
  const measured = outerParts(split);
  return split.kind === 'holdout' ? measured : [...measured, filePart(split)];
}
