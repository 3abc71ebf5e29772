/** Out-of-distribution detection: head, threshold and figures for photos of none of the classes. */

import * as z from 'zod/mini';
import type { Inputs } from '../features/mapTable.ts';
import { centreOf, directionsOf } from '../heads/direction.ts';
import type { FitContext } from '../heads/head.ts';
import { scoresOf } from '../heads/oneClass/score.ts';
import { type Subspace, subspace } from '../heads/oneClass/subspace.ts';
import { conformalThreshold } from '../metrics/conformalThreshold.ts';
import { interval } from '../metrics/evaluation.ts';
import { shareInterval } from '../metrics/intervals.ts';
import { auroc } from '../metrics/ranking.ts';
import { aboveOthers, tailThreshold } from '../metrics/tailThreshold.ts';
import type { Rows } from '../numerics/rows.ts';
import { largestOf } from '../numerics/statistics.ts';
import { labelsOf, type Targets } from '../sets/targets.ts';
import { filePart, type Split, type SplitInput } from '../split/split.ts';
import { assignFolds, orderedGroups } from '../split/stratifiedGroups.ts';

/** Out-of-distribution detection as the card stores it; `--json` prints more of it. */
export const unknownCard = z.object({
  /** The one-class head that gives the score. */
  head: z.object({ name: z.string(), settings: z.record(z.string(), z.number()) }),
  /** Photos with a higher `unknownScore` are called unknown. */
  threshold: z.number(),
  /**
   * Share of photos of the known classes that is to be rejected, and what so many photos can promise; whether they are too
   * few to show where the threshold lies, so that it is estimated (files of 0.1 do not say).
   */
  falsePositiveRate: z.object({ target: z.number(), guaranteed: z.number(), estimated: z.optional(z.boolean()) }),
  /** Of photos that neither the head nor the threshold had seen, the share that was rejected; null without such (in files of 0.1: wherever folds judged). */
  rejected: z.nullable(interval),
  /**
   * How well a class is told from the others by a head that was not shown it (where photos have several labels: photos
   * with the label, by a head that was shown none of them): area under the ROC curve, 0.5 is chance; and the share of
   * its photos that lie above a threshold that this head's own kept-out photos set. Of at most ten classes, the largest.
   */
  leaveOneClassOut: z.array(z.object({ label: z.string(), auroc: z.number(), caught: z.number() })),
});
export type Unknown = z.infer<typeof unknownCard>;

/**
 * Folds by which the threshold is found: as many as these photos make, one each. A head that was fitted on a part knows
 * less than the file's and puts the threshold too high; of few photos each counts. Of 150 flowers, twenty folds in place
 * of ten catch 80% of photos of pets in place of 61%.
 */
const foldedPhotos = 3000;
const [fewestFolds, mostFolds] = [3, 30];
/** Classes left out in turn, at most; more would cost more than they show. */
const mostClasses = 10;

export interface UnknownInput extends Targets, Pick<SplitInput, 'groups' | 'ids'> {
  readonly photos: Inputs;
  readonly split: Split;
  /** The file's head is fitted on all photos, those that were held out too. */
  readonly refit: boolean;
  readonly falsePositiveRate: number;
}

/**
 * Fits the out-of-distribution head on all classes together, with a split conformal threshold from out-of-fold scores;
 * near-duplicates stay on one side.
 */
