import * as z from 'zod';
import type { FitContext, Problem } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { selectMany } from '../heads/select.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import type { Split } from '../split/split.ts';
import { compareFolds, simplestNotWorse } from './compare.ts';
import { interval } from './evaluation.ts';
import { foldAccuracies, innerTraining } from './innerFolds.ts';
import { correctedFolds } from './intervals.ts';

/** Heads that were compared, and which was taken. */
export const leaderboard = z.object({
  chosen: z.string(),
  /** Seconds that were allowed; null: as many as it takes. */
  budget: z.number().nullable(),
  /** In the order of simplicity. */
  heads: z.array(
    z.object({
      name: z.string(),
      /** By cross-validation inside the training part. */
      accuracy: interval,
      /** Accuracy less that of the best, on the same folds. */
      difference: interval,
      verdict: z.enum(['best', 'tie', 'worse']),
      seconds: z.number(),
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), reason: z.string() })),
});
export type Leaderboard = z.infer<typeof leaderboard>;

export interface ChooseOptions {
  /** Weight of each photo. */
  readonly photoWeights: Float32Array;
  /** Seconds; undefined: as many as it takes. */
  readonly budget?: number | undefined;
}

interface Tried {
  readonly head: AnyHead;
  /** Accuracy on each inner fold. */
  readonly figures: readonly number[];
  readonly seconds: number;
}

/**
 * Compares heads by cross-validation inside the training part and takes the simplest one that is not measurably worse
 * than the best. Each chooses its settings on the same folds (innerFolds.ts).
 * @param heads the simplest first; the first one is always tried
 * @returns undefined where the photos are too few for inner folds
 */
export async function chooseHead(
  heads: readonly AnyHead[],
  problem: Problem,
  split: Split,
  { photoWeights, budget }: ChooseOptions,
  context: FitContext,
): Promise<{ head: AnyHead; leaderboard: Leaderboard } | undefined> {
  const training = innerTraining(split, photoWeights);
  if (!training) return undefined;
  const began = performance.now();
  const left = () => (budget === undefined ? Number.POSITIVE_INFINITY : budget - (performance.now() - began) / 1000);
  const tried: Tried[] = [];
  const leftOut: Leaderboard['leftOut'] = [];
  for (const head of heads) {
    const { name } = head;
    if (head.needs === 'spatial' && !problem.spatial) {
      leftOut.push({ name, reason: 'it reads feature maps, and this network has none at its cut' });
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
      const [selection] = await selectMany(head, problem, [training], { ...context, signal: AbortSignal.any(signals) });
      const figures = foldAccuracies(selection, training, problem);
      tried.push({ head, figures, seconds: (performance.now() - start) / 1000 });
    } catch (error) {
      if (!timeout?.aborted || context.signal?.aborted) throw error;
      leftOut.push({ name, reason: 'the budget ended while it was fitted' });
    }
  }
  const testToTrain = 1 / (training.innerFolds - 1);
  const figures = tried.map((one) => one.figures);
  const means = figures.map((all) => mean(all));
  const best = indexOfLargest(means);
  const chosen = tried[simplestNotWorse(figures, testToTrain)].head;
  return {
    head: chosen,
    leaderboard: {
      chosen: chosen.name,
      budget: budget ?? null,
      heads: tried.map(({ head, figures: own, seconds }, k) => {
        const { difference, better } = compareFolds(own, figures[best], testToTrain);
        const verdict = k === best ? 'best' : better === 'second' ? 'worse' : 'tie';
        return { name: head.name, accuracy: shares(own, testToTrain), difference, verdict, seconds };
      }),
      leftOut,
    },
  };
}

/** An interval of accuracies on folds, within 0 and 1. */
export function shares(figures: readonly number[], testToTrain: number) {
  const { value, low, high } = correctedFolds(figures, testToTrain);
  return { value, low: Math.max(0, low), high: Math.min(1, high) };
}
