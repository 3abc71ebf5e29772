/** Compares all heads inside each training part; takes the simplest of the nearly best. */

import type { FitContext, Problem } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { compareFolds, nearlyBest } from '../metrics/compare.ts';
import { foldShare } from '../metrics/intervals.ts';
import { partOf } from '../numerics/progress.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import type { HeadChoice } from './choices.ts';
import {
  type Choose,
  type Choosing,
  canChoose,
  foldAccuracies,
  only,
  photoLosses,
  type Taken,
  validatedGroups,
} from './choose.ts';
import { type Selection, selectMany } from './select.ts';

/** A head on all training parts: its accuracy on each inner fold, its loss of each photo, and the seconds that it took. */
interface Tried {
  readonly head: AnyHead;
  readonly selections: readonly Selection<unknown, unknown>[];
  /** figures[part][fold] */
  readonly figures: readonly (readonly number[])[];
  /** losses[part][photo] */
  readonly losses: readonly Float64Array[];
  readonly seconds: number;
}

/**
 * Compares heads by cross-validation inside each training part; each part takes the simplest one whose log-loss is within
 * half a standard error of the lowest (compare.ts). Each head chooses its settings on the same folds.
 * @param heads the simplest first; the first one is always tried
 * @param otherwise used if there are too few photos for inner folds
 * @param budget seconds; undefined: unlimited
 */
export function amongHeads(heads: readonly AnyHead[], otherwise: AnyHead, budget?: number): Choose<unknown, unknown> {
  return async (problem, trainings, context, onScore) => {
    if (!canChoose(trainings)) return only(otherwise)(problem, trainings, context, onScore);
    const { tried, leftOut } = await tryHeads(heads, problem, trainings, budget, context);
    const seconds = tried.map((one) => one.seconds);
    const taken: Taken<unknown, unknown>[] = [];
    for (const part of trainings.keys()) {
      const figures = tried.map((one) => one.figures[part]);
      const losses = tried.map((one) => one.losses[part]);
      const kinds = tried.map((one) => one.head);
      const judged = validatedGroups(tried[0].selections[part], trainings[part]);
      const board = boardOf(kinds, figures, losses, judged, seconds);
      const { head, selections } = tried[kinds.findIndex(({ name }) => name === board.chosen)];
      for (const score of selections[part].scores) await onScore?.(score, part);
      taken.push({ head, selection: selections[part], leaderboard: { ...board, budget: budget ?? null, leftOut } });
    }
    return taken;
  };
}

/** Each head on all training parts; those that the budget or missing maps leave out are listed with the reason. */
async function tryHeads(
  heads: readonly AnyHead[],
  problem: Problem,
  trainings: readonly Choosing[],
  budget: number | undefined,
  context: FitContext,
): Promise<{ tried: Tried[]; leftOut: HeadChoice['leftOut'] }> {
  const began = performance.now();
  const left = () => (budget === undefined ? Number.POSITIVE_INFINITY : budget - (performance.now() - began) / 1000);
  const tried: Tried[] = [];
  const leftOut: HeadChoice['leftOut'] = [];
  for (const [number, head] of heads.entries()) {
    const progress = partOf(context.progress, number, heads.length);
    const { name } = head;
    if (head.needs === 'spatial' && !problem.spatial) {
      leftOut.push({ name, reason: 'it reads feature maps, but this network has none at its cut' });
      continue;
    }
    const isFirst = tried.length === 0;
    if (!isFirst && left() <= 0) {
      leftOut.push({ name, reason: 'the budget was used up' });
      continue;
    }
    const start = performance.now();
    const timeout = isFirst || budget === undefined ? undefined : AbortSignal.timeout(Math.ceil(1000 * left()));
    const signals = [context.signal, timeout].filter((signal) => signal !== undefined);
    try {
      const selections = await selectMany(head, problem, trainings, {
        ...context,
        progress,
        signal: AbortSignal.any(signals),
      });
      const figures = selections.map((selection, part) => foldAccuracies(selection, trainings[part], problem));
      const losses = selections.map((selection, part) => photoLosses(selection, trainings[part], problem));
      tried.push({ head, selections, figures, losses, seconds: (performance.now() - start) / 1000 });
    } catch (error) {
      if (!timeout?.aborted || context.signal?.aborted) throw error;
      leftOut.push({ name, reason: 'the budget ran out while it was being fitted' });
    }
  }
  return { tried, leftOut };
}

/** What one part compared: each head's accuracy on its folds, and its loss of each photo. */
function boardOf(
  heads: readonly AnyHead[],
  figures: readonly (readonly number[])[],
  losses: readonly Float64Array[],
  { groups, count }: ReturnType<typeof validatedGroups>,
  seconds: readonly number[],
): Pick<HeadChoice, 'chosen' | 'heads'> {
  const logLosses = losses.map((each) => mean(Array.from(each)));
  const best = indexOfLargest(logLosses.map((loss) => -loss));
  const near = nearlyBest(losses, groups);
  const testToTrain = 1 / (figures[best].length - 1);
  return {
    chosen: heads[near.indexOf(true)].name,
    heads: heads.map(({ name }, k) => ({
      name,
      logLoss: logLosses[k],
      accuracy: foldShare(figures[k], testToTrain, count),
      difference: compareFolds(figures[k], figures[best], testToTrain, count).difference,
      verdict: k === best ? 'best' : near[k] ? 'tie' : 'worse',
      seconds: seconds[k],
    })),
  };
}
