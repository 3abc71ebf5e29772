/** Paired tests of two classifiers; the candidates nearly as good as the best. */

import { Random } from '../numerics/random.ts';
import { betaCdf, indexOfLargest, largestOf, mean, studentQuantile, variance } from '../numerics/statistics.ts';
import type { Targets } from '../sets/targets.ts';
import { overSamples } from './bootstrap.ts';
import type { Interval } from './evaluation.ts';
import {
  correctedFolds,
  differenceInterval,
  foldDifference,
  foldInflation,
  meanOverRepeats,
  twoSided,
} from './intervals.ts';
import { meanError } from './meanError.ts';
import type { Metric, Outcomes } from './metric.ts';

const significance = 0.05;
const signFlips = 9999;
/** Far below one photo in a million: differences of shares are not exact. */
const rounding = 1e-9;

/** Two classifiers on the same photos. */
export interface Comparison {
  /** Figure of the first minus that of the second. */
  readonly difference: Interval;
  /** Two-sided p-value. */
  readonly p: number;
  readonly better: 'first' | 'second' | 'tie';
}

/**
 * Paired comparison of two classifiers on the same photos and split: photo by photo if the metric is a mean over photos,
 * otherwise fold by fold, or by the paired bootstrap with a held-out part.
 * @param groups [N] group of each photo
 */
export function compare<T extends Targets>(
  metric: Metric<T>,
  first: Outcomes,
  second: Pick<Outcomes, 'outcomes'>,
  targets: T,
  groups: Int32Array,
  seed: number,
): Comparison {
  const { rows, folds, rowsPerRepeat } = first;
  const groupOf = rows.map((row) => groups[row]);
  const foldCount = folds && largestOf(folds) + 1;
  const perRepeat = ((foldCount ?? 0) * rowsPerRepeat) / rows.length;
  if (metric.isMean) {
    const [one, other] = [first, second].map(({ outcomes }) => meanOverRepeats(outcomes.data, rowsPerRepeat));
    const once = groupOf.subarray(0, rowsPerRepeat);
    return folds ? compareOverFolds(one, other, once, perRepeat) : compareHoldout(one, other, once, seed);
  }
  const figures = [first, second].map(({ outcomes }) => metric.of(outcomes, targets, rows));
  if (!folds) return compareBySamples(figures[0], figures[1], groupOf, targets.classes.length, seed);
  const [one, other] = figures.map((figure) =>
    Array.from({ length: foldCount ?? 0 }, (_, fold) =>
      figure(Float64Array.from(folds, (own) => Number(own === fold))),
    ),
  );
  return compareFolds(one, other, 1 / (perRepeat - 1), new Set(groupOf).size);
}

/**
 * Compares on one held-out part: Student's t with the variance of the paired bootstrap, in which the same photos are drawn
 * for both, whole groups at a time (Efron and Tibshirani 1993).
 * @param first the figure, given a count for each row; `second` likewise
 * @param groups [R] group of each row
 * @param columns what one sample costs: labels of a row
 */
export function compareBySamples(
  first: (times: Float64Array) => number,
  second: (times: Float64Array) => number,
  groups: Int32Array,
  columns: number,
  seed: number,
): Comparison {
  const differenceOf = (times: Float64Array) => first(times) - second(times);
  const differences = overSamples(groups, columns, seed, differenceOf).filter(Number.isFinite);
  const value = differenceOf(new Float64Array(groups.length).fill(1));
  if (differences.length > 0 && differences.every((each) => each === 0)) return verdict({ value, low: 0, high: 0 }, 1);
  const count = new Set(groups).size;
  if (differences.length < 2 || count < 2) return verdict({ value, low: -1, high: 1 }, 1);
  const error = Math.sqrt(variance(differences));
  const reach = studentQuantile(0.975, count - 1) * error;
  // Without a single photo that is ranked differently there still may be some (rule of three).
  const half = Math.max(reach, 3 / count);
  const interval = { value, low: Math.max(-1, value - half), high: Math.min(1, value + half) };
  return verdict(interval, value === 0 ? 1 : twoSided(value / (error * (half / reach)), count - 1));
}

/** The verdict on the first. */
export const verdicts = { first: 'better', second: 'worse', tie: 'tie' } as const;

