import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { type AnyHead, headNamed } from '../heads/registry.ts';
import { selectMany } from '../heads/select.ts';
import { indexOfLargest } from '../numerics/statistics.ts';
import { filePart, type Split } from '../split/split.ts';
import { interval } from './evaluation.ts';
import { growCurve, type Tally } from './growCurve.ts';

/** Linear heads: a dozen fits together take little longer than one. */
const quickHeads = ['softmax', 'svm'];

/** Accuracy against the number of training photos. */
export const learningCurve = z.object({
  /** The head that was fitted. */
  head: z.string(),
  /** Each point is the mean of the repeats, and the lowest and highest of them. */
  points: z.array(z.object({ photos: z.number(), accuracy: interval })),
  /** What the power law through these points expects where there are twice as many photos, those that judge included. */
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
  const curve = await growCurve(head, grown, (test) => countRight(labels, test), context);
  return curve && { ...curve, points: curve.points.map(({ photos, figure }) => ({ photos, accuracy: figure })) };
}

function countRight(labels: Int32Array, { length }: Int32Array): Tally {
  let right = 0;
  return {
    add(row, logits) {
      if (indexOfLargest(logits) === labels[row]) right++;
    },
    figure: () => right / length,
  };
}
