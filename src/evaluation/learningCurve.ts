/** The learning curve: a metric against the number of training photos. */

import * as z from 'zod';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { compare } from '../metrics/compare.ts';
import { type Interval, interval, type Range, range } from '../metrics/evaluation.ts';
import { differenceInterval, shareInterval } from '../metrics/intervals.ts';
import { figureOf, type Metric } from '../metrics/metric.ts';
import { curveSizes, expectedGain } from '../metrics/powerLaw.ts';
import { Random } from '../numerics/random.ts';
import { largestOf, mean, smallestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import { strataOf, type Targets } from '../sets/targets.ts';
import { filePart, outerParts, type Split } from '../split/split.ts';
import { compareChosen } from './fitChosen.ts';
import { selectMany } from './select.ts';

const repeats = 3;
const steps = 5;
/** Laws have rates of 2 at most: the next doubling gains a quarter of the last, or more. */
const leastOfLast = 1 / 4;

/** A figure against the number of training photos. */
export const learningCurve = z.object({
  /** What the figure is. */
  metric: z.enum(['accuracy', 'mean average precision']),
  /** The head that was fitted. */
  head: z.string(),
  /** Each point is the mean of the repeats, and the lowest and highest of them. */
  points: z.array(z.object({ photos: z.number(), score: range })),
  /**
   * What the power law through these points expects where there are twice as many photos, those that judge included, with
   * a 95% interval. The last doubling bounds it: by that law the next gains no more, and a quarter or more of it. Null where
   * the test found no mistake.
   */
  expected: z.object({ photos: z.number().int(), gain: z.nullable(interval) }),
});
export type LearningCurve = z.infer<typeof learningCurve>;

/** The data of the learning curve. */
export interface Grown<T extends Targets> {
  /** Photos alone, without views. */
  readonly photos: Problem;
  readonly targets: T;
  readonly split: Split;
  /** [N] Group of each photo. */
  readonly groups: Int32Array;
}

/**
 * The head for the curve: the run's own if many fits together take little longer than one, otherwise the usual head of its
 * task, with its own settings.
 */
export async function curveHead<Settings, Fitted>(
  own: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  usual: Head<Settings, Fitted>,
  photos: Problem,
  split: Split,
  context: FitContext,
): Promise<typeof own> {
  if (own.head.manyAtOnce) return own;
  const { inner: folds, innerFolds } = filePart(split);
  const training = { folds, innerFolds, weights: new Float32Array(folds.length).fill(1) };
  const [chosen] = await selectMany(usual, photos, [training], context);
  return { head: usual, settings: chosen.settings };
}

/** One division into what is trained on and what is judged, with the groups of each stratum in a drawn order. */
interface Repeat {
  readonly order: readonly (readonly (readonly number[])[])[];
  readonly test: Int32Array;
  readonly total: number;
}

/** What one fit answered for the photos that judge it, as far as the metric needs it. */
interface Part {
  readonly rows: readonly number[];
  readonly test: Int32Array;
  readonly outcomes: Matrix;
}

/**
 * Measures the learning curve: fits a head with given settings on ever larger stratified parts of the training photos, in
 * whole groups, and tests it on held-out photos. All fits run together.
 * @returns undefined if there are too few photos for a curve
 */
export async function measureLearningCurve<T extends Targets, Settings, Fitted>(
  metric: Metric<T>,
  { head, settings }: { readonly head: Head<Settings, Fitted>; readonly settings: Settings },
  { photos, targets, split, groups }: Grown<T>,
  context: FitContext,
): Promise<LearningCurve | undefined> {
  const strata = strataOf(targets);
  const drawn = Array.from({ length: repeats }, (_, repeat) => draw(strata, split, groups, repeat, context.seed));
  const all = smallestOf(drawn.map(({ total }) => total));
  const sizes = curveSizes(Math.max(2 * targets.classes.length, Math.round(all / 16)), all, steps);
  if (sizes.length < 3) return undefined;
  const columns = metric.width(targets);
  const parts: Part[] = [];
  const partOf = drawn.map(({ order, test, total }, repeat) =>
    sizes.map((size, k) => {
      // Without folds the last point is the same in all repeats: it is fitted once.
      if (repeat > 0 && size === total && outerParts(split).length === 1) return k;
      const rows = order.flatMap((stratum) => firstGroups(stratum, size / total));
      const outcomes = { rows: test.length, columns, data: new Float32Array(test.length * columns) };
      return parts.push({ test, rows, outcomes }) - 1;
    }),
  );
  const fits = parts.map(({ rows }) => {
    const weights = new Float32Array(groups.length);
    for (const row of rows) weights[row] = 1;
    return { settings, weights };
  });
  const placeIn = parts.map(({ test }) => new Map(Array.from(test, (row, place) => [row, place])));
  await compareChosen(head, photos, fits, context, (part, row, logits) => {
    const place = placeIn[part].get(row);
    if (place === undefined) return;
    const into = parts[part].outcomes.data.subarray(place * columns, (place + 1) * columns);
    metric.outcome(logits, targets, row, into);
  });
  const found = parts.map(({ outcomes, test }) => figureOf(metric, outcomes, targets, test));
  const figures = partOf.map((mine) => mine.map((part) => found[part]));
  const doublings = partOf.map((mine) => ({
    test: parts[mine[mine.length - 1]].test,
    half: parts[mine[mine.length - 2]].outcomes,
    whole: parts[mine[mine.length - 1]].outcomes,
  }));
  const errors = figures.map((curve) => curve.map((value) => 1 - value));
  return {
    metric: metric.name,
    head: head.name,
    points: sizes.map((_, k) => ({
      photos: Math.round(mean(drawn.map((_, repeat) => parts[partOf[repeat][k]].rows.length))),
      score: spread(figures.map((curve) => curve[k])),
    })),
    expected: {
      photos: 2 * groups.length,
      gain: boundedGain(
        expectedGain(sizes, errors, 2 * all),
        mean(errors.map((curve) => curve[curve.length - 1])),
        mostError(metric, doublings, groups),
        gainOf(metric, doublings, targets, groups, context.seed),
      ),
    },
  };
}

/** Outcomes of the last size of a repeat and of the one that is about half of it, for the same photos. */
interface Doubling {
  readonly test: Int32Array;
  readonly half: Matrix;
  readonly whole: Matrix;
}

/** Gain of the metric from half of the photos to all. */
function gainOf<T extends Targets>(
  metric: Metric<T>,
  doublings: readonly Doubling[],
  targets: T,
  groups: Int32Array,
  seed: number,
): Interval {
  if (metric.isMean) {
    // Photo by photo, on average over the repeats.
    const gains = new Map<number, number[]>();
    for (const { test, half, whole } of doublings)
      for (const [place, row] of test.entries())
        gains.set(row, [...(gains.get(row) ?? []), whole.data[place] - half.data[place]]);
    const owners = Int32Array.from(gains.keys(), (row) => groups[row]);
    return differenceInterval(Array.from(gains.values(), mean), owners).interval;
  }
  // As if all repeats had been judged by the same photos: the mean of their intervals.
  const each = doublings.map(({ test, half, whole }) => {
    const outcomes = { rows: test, outcomes: whole, rowsPerRepeat: test.length };
    return compare(metric, outcomes, { outcomes: half }, targets, groups, seed).difference;
  });
  const of = (end: keyof Interval) => mean(each.map((gain) => gain[end]));
  // Rankings that are all equal say no more than that hardly a photo is ranked differently (rule of three).
  const judged = new Set(doublings.flatMap(({ test }) => Array.from(test, (row) => groups[row]))).size;
  return { value: of('value'), low: of('low'), high: Math.max(of('high'), 3 / judged) };
}

function draw(strata: Int32Array, split: Split, groups: Int32Array, repeat: number, seed: number): Repeat {
  const { train, test } = sides(split, repeat);
  const random = new Random(`${seed}/learning curve ${repeat}`);
  const order = Array.from({ length: largestOf(strata) + 1 }, (_, stratum) => {
    const byGroup = new Map<number, number[]>();
    for (const row of train) {
      if (strata[row] !== stratum) continue;
      const members = byGroup.get(groups[row]);
      if (members) members.push(row);
      else byGroup.set(groups[row], [row]);
    }
    return random.shuffle([...byGroup.values()]);
  });
  return { order, test, total: train.length };
}

function sides(split: Split, repeat: number): { train: readonly number[]; test: Int32Array } {
  const parts = outerParts(split);
  const { inner, heldOut } = parts[repeat % parts.length];
  return { train: [...inner.keys()].filter((row) => inner[row] >= 0), test: heldOut };
}

function spread(values: readonly number[]): Range {
  return { value: mean(values), lowest: smallestOf(values), highest: largestOf(values) };
}

/** Whole groups until there are about as many photos as the share says, one group at least. */
function firstGroups(groups: readonly (readonly number[])[], share: number): number[] {
  const wanted = share * groups.reduce((sum, group) => sum + group.length, 0);
  const rows: number[] = [];
  for (const group of groups) {
    if (rows.length > 0 && rows.length + group.length / 2 > wanted) break;
    for (const row of group) rows.push(row);
  }
  return rows;
}

/** The upper end of the errors that are left, by the last point of each repeat; 1 where nothing is known of it. */
function mostError<T extends Targets>(metric: Metric<T>, doublings: readonly Doubling[], groups: Int32Array): number {
  if (!metric.isMean) return 1;
  const found = new Map<number, number[]>();
  for (const { test, whole } of doublings)
    for (const [place, row] of test.entries()) found.set(row, [...(found.get(row) ?? []), whole.data[place]]);
  const owners = Int32Array.from(found.keys(), (row) => groups[row]);
  return 1 - shareInterval(Array.from(found.values(), mean), owners).low;
}

/**
 * Nothing beyond the errors that are left.
 * @param error that was measured
 * @param most its upper end
 */
function boundedGain(value: number, error: number, most: number, last: Interval): Interval | null {
  if (error === 0) return null;
  const within = (gain: number, bound: number) => Math.min(bound, Math.max(0, gain));
  const expected = within(value, error);
  return {
    value: expected,
    low: Math.min(within(leastOfLast * last.low, error), expected),
    high: Math.max(within(last.high, most), expected),
  };
}