/**
 * Compares on one held-out part. p comes from McNemar's exact test if every group is one photo, otherwise from a sign-flip
 * permutation test over whole groups (McNemar's test is its special case for single photos).
 * @param first [R] 1 if the first classifier is right, else 0; `second` likewise, for the same photos
 */
export function compareHoldout(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  groups: Int32Array,
  seed: number,
): Comparison {
  const differences = Float64Array.from(groups, (_, row) => first[row] - second[row]);
  const { interval: difference } = differenceInterval(differences, groups);
  const byGroup = new Map<number, number>();
  groups.forEach((group, row) => {
    byGroup.set(group, (byGroup.get(group) ?? 0) + differences[row]);
  });
  const sums = [...byGroup.values()].filter((sum) => sum !== 0);
  const p = sums.every((sum) => Math.abs(sum) === 1)
    ? mcnemar(sums.filter((sum) => sum > 0).length, sums.filter((sum) => sum < 0).length)
    : signFlip(sums, seed);
  return verdict(difference, p);
}

/**
 * Compares on the same folds, photo by photo. p comes from the interval's distribution, so that both agree.
 * @param first how often each photo was right, 0 to 1, over all repeats; `second` likewise
 * @param folds in a repeat
 */
export function compareOverFolds(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  groups: Int32Array,
  folds: number,
): Comparison {
  const differences = Float64Array.from(groups, (_, row) => first[row] - second[row]);
  const { interval, p } = differenceInterval(differences, groups, foldInflation(folds));
  return verdict(interval, p);
}

/**
 * Compares figures of the same folds, by the corrected resampled t-test (Nadeau and Bengio 2003).
 * @param first accuracy in each fold, over all repeats; `second` likewise
 * @param testToTrain photos tested on to photos trained on, in a fold
 * @param photos judged photos, where the figures are shares of them: the interval is then no narrower than so few allow
 */
export function compareFolds(
  first: readonly number[],
  second: readonly number[],
  testToTrain: number,
  photos?: number,
): Comparison {
  const differences = first.map((value, fold) => value - second[fold]);
  const error = Math.sqrt((1 / differences.length + testToTrain) * variance(differences));
  const centre = mean(differences);
  const t = centre === 0 ? 0 : centre / error;
  const freedom = differences.length - 1;
  const interval =
    photos === undefined ? correctedFolds(differences, testToTrain) : foldDifference(differences, testToTrain, photos);
  return verdict(interval, twoSided(t, freedom));
}

/** p of McNemar's exact two-sided test: only the first was right for `b` photos, only the second for `c`. */
export function mcnemar(b: number, c: number): number {
  const less = Math.min(b, c);
  const all = b + c;
  // P(X <= k) of Binomial(n, 1/2) is I_{1/2}(n - k, k + 1).
  return all === 0 ? 1 : Math.min(1, 2 * betaCdf(0.5, all - less, less + 1));
}

function signFlip(sums: readonly number[], seed: number): number {
  const random = new Random(`${seed}/sign flips`);
  const observed = Math.abs(sums.reduce((a, b) => a + b, 0));
  let asFar = 1;
  for (let flip = 0; flip < signFlips; flip++) {
    let sum = 0;
    for (const value of sums) sum += random.int(2) ? value : -value;
    if (Math.abs(sum) >= observed) asFar++;
  }
  return asFar / (signFlips + 1);
}

/** The verdict on a difference with its p-value. */
export function verdict(difference: Interval, p: number): Comparison {
  const better = p >= significance ? 'tie' : difference.value > 0 ? 'first' : 'second';
  return { difference, p, better };
}

/**
 * Candidates whose mean loss is within half a standard error (of the paired differences) of the lowest. The one-standard-error
 * rule of Breiman et al. (1984) gave up half of the possible gain on 600 flowers; with accuracies, which are less sensitive than
 * log-losses, nearly all of it.
 * @param losses losses[candidate][photo], the same photos for all
 * @param groups group of each photo
 */
export function nearlyBest(losses: readonly ArrayLike<number>[], groups: ArrayLike<number>): boolean[] {
  const means = losses.map((each) => mean(Array.from(each)));
  const best = losses[indexOfLargest(means.map((value) => -value))];
  return losses.map((each) => {
    const differences = Array.from(each, (loss, photo) => loss - best[photo]);
    return mean(differences) <= 0.5 * meanError(differences, groups) + rounding;
  });
}
