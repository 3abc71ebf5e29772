/** What corrected labels gain, measured on photos whose labels were not in question. */

import * as z from 'zod';
import { interval } from '../metrics/evaluation.ts';
import { differenceInterval, foldInflation } from '../metrics/intervals.ts';
import type { Matrix } from '../runtime/platform.ts';
import { isLikeliest, type LabelledPhotos, labelFolds, labelLogits, type Space } from './labelScores.ts';

export const correctionGain = z.object({
  /** Labels that were changed, and photos that were left out. */
  changed: z.number(),
  dropped: z.number(),
  /** Photos whose labels nobody questioned: both models are tested on these alone, out of fold. */
  tested: z.number(),
  /** Accuracy with the old labels and with the corrected ones, and the difference with its 95% interval. */
  before: z.number(),
  after: z.number(),
  gain: interval,
});
export type CorrectionGain = z.infer<typeof correctionGain>;

/** A photo's new class, or `undefined` where it is to be left out. */
export type Corrections = ReadonlyMap<number, number | undefined>;

/**
 * Linear discriminant analysis with the old labels against the same with the corrected ones, in folds that keep groups together.
 * @param questioned photos (rows) that are not tested: all that were in question, whatever was decided
 */
export function gainOf(
  space: Space,
  photos: LabelledPhotos,
  corrections: Corrections,
  questioned: ReadonlySet<number>,
): CorrectionGain | null {
  const changed = [...corrections].filter(([row, label]) => label !== undefined && label !== photos.labels[row]);
  const dropped = new Set([...corrections].flatMap(([row, label]) => (label === undefined ? [row] : [])));
  const labels = photos.labels.slice();
  for (const [row, label] of changed) labels[row] = label ?? 0;
  if (changed.length + dropped.size === 0) return null;
  const before = labelLogits(space, photos);
  const after = labelLogits(space, { ...photos, labels }, dropped);
  const isJudged = ({ columns, data }: Matrix, row: number) => !Number.isNaN(data[row * columns]);
  const tested = [...labels.keys()].filter(
    (row) => !questioned.has(row) && isJudged(before, row) && isJudged(after, row),
  );
  if (tested.length === 0) return null;
  const right = (logits: Matrix, given: Int32Array) => {
    const each = isLikeliest(logits, given);
    return tested.map((row) => Number(each[row]));
  };
  const [old, corrected] = [right(before, photos.labels), right(after, labels)];
  const groups = Int32Array.from(tested, (row) => photos.groups[row] ?? row);
  const share = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const differences = corrected.map((value, at) => value - (old[at] ?? 0));
  return {
    changed: changed.length,
    dropped: dropped.size,
    tested: tested.length,
    before: share(old),
    after: share(corrected),
    gain: differenceInterval(differences, groups, foldInflation(labelFolds)).interval,
  };
}
