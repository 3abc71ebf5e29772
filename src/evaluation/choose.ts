/** How a head is come by: chosen inside each training part. */

import { gather } from '../features/mapTable.ts';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { logLoss } from '../metrics/softmaxRows.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { HeadChoice, WidthChoice } from './choices.ts';
import { type Score, type Selection, selectMany, type Training } from './select.ts';

/** What was taken for one training part, chosen and fitted inside it. */
export interface Taken<Settings, Fitted> {
  readonly head: Head<Settings, Fitted>;
  readonly selection: Selection<Settings, Fitted>;
  /** What was compared, where there was more than one to choose from. */
  readonly leaderboard?: HeadChoice | undefined;
  readonly widths?: WidthChoice | undefined;
}

/**
 * How a head is come by: for each training part one of its own, chosen by the folds inside it and fitted on it. What a
 * part takes owes nothing to photos outside it, so a figure from what was kept out is that of the whole procedure.
 * @param onScore told what each setting of the head that is taken is worth; `part` counts the trainings
 */
export type Choose<Settings, Fitted> = (
  problem: Problem,
  trainings: readonly Training[],
  context: FitContext,
  onScore?: (score: Score<Settings>, part: number) => Promise<void> | undefined,
) => Promise<Taken<Settings, Fitted>[]>;

/** No choice but that of the head's settings. */
export function only<Settings, Fitted>(head: Head<Settings, Fitted>): Choose<Settings, Fitted> {
  return async (problem, trainings, context, onScore) => {
    const selections = await selectMany(head, problem, trainings, context, onScore);
    return selections.map((selection) => ({ head, selection }));
  };
}

/** Whether each part has folds to choose by; else none chooses, lest the file's head be come by in another way. */
export function canChoose(trainings: readonly Training[]): boolean {
  return trainings.every(({ innerFolds }) => innerFolds > 1);
}

/**
 * Log-loss of each validated photo, at the temperature that suits them all best, times its weight over their mean.
 */
export function photoLosses(
  { outOfFold, validated }: Selection<unknown, unknown>,
  { weights }: Training,
  { labels }: Problem,
): Float64Array {
  const logits = gather(outOfFold, validated);
  const own = validated.map((row) => labels[row]);
  const given = Float32Array.from(validated, (row) => weights[row]);
  const temperature = fitTemperature(logits, own, given);
  const average = mean(Array.from(given));
  const { data, columns } = logits;
  return Float64Array.from(own, (label, i) => {
    const one = { rows: 1, columns, data: data.subarray(i * columns, (i + 1) * columns) };
    return (logLoss(one, Int32Array.of(label), temperature) * given[i]) / average;
  });
}

/** Share of the validated photos of each inner fold that a head classifies correctly; of folds that have any. */
export function foldAccuracies(
  { outOfFold, validated }: Selection<unknown, unknown>,
  { folds, innerFolds, weights }: Training,
  { labels, classes }: Problem,
): number[] {
  const right = new Float64Array(innerFolds);
  const all = new Float64Array(innerFolds);
  for (const row of validated) {
    // A photo that was never had chooses nothing.
    if (weights[row] === 0) continue;
    const logits = outOfFold.data.subarray(row * classes, (row + 1) * classes);
    if (indexOfLargest(logits) === labels[row]) right[folds[row]]++;
    all[folds[row]]++;
  }
  return [...right].map((count, fold) => count / all[fold]).filter((share) => !Number.isNaN(share));
}

/** What each part took, counted, the most frequent first. */
export function timesTaken<T>(taken: readonly T[]): { readonly value: T; readonly parts: number }[] {
  const times = (value: T) => taken.filter((one) => one === value).length;
  return [...new Set(taken)].map((value) => ({ value, parts: times(value) })).sort((a, b) => b.parts - a.parts);
}
