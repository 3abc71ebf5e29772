import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { type AnyHead, headNamed } from '../heads/registry.ts';
import { selectMany } from '../heads/select.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import { filePart, type Split } from '../split/split.ts';
import { type Interval, interval, range } from './evaluation.ts';
import { type Doubling, growCurve, type Tally } from './growCurve.ts';
import { differenceInterval } from './intervals.ts';

/** Linear heads: a dozen fits together take little longer than one. */
const quickHeads = ['softmax', 'svm'];

/** Accuracy against the number of training photos. */
export const learningCurve = z.object({
  /** The head that was fitted. */
  head: z.string(),
  /** Each point is the mean of the repeats, and the lowest and highest of them. */
  points: z.array(z.object({ photos: z.number(), accuracy: range })),
  /** What to expect of twice as many photos, those that judge included, with a 95% interval (growCurve.ts). */
  expected: z.object({ photos: z.number().int(), gain: interval }),
});
export type LearningCurve = z.infer<typeof learningCurve>;

/**
 * The head to draw the curve with: the run's own, or, since a curve takes a dozen fits, softmax in place of a head that is
 * slow to fit, with settings of its own.
 */
export async function curveHead(
  head: AnyHead,
  settings: unknown,
  problem: Problem,
  split: Split,
  context: FitContext,
): Promise<{ readonly head: AnyHead; readonly settings: unknown }> {
  if (quickHeads.includes(head.name)) return { head, settings };
  const standIn = headNamed('softmax');
  const { inner: folds, innerFolds } = filePart(split);
  const training = { folds, innerFolds, weights: new Float32Array(folds.length).fill(1) };
  const [chosen] = await selectMany(standIn, problem, [training], context);
  return { head: standIn, settings: chosen.settings };
}

/**
 * Accuracy against the number of training photos; each class is drawn in proportion.
 * @param groups of each photo
 * @returns undefined where there are too few photos for a curve
 */
export async function measureCurve<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  settings: Settings,
  problem: Problem,
  split: Split,
  groups: Int32Array,
  context: FitContext,
): Promise<LearningCurve | undefined> {
  const { labels } = problem;
  const grown = { settings, problem, split, groups, strata: labels };
  const curve = await growCurve(
    head,
    grown,
    (test) => countRight(labels, test),
    context,
    (doublings) => gainOf(doublings, groups),
  );
  return curve && { ...curve, points: curve.points.map(({ photos, figure }) => ({ photos, accuracy: figure })) };
}

interface RightOnes extends Tally {
  readonly right: ReadonlySet<number>;
}

function countRight(labels: Int32Array, { length }: Int32Array): RightOnes {
  const right = new Set<number>();
  return {
    add(row, logits) {
      if (indexOfLargest(logits) === labels[row]) right.add(row);
    },
    figure: () => right.size / length,
    right,
  };
}

/** Photo by photo, on average over the repeats. */
function gainOf(doublings: readonly Doubling<RightOnes>[], groups: Int32Array): Interval {
  const gains = new Map<number, number[]>();
  for (const { test, half, whole } of doublings)
    for (const row of test) {
      const own = Number(whole.right.has(row)) - Number(half.right.has(row));
      gains.set(row, [...(gains.get(row) ?? []), own]);
    }
  return differenceInterval(
    Array.from(gains.values(), mean),
    Int32Array.from(gains.keys(), (row) => groups[row]),
  ).interval;
}
