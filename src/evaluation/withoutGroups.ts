/** The figure that a random split without groups would give. */

import { type FitContext, type Head, type Problem, photosOf } from '../heads/head.ts';
import { predictLogits } from '../heads/predictLogits.ts';
import { overSamples } from '../metrics/bootstrap.ts';
import type { Interval } from '../metrics/evaluation.ts';
import { figureInterval, foldInflation, shareInterval } from '../metrics/intervals.ts';
import type { Metric } from '../metrics/metric.ts';
import { variance } from '../numerics/statistics.ts';
import type { Targets } from '../sets/targets.ts';
import { makeSplit } from '../split/makeSplit.ts';
import { outerParts, type Split, type SplitInput } from '../split/split.ts';
import { fitChosen } from './fitChosen.ts';

/**
 * The metric on a random split that ignores groups, with the same head and settings. It shows by how much near-duplicates on
 * both sides would inflate the figure (leakage); nothing is chosen by it.
 * @returns undefined if there are no groups, or if the user has chosen the parts
 */
export async function measureWithoutGroups<T extends Targets, Settings, Fitted>(
  metric: Metric<T>,
  { head, settings }: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  problem: Problem,
  split: Split,
  input: SplitInput & T & { readonly photoWeights: Float32Array },
  context: FitContext,
): Promise<Interval | undefined> {
  const { labels, groups, given, photoWeights } = input;
  if (new Set(groups).size === groups.length || given.some((side) => side !== undefined)) return undefined;
  const alone = Int32Array.from(labels.keys());
  const folds = outerParts(split).filter(({ repeat }) => repeat === 0).length;
  const asked = folds > 1 ? { folds, repeats: 1 } : {};
  const torn = makeSplit({ ...input, groups: alone, folds: undefined, repeats: undefined, ...asked });
  const parts = outerParts(torn);
  const fits = parts.map(({ inner }) => ({
    settings,
    weights: photoWeights.map((weight, row) => (inner[row] < 0 ? 0 : weight)),
  }));
  const fitted = await fitChosen(head, problem, fits, context);
  const answers = await predictLogits(head, fitted, photosOf(problem), context);
  const rows = Int32Array.from(parts.flatMap(({ heldOut }) => Array.from(heldOut)));
  const width = metric.width(input);
  const outcomes = { rows: rows.length, columns: width, data: new Float32Array(rows.length * width) };
  let place = 0;
  for (const [part, { heldOut }] of parts.entries()) {
    const { columns, data } = answers[part];
    for (const row of heldOut) {
      const answer = data.subarray(row * columns, (row + 1) * columns);
      metric.outcome(answer, input, row, outcomes.data.subarray(place * width, (place + 1) * width));
      place++;
    }
  }
  const inflation = parts.length > 1 ? foldInflation(parts.length) : 1;
  if (metric.isMean) return shareInterval(outcomes.data, alone.subarray(0, rows.length), inflation);
  const figure = metric.of(outcomes, input, rows);
  const samples = overSamples(rows, input.classes.length, context.seed, figure).filter(Number.isFinite);
  const error = samples.length > 1 ? variance(samples) * inflation : 1;
  return figureInterval(figure(new Float64Array(rows.length).fill(1)), rows, error);
}
