import { decideEach } from '../heads/decide.ts';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { fitChosen } from '../heads/select.ts';
import { Random } from '../numerics/random.ts';
import { largestOf, mean, smallestOf } from '../numerics/statistics.ts';
import type { Split } from '../split/split.ts';
import type { Interval, Range } from './evaluation.ts';
import { curveSizes, expectedGain } from './learningCurve.ts';

const repeats = 3;
const steps = 5;

/** Counts what one head's answers for kept-out photos are worth. */
export interface Tally {
  add(row: number, logits: Float32Array): void;
  /** Between 0 and 1; more is better. */
  figure(): number;
}

/** A figure against the number of training photos. */
export interface GrownCurve {
  readonly head: string;
  /** Each point is the mean of the repeats, and the lowest and highest of them. */
  readonly points: readonly { readonly photos: number; readonly figure: Range }[];
  /**
   * What the power law through these points expects where there are twice as many photos, those that judge included, with a
   * 95% interval. The last doubling bounds it: by that law the next gains no more, and a quarter or more of it.
   */
  readonly expected: { readonly photos: number; readonly gain: Interval };
}

/** What is drawn in growing parts. */
export interface Grown<Settings> {
  readonly settings: Settings;
  readonly problem: Problem;
  readonly split: Split;
  /** Of each photo. */
  readonly groups: Int32Array;
  /** Of each photo, 0 .. n - 1: each part has its share of every stratum. */
  readonly strata: Int32Array;
}

/** The last size of a repeat and the one that is about half of it, judged on the same photos. */
export interface Doubling<T extends Tally> {
  readonly test: Int32Array;
  readonly half: T;
  readonly whole: T;
}

/** One division into what is trained on and what is judged, with the groups of each stratum in a drawn order. */
interface Repeat {
  readonly order: readonly (readonly (readonly number[])[])[];
  readonly test: Int32Array;
  readonly total: number;
}

/**
 * Fits a head with given settings on ever larger parts of the training photos, group after group and each stratum in
 * proportion, and judges it on the photos that the split keeps out. All fits are made together.
 * @param tally begins to count, for a head that is judged on these photos
 * @param gained interval of what the figure gained from half of the photos to all
 * @returns undefined where there are too few photos for a curve
 */
export async function growCurve<Settings, Fitted, T extends Tally>(
  head: Head<Settings, Fitted>,
  { settings, problem, split, groups, strata }: Grown<Settings>,
  tally: (test: Int32Array) => T,
  context: FitContext,
  gained?: (doublings: readonly Doubling<T>[]) => Interval,
): Promise<GrownCurve | undefined> {
  const drawn = Array.from({ length: repeats }, (_, repeat) => draw(strata, split, groups, repeat, context.seed));
  const all = smallestOf(drawn.map(({ total }) => total));
  const sizes = curveSizes(Math.max(2 * problem.classes, Math.round(all / 16)), all, steps);
  if (sizes.length < 3) return undefined;
  const parts: { readonly rows: readonly number[]; readonly test: Int32Array }[] = [];
  const partOf = drawn.map(({ order, test, total }, repeat) =>
    sizes.map((size, k) => {
      // Without folds the last point is the same in all repeats: it is fitted once.
      if (repeat > 0 && size === total && split.kind === 'holdout') return k;
      return parts.push({ test, rows: order.flatMap((stratum) => firstGroups(stratum, size / total)) }) - 1;
    }),
  );
  const fits = parts.map(({ rows }) => {
    const weights = new Float32Array(strata.length);
    for (const row of rows) weights[row] = 1;
    return { settings, weights };
  });
  const fitted = await fitChosen(head, problem, fits, context, { rough: true });
  const isTest = parts.map(({ test }) => new Set(test));
  const tallies = parts.map(({ test }) => tally(test));
  await decideEach(head, fitted, problem, context, (part, row, logits) => {
    if (isTest[part].has(row)) tallies[part].add(row, logits);
  });
  const found = tallies.map((one) => one.figure());
  const figures = partOf.map((mine) => mine.map((part) => found[part]));
  return {
    head: head.name,
    points: sizes.map((_, k) => ({
      photos: Math.round(mean(drawn.map((_, repeat) => parts[partOf[repeat][k]].rows.length))),
      figure: spread(figures.map((curve) => curve[k])),
    })),
    expected: {
      photos: 2 * strata.length,
      gain: boundedGain(
        expectedGain(
          sizes,
          figures.map((curve) => curve.map((value) => 1 - value)),
          2 * all,
        ),
        1 - mean(figures.map((curve) => curve[curve.length - 1])),
        gained?.(
          partOf.map((mine) => ({
            test: parts[mine[mine.length - 1]].test,
            half: tallies[mine[mine.length - 2]],
            whole: tallies[mine[mine.length - 1]],
          })),
        ),
      ),
    },
  };
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
  if (split.kind === 'holdout') return { train: [...split.train], test: split.test };
  const fold = repeat % split.folds;
  const assignment = split.assignments[Math.floor(repeat / split.folds) % split.assignments.length];
  const rows = [...assignment.keys()];
  return {
    train: rows.filter((row) => assignment[row] !== fold),
    test: Int32Array.from(rows.filter((row) => assignment[row] === fold)),
  };
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

/** Laws have rates of 2 at most: the next doubling gains a quarter of the last, or more. */
const leastOfLast = 1 / 4;

/** Nothing beyond the errors that are left. */
function boundedGain(value: number, error: number, last: Interval | undefined): Interval {
  const within = (gain: number) => Math.min(error, Math.max(0, gain));
  const low = within(leastOfLast * Math.max(0, last?.low ?? 0));
  const high = within(last?.high ?? error);
  return { value: within(value), low: Math.min(low, within(value)), high: Math.max(high, within(value)) };
}
