/** Groups of equal and nearly equal photos: which to keep, which have two labels, which leak across a given split. */

import * as z from 'zod';
import { interval } from '../metrics/evaluation.ts';
import { foldInflation, shareInterval } from '../metrics/intervals.ts';
import type { AboutPhoto } from './shortcut.ts';

const copy = z.object({
  path: z.string(),
  label: z.string().nullable(),
  width: z.number(),
  height: z.number(),
  /** See `photoAppearance`; null where it is not known. */
  sharpness: z.number().nullable(),
  /** The one to keep: the largest, of several the sharpest. */
  keep: z.boolean(),
  /** The part of a given split that it is in. */
  split: z.enum(['train', 'val', 'test']).nullable(),
});

export const duplicateGroups = z.object({
  /** Largest groups first; in each, the one to keep first. */
  groups: z.array(
    z.object({
      photos: z.array(copy),
      /** Whether all have the same bytes. */
      equal: z.boolean(),
      /** Whether they have several labels. */
      conflict: z.boolean(),
      /** Whether a given split puts them on both sides of its test. */
      leak: z.boolean(),
    }),
  ),
  /** Photos that could be left out. */
  spare: z.number(),
  /** Of a simple model (linear discriminant analysis) in folds: with groups kept together, and without. */
  accuracy: z.object({ together: interval, apart: interval }).nullable(),
});
export type DuplicateGroupsFound = z.infer<typeof duplicateGroups>;

export interface Copy extends AboutPhoto {
  readonly label: string | null;
  readonly sha256: string;
  readonly split: 'train' | 'val' | 'test' | undefined;
}

/** @param sets photos (rows) that are equal or nearly so */
export function describeDuplicates(
  photos: readonly Copy[],
  sets: readonly (readonly number[])[],
  accuracy: DuplicateGroupsFound['accuracy'],
): DuplicateGroupsFound {
  const groups = sets.map((rows) => {
    const own = rows.flatMap((row) => photos[row] ?? []).toSorted(better);
    const sides = new Set(own.flatMap(({ split }) => (split === undefined ? [] : [split === 'test'])));
    return {
      photos: own.map(({ path, label, width, height, facts, split }, place) => ({
        path,
        label,
        width,
        height,
        sharpness: facts?.appearance?.sharpness ?? null,
        keep: place === 0,
        split: split ?? null,
      })),
      equal: own.every(({ sha256 }) => sha256 === own[0]?.sha256),
      conflict: own.some(({ label }) => label !== own[0]?.label),
      leak: sides.size > 1,
    };
  });
  return {
    groups: groups.sort(
      (a, b) =>
        Number(b.conflict) - Number(a.conflict) || Number(b.leak) - Number(a.leak) || b.photos.length - a.photos.length,
    ),
    spare: groups.reduce((sum, group) => sum + group.photos.length - 1, 0),
    accuracy,
  };
}

/** Larger first, then sharper, then by name. */
function better(a: Copy, b: Copy): number {
  const sharpness = (photo: Copy) => photo.facts?.appearance?.sharpness ?? 0;
  return b.width * b.height - a.width * a.height || sharpness(b) - sharpness(a) || (a.path < b.path ? -1 : 1);
}

/** Share of photos whose own label is the likeliest. */
export function foldAccuracy(isRight: readonly boolean[], groups: Int32Array, folds: number): z.infer<typeof interval> {
  return shareInterval(isRight.map(Number), groups, foldInflation(folds));
}