export async function measureUnknown(
  { photos, split, refit, falsePositiveRate, ...set }: UnknownInput,
  context: FitContext,
): Promise<{ fitted: Subspace; unknown: Unknown }> {
  const settings = subspace.defaults;
  const fold = foldsOf(split, { ...set, given: [], seed: context.seed });
  const known = rowsWhere(fold, (value) => value >= 0);
  const test = rowsWhere(fold, (value) => value < 0);
  const { progress, ...quiet } = context;
  const scores = (fitted: Subspace, rows: Int32Array) => scoresOf(subspace, fitted, photos, rows, quiet);

  const outOfFold: number[] = [];
  const judged: number[] = [];
  const folds = largestOf(fold) + 1;
  const leftOut = largest(Array.from(fold, (_, row) => labelsOf(set, row)).flat(), set.classes.length);
  let fits = 0;
  const learn = (rows: Int32Array) => {
    progress?.(fits++, folds + 1 + leftOut.length);
    return subspace.fit(photos, rows, settings, quiet);
  };
  for (let k = 0; k < folds; k++) {
    const [kept, out] = [known.filter((row) => fold[row] !== k), known.filter((row) => fold[row] === k)];
    if (kept.length === 0 || out.length === 0) continue;
    for (const [i, one] of (await scores(await learn(kept), out)).entries()) {
      outOfFold.push(one);
      judged.push(set.groups[out[i]]);
    }
  }
  const owners = Int32Array.from(judged);
  const { threshold, guaranteed, estimated } = tailThreshold(outOfFold, owners, falsePositiveRate);

  const training = await learn(known);
  const tested = await scores(training, test);
  // Without a part held out, each photo is held against the threshold of all others.
  const rejected =
    test.length > 0
      ? shareInterval(
          Array.from(tested, (score) => Number(score > threshold)),
          test.map((row) => set.groups[row]),
        )
      : owners.length > 0
        ? shareInterval(aboveOthers(outOfFold, owners, falsePositiveRate), owners)
        : null;
  const fitted = refit && test.length > 0 ? await learn(rowsWhere(fold, () => true)) : training;

  const leaveOneClassOut = [];
  for (const left of leftOut) {
    const has = (row: number) => labelsOf(set, row).includes(left);
    // About a third of the others is not learned, either, to be told from.
    const kept = known.filter((row) => !has(row) && fold[row] % fewestFolds !== 0);
    const asked = known.filter((row) => has(row) || fold[row] % fewestFolds === 0);
    if (kept.length === 0) continue;
    const found = await scores(await learn(kept), asked);
    const area = auroc(
      found,
      asked.map((row) => Number(has(row))),
    );
    // A head that was shown less puts everything farther away: its threshold is its own, from the others that it never saw.
    const others = asked.map((row, i) => (has(row) ? -1 : i)).filter((i) => i >= 0);
    const limit = tailThreshold(
      others.map((i) => found[i]),
      others.map((i) => set.groups[asked[i]]),
      falsePositiveRate,
    ).threshold;
    const strange = found.filter((_, i) => has(asked[i]));
    const caught = strange.filter((score) => score > limit).length / strange.length;
    if (Number.isFinite(area)) leaveOneClassOut.push({ label: set.classes[left], auroc: area, caught });
  }
  return {
    fitted,
    unknown: {
      head: { name: subspace.name, settings },
      threshold,
      falsePositiveRate: { target: falsePositiveRate, guaranteed, estimated },
      rejected,
      leaveOneClassOut,
    },
  };
}

/**
 * Adds photos of a new kind to the out-of-distribution head, as a region around their mean. The region is as wide as that of
 * the fitted photos, or wider if these photos vary more: by their leave-one-out distances from the mean, at most the target
 * share may be rejected.
 * @param photos [n, D] features of the added photos
 * @returns the head, and the guaranteed false-positive rate for photos like these; 1 for a single photo
 */
export async function makeKnown(
  fitted: Subspace,
  photos: Rows,
  { threshold, falsePositiveRate }: Pick<Unknown, 'threshold' | 'falsePositiveRate'>,
  context: FitContext,
): Promise<{ fitted: Subspace; guaranteed: number }> {
  const { rows, columns } = photos;
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const directions = { rows, columns, data: directionsOf(photos, [...all], new Float32Array(columns)) };
  const mean = centreOf(directions, new Float32Array(rows).fill(1));
  const alone = { ...fitted, regions: [{ mean, scale: 1 }] };
  const distances = await scoresOf(subspace, alone, { features: photos }, all, context);
  // Without itself the mean lies n / (n - 1) times as far.
  const others = rows > 1 ? distances.map((distance) => (distance * rows) / (rows - 1)) : [];
  const reach = conformalThreshold(others, falsePositiveRate.target);
  const scale = rows > 1 && threshold > 0 ? Math.max(1, reach.threshold / threshold) : 1;
  return { fitted: { ...fitted, regions: [...fitted.regions, { mean, scale }] }, guaranteed: reach.guaranteed };
}

/** A fold for each photo, whole groups together; -1: held out. */
function foldsOf(split: Split, input: SplitInput): Int32Array {
  const known = [...rowsWhere(filePart(split).inner, (fold) => fold >= 0)];
  const separate = new Set(known.map((row) => input.groups[row])).size;
  const folds = Math.min(mostFolds, Math.max(fewestFolds, Math.round(foldedPhotos / separate)));
  const into = new Int32Array(input.groups.length).fill(-1);
  assignFolds(input, orderedGroups(input, known, 'unknown'), folds, into);
  return into;
}

function rowsWhere(values: Int32Array, keep: (value: number) => boolean): Int32Array {
  return Int32Array.from(values.keys()).filter((row) => keep(values[row]));
}

function largest(labels: readonly number[], classes: number): number[] {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const order = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
  return order.slice(0, mostClasses).sort((a, b) => a - b);
}
