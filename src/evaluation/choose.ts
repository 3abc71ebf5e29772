/** Model selection: a head chosen inside each training part (nested cross-validation). */

import type { FitContext, Head, Problem } from '../heads/head.ts';
import { labelLosses } from '../metrics/scoreLabels.ts';
import { logLoss } from '../metrics/softmaxRows.ts';
import { gather } from '../numerics/rows.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { FinetuneChoice, HeadChoice, RepresentationChoice, WidthChoice } from './choices.ts';
import { type Score, type Selection, selectMany, type Training } from './select.ts';

/** A training part, inside which a head is chosen too: what is compared photo by photo is as sure as its groups are many. */
export interface Choosing extends Training {
  /** [N] Group of each photo. */
  readonly groups: Int32Array;
}

/** The head of one training part, chosen and fitted inside it. */
export interface Taken<Settings, Fitted> {
  readonly head: Head<Settings, Fitted>;
  readonly selection: Selection<Settings, Fitted>;
  /** What was compared, where there was more than one to choose from. */
  readonly leaderboard?: HeadChoice | undefined;
  readonly widths?: WidthChoice | undefined;
  /** What was chosen of how the photos are seen and read, in the order of the choices. */
  readonly representations?: readonly RepresentationChoice[] | undefined;
  /** The frozen network against its fine-tuned last stage, where that was tried. */
  readonly finetuning?: FinetuneChoice | undefined;
}

/**
 * Chooses and fits a head for each training part, using only the folds inside it. No photo outside a part influences its
 * choice, so a figure on held-out photos evaluates the whole procedure (nested cross-validation).
 * @param onScore called with the score of each setting of the chosen head; `part` counts the trainings
 */
export type Choose<Settings, Fitted> = (
  problem: Problem,
  trainings: readonly Choosing[],
  context: FitContext,
  onScore?: (score: Score<Settings>, part: number) => Promise<void> | undefined,
) => Promise<Taken<Settings, Fitted>[]>;

/** One fixed head: only its settings are chosen. */
export function only<Settings, Fitted>(head: Head<Settings, Fitted>): Choose<Settings, Fitted> {
  return async (problem, trainings, context, onScore) => {
    const selections = await selectMany(head, problem, trainings, context, onScore);
    return selections.map((selection) => ({ head, selection }));
  };
}

/** Whether every part has inner folds. If not, none chooses, so that the file's head is made in the same way as the others. */
export function canChoose(trainings: readonly Training[]): boolean {
  return trainings.every(({ innerFolds }) => innerFolds > 1);
}

/** [N] Log-loss of each validated photo, calibrated on these photos, times its relative weight. */
export function photoLosses(
  { outOfFold, validated }: Selection<unknown, unknown>,
  { weights }: Training,
  { labels, truth }: Problem,
): Float64Array {
  const given = Float32Array.from(validated, (row) => weights[row]);
  if (truth) {
    const all = mean(Array.from(given));
    return labelLosses(outOfFold, truth, validated, weights).losses.map((loss, i) => (loss * given[i]) / all);
  }
  const logits = gather(outOfFold, validated);
  const own = validated.map((row) => labels[row]);
  const temperature = fitTemperature(logits, own, given);
  const average = mean(Array.from(given));
  const { data, columns } = logits;
  return Float64Array.from(own, (label, i) => {
    const one = { rows: 1, columns, data: data.subarray(i * columns, (i + 1) * columns) };
    return (logLoss(one, Int32Array.of(label), temperature) * given[i]) / average;
  });
}

/** Groups of the photos that a selection was validated on, in their order, and how many there are. */
export function validatedGroups(
  { validated }: Pick<Selection<unknown, unknown>, 'validated'>,
  { groups }: Choosing,
): { readonly groups: Int32Array; readonly count: number } {
  const own = validated.map((row) => groups[row]);
  return { groups: own, count: new Set(own).size };
}

/**
 * Share of the validated photos of each inner fold that a head classifies correctly (several labels: of photos and labels);
 * of folds that have any.
 */
export function foldAccuracies(
  { outOfFold, validated }: Selection<unknown, unknown>,
  { folds, innerFolds, weights }: Training,
  { labels, truth, classes }: Problem,
): number[] {
  const right = new Float64Array(innerFolds);
  const all = new Float64Array(innerFolds);
  const hits = truth && labelLosses(outOfFold, truth, validated, weights).right;
  for (const [i, row] of validated.entries()) {
    // A photo that was never had chooses nothing.
    if (weights[row] === 0) continue;
    const logits = outOfFold.data.subarray(row * classes, (row + 1) * classes);
    right[folds[row]] += hits ? hits[i] : Number(indexOfLargest(logits) === labels[row]);
    all[folds[row]]++;
  }
  return [...right].map((count, fold) => count / all[fold]).filter((share) => !Number.isNaN(share));
}

/** The choices of the parts with their counts, the most frequent first. */
export function timesTaken<T>(taken: readonly T[]): { readonly value: T; readonly parts: number }[] {
  const times = (value: T) => taken.filter((one) => one === value).length;
  return [...new Set(taken)].map((value) => ({ value, parts: times(value) })).sort((a, b) => b.parts - a.parts);
}
