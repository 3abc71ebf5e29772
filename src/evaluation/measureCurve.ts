import * as z from 'zod';
import { decideEach } from '../heads/decide.ts';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { type AnyHead, headNamed } from '../heads/registry.ts';
import { fitChosen, selectMany } from '../heads/select.ts';
import { Random } from '../numerics/random.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import type { Split } from '../split/split.ts';
import { interval } from './evaluation.ts';
import { curveSizes, expectedGain } from './learningCurve.ts';

const repeats = 3;
/** Linear heads: a dozen fits together take little longer than one. */
const quickHeads = ['softmax', 'svm'];
const steps = 5;

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
  const [folds, innerFolds] =
    split.kind === 'holdout' ? [split.inner, split.innerFolds] : [split.assignments[0], split.folds];
  const training = { folds, innerFolds, weights: new Float32Array(folds.length).fill(1) };
  const [chosen] = await selectMany(standIn, problem, [training], context);
  return { head: standIn, settings: chosen.settings };
}

/** One division into what is trained on and what is judged, with the groups of each class in a drawn order. */
interface Repeat {
  readonly order: readonly (readonly number[])[];
  readonly test: Int32Array;
  readonly total: number;
}

/**
 * Fits a head with given settings on ever larger parts of the training photos, group after group and each class in
 * proportion, and judges it on the photos that the split keeps out. All fits are made together.
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
  const { labels, classes } = problem;
  const drawn = Array.from({ length: repeats }, (_, repeat) =>
    draw(labels, classes, split, groups, repeat, context.seed),
  );
  const all = Math.min(...drawn.map(({ total }) => total));
  const sizes = curveSizes(Math.max(2 * classes, Math.round(all / 16)), all, steps);
  if (sizes.length < 3) return undefined;
  const parts: { readonly rows: readonly number[]; readonly test: Int32Array }[] = [];
  const partOf = drawn.map(({ order, test, total }, repeat) =>
    sizes.map((size, k) => {
      // Without folds the last point is the same in all repeats: it is fitted once.
      if (repeat > 0 && size === total && split.kind === 'holdout') return k;
      return (
        parts.push({ test, rows: order.flatMap((rows) => rows.slice(0, Math.ceil((size / total) * rows.length))) }) - 1
      );
    }),
  );
  const fits = parts.map(({ rows }) => {
    const weights = new Float32Array(labels.length);
    for (const row of rows) weights[row] = 1;
    return { settings, weights };
  });
  const fitted = await fitChosen(head, problem, fits, context, { rough: true });
  const isTest = parts.map(({ test }) => new Set(test));
  const right = new Float64Array(parts.length);
  await decideEach(head, fitted, problem, context, (part, row, logits) => {
    if (isTest[part].has(row) && indexOfLargest(logits) === labels[row]) right[part]++;
  });
  const accuracies = partOf.map((mine) => mine.map((part) => right[part] / parts[part].test.length));
  return {
    head: head.name,
    points: sizes.map((_, k) => ({
      photos: Math.round(mean(drawn.map((_, repeat) => parts[partOf[repeat][k]].rows.length))),
      accuracy: spread(accuracies.map((curve) => curve[k])),
    })),
    expected: {
      photos: 2 * labels.length,
      gain: expectedGain(
        sizes,
        accuracies.map((curve) => curve.map((value) => 1 - value)),
        2 * all,
      ),
    },
  };
}

function draw(
  labels: Int32Array,
  classes: number,
  split: Split,
  groups: Int32Array,
  repeat: number,
  seed: number,
): Repeat {
  const { train, test } = sides(split, repeat);
  const random = new Random(`${seed}/learning curve ${repeat}`);
  const order = Array.from({ length: classes }, (_, label) => {
    const byGroup = new Map<number, number[]>();
    for (const row of train) {
      if (labels[row] !== label) continue;
      const members = byGroup.get(groups[row]);
      if (members) members.push(row);
      else byGroup.set(groups[row], [row]);
    }
    return random.shuffle([...byGroup.values()]).flat();
  });
  return { order, test, total: train.length };
}

function sides(split: Split, repeat: number): { train: readonly number[]; test: Int32Array } {
  if (split.kind === 'holdout') return { train: [...split.train], test: split.test };
  const fold = repeat % split.folds;
  const assignment = split.assignments[Math.floor(repeat / split.folds) % split.assignments.length];
  const rows = [...assignment.keys()];
  return {
    train: rows.filter((row) => assignment[row] !== fold),
    test: Int32Array.from(rows.filter((row) => assignment[row] === fold)),
  };
}

function spread(values: readonly number[]) {
  return { value: mean(values), low: Math.min(...values), high: Math.max(...values) };
}
