/** What a classifier loses on photos that came out badly. */

import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { predictLogits } from '../heads/predictLogits.ts';
import { corruptions } from '../images/corruptions.ts';
import { interval } from '../metrics/evaluation.ts';
import { differenceInterval, foldInflation } from '../metrics/intervals.ts';
import { gather } from '../numerics/rows.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import { outerParts, type Split } from '../split/split.ts';
import { fitChosen } from './fitChosen.ts';

export const robustness = z.object({
  /** Held-out photos that were looked at again, and their accuracy as they are. */
  photos: z.number().int(),
  accuracy: z.number(),
  /** Accuracy that each kind of bad photo costs, with a 95% interval; what costs most comes first. */
  losses: z.array(z.object({ corruption: z.enum(corruptions), lost: interval })),
  /** What looking at them took, in seconds. */
  seconds: z.number(),
});
export type Robustness = z.infer<typeof robustness>;

/** More photos would cost more time than they tell. */
const mostPhotos = 300;

/** Held-out photos to be looked at again: of many, some at even distances, so that all classes are among them. */
export function robustnessRows(split: Split): number[] {
  const rows = outerParts(split)
    .filter(({ repeat }) => repeat === 0)
    .flatMap(({ heldOut }) => [...heldOut])
    .sort((a, b) => a - b);
  const count = Math.min(mostPhotos, rows.length);
  return Array.from({ length: count }, (_, i) => rows[Math.floor(((i + 0.5) * rows.length) / count)]);
}

/**
 * What each kind of bad photo costs: heads that had not seen the photos answer for them as they are, and as they might have
 * come out.
 * @param problem what heads are fitted on, with views
 * @param rows photos that were looked at again
 * @param corrupted features [rows, D] of these photos, of each kind in the order of `corruptions`
 */
export async function measureRobustness<Settings, Fitted>(
  { head, settings }: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  { problem, split, groups, weights }: RobustnessInput,
  rows: readonly number[],
  corrupted: readonly Matrix[],
  context: FitContext,
): Promise<Omit<Robustness, 'seconds'>> {
  const parts = outerParts(split).filter(({ repeat }) => repeat === 0);
  const fits = parts.map(({ inner }) => ({
    settings,
    weights: weights.map((weight, row) => (inner[row] >= 0 ? weight : 0)),
  }));
  const fitted = await fitChosen(head, problem, fits, context);
  const partOf = new Map(parts.flatMap(({ heldOut }, part) => Array.from(heldOut, (row) => [row, part] as const)));
  const rightOf = async (features: Matrix): Promise<Float64Array> => {
    const answers = await predictLogits(head, fitted, { features }, context);
    return Float64Array.from(rows, (row, i) => {
      const { columns, data } = answers[partOf.get(row) ?? 0];
      return Number(indexOfLargest(data.subarray(i * columns, (i + 1) * columns)) === problem.labels[row]);
    });
  };
  const before = await rightOf(gather(problem.features, rows));
  const owners = Int32Array.from(rows, (row) => groups[row]);
  const inflation = parts.length > 1 ? foldInflation(parts.length) : 1;
  const losses = [];
  for (const [k, corruption] of corruptions.entries()) {
    const after = await rightOf(corrupted[k]);
    const differences = before.map((right, i) => right - after[i]);
    losses.push({ corruption, lost: differenceInterval(differences, owners, inflation).interval });
  }
  return {
    photos: rows.length,
    accuracy: mean(before),
    losses: losses.sort((a, b) => b.lost.value - a.lost.value),
  };
}

export interface RobustnessInput {
  readonly problem: Problem;
  readonly split: Split;
  readonly groups: Int32Array;
  /** [N] Weight of each photo in training. */
  readonly weights: Float32Array;
}
