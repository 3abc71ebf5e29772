/** Confidence intervals of shares in groups, over folds and of paired differences. */

import { betaCdf, mean, muchFreedom, normalQuantile, studentQuantile, variance } from '../numerics/statistics.ts';
import type { Interval } from './evaluation.ts';
import { midP } from './midP.ts';

/** All intervals are two-sided, 95%. */
const tail = 0.975;
/** Prior weight, in groups with the rarer answer, of the assumption that photos of a group are all alike. */
const assumed = 4;
/** Far below one photo in a million: sums of shares are not exact. */
const rounding = 1e-9;
/** Power of the number of photos with which errors fall at most. */
const fastest = 1 / 3;

/** The mid-P interval for a share of `total` independent photos. */
export function binomialInterval(right: number, total: number): Interval {
  return total === 0 ? { value: 0, low: 0, high: 1 } : midP(right / total, total);
}

/**
 * Interval of a share whose photos stand in groups: mid-P, with the effective number of photos and Student's t (Kish 1965;
 * Korn and Graubard 1998). The design effect comes from the variance between groups, shrunk towards that of groups whose
 * photos are all alike, which is all that few wrong groups can tell. There are never more effective photos than groups.
 *
 * Folds learn from fewer photos than the classifier that is kept, which is better than they are by an unknown amount. The
 * upper end allows for it: errors fall with the number of photos to the power of -1/3 at most (0.07 to 0.35 was measured
 * by Hestness et al. 2017). Where that is much, a single end can miss, and less is left for each (Imbens and Manski 2004).
 * @param values 0 or 1, or between them where a photo was judged several times; with `inflation`, 1 must be the better
 * @param groups group of each value
 * @param inflation how much larger the variance is than that of the drawn photos, and how many times as many photos the
 * classifier that is kept learned from: see `foldInflation`
 */
export function shareInterval(values: ArrayLike<number>, groups: Int32Array, inflation = 1): Interval {
  const { number, quantile } = effective(values, groups);
  const value = mean(values);
  if (number === 0) return { value, low: 0, high: 1 };
  const total = effectiveTotal(number / inflation, quantile);
  const left = 1 / inflation ** fastest;
  const { low, high } = midP(value, total, (1 - left) * Math.sqrt((total * (1 - value)) / value));
  return { value, low, high: 1 - (1 - high) * left };
}

/** As many photos as make a normal interval as wide as Student's t makes that of `number` photos. */
function effectiveTotal(number: number, quantile: number): number {
  return number * (normalQuantile(tail) / quantile) ** 2;
}

/**
 * Variance inflation of K-fold accuracy, since each photo is classified by a model trained on other photos than the
 * file's: 1 + test/train, the correction of Nadeau and Bengio (2003) for many repeats.
 */
export function foldInflation(folds: number): number {
  return folds / (folds - 1);
}

/** [N] Mean value of each photo over the repeats; values come repeat after repeat, in the same order. */
export function meanOverRepeats(values: ArrayLike<number>, rowsPerRepeat: number): Float64Array {
  const means = new Float64Array(rowsPerRepeat);
  const share = rowsPerRepeat / values.length;
  for (let row = 0; row < values.length; row++) means[row % rowsPerRepeat] += values[row] * share;
  return means;
}

/** A difference with its 95% interval and the p-value of the same distribution. */
export interface Difference {
  readonly interval: Interval;
  readonly p: number;
}

/**
 * Mean of paired differences between -1 and 1: the interval of Agresti and Min (2005), which adds half a photo to each of
 * the four outcomes, with the effective number of photos as in `shareInterval`. It has a width even where no photo
 * differs.
 * @param differences of each photo, first less second
 */
export function differenceInterval(differences: ArrayLike<number>, groups: Int32Array, inflation = 1): Difference {
  const value = mean(differences);
  const { number, quantile, freedom } = effective(differences, groups);
  if (number === 0) return { interval: { value, low: -1, high: 1 }, p: 1 };
  const n = number / inflation;
  const squares = mean(Float64Array.from({ length: differences.length }, (_, i) => differences[i] ** 2));
  const centre = (value * n) / (n + 2);
  const error = Math.sqrt(((squares * n + 1) / (n + 2) - centre ** 2) / (n + 2));
  const interval = {
    value,
    low: Math.max(-1, Math.min(value, centre - quantile * error)),
    high: Math.min(1, Math.max(value, centre + quantile * error)),
  };
  return { interval, p: twoSided(centre / error, freedom) };
}

/** Two-sided p-value of Student's t. */
export function twoSided(t: number, freedom: number): number {
  if (freedom > muchFreedom) return twoSided(t, muchFreedom);
  return freedom < 1 ? 1 : betaCdf(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/**
 * The mid-P interval of a figure between 0 and 1 that varies no more than a share of as many photos as there are groups.
 * Average precision does not, of the positives (Boyd, Eng and Page 2013, whose binomial interval this is).
 * @param groups group of each photo that the figure is made of
 * @param error the figure's own variance, where it is known: if it is larger, it counts
 */
export function figureInterval(value: number, groups: ArrayLike<number>, error = 0): Interval {
  if (!Number.isFinite(value)) return { value, low: 0, high: 1 };
  const sizes = new Map<number, number>();
  for (let i = 0; i < groups.length; i++) sizes.set(groups[i], (sizes.get(groups[i]) ?? 0) + 1);
  const { number, quantile } = ofSizes([...sizes.values()]);
  if (number === 0) return { value, low: 0, high: 1 };
  const spread = value * (1 - value);
  return midP(value, effectiveTotal(error * number > spread && spread > 0 ? spread / error : number, quantile));
}

/** Effective number of photos in groups whose photos are all alike (Kish 1965), and the quantile of Student's t. */
export function ofSizes(sizes: readonly number[]): { readonly number: number; readonly quantile: number } {
  const count = sizes.length;
  if (sizes.every((size) => size === sizes[0])) return { number: count, quantile: normalQuantile(tail) };
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const number = total ** 2 / sizes.reduce((sum, size) => sum + size ** 2, 0);
  return { number, quantile: studentQuantile(tail, count - 1) };
}

/**
 * How many independent photos say as much about the mean as these photos in their groups, and the quantile that goes with
 * what the groups can tell of it; 0 where one group says nothing.
 */
function effective(values: ArrayLike<number>, groups: Int32Array) {
  const sums = new Map<number, { size: number; sum: number; first: number; alike: boolean }>();
  groups.forEach((group, row) => {
    const known = sums.get(group);
    if (!known) sums.set(group, { size: 1, sum: values[row], first: values[row], alike: true });
    else {
      known.size++;
      known.sum += values[row];
      known.alike &&= values[row] === known.first;
    }
  });
  const all = [...sums.values()];
  const [total, count] = [values.length, all.length];
  const z = { quantile: normalQuantile(tail), freedom: Number.POSITIVE_INFINITY };
  // Single photos, or each of them copied equally often: nothing about groups is estimated.
  if (all.every(({ size, alike }) => alike && size === all[0].size)) return { number: count, ...z };
  if (count < 2) return { number: 0, quantile: Number.POSITIVE_INFINITY, freedom: 0 };
  const value = mean(values);
  const own = mean(Float64Array.from({ length: total }, (_, row) => (values[row] - value) ** 2));
  const between = all.reduce((sum, { size, sum: group }) => sum + (group - value * size) ** 2, 0);
  const kish = all.reduce((sum, { size }) => sum + size ** 2, 0) / total;
  const usual = Math.round(value);
  const differing = all.filter(({ size, sum: group }) => Math.abs(group - usual * size) > rounding).length;
  const estimated = own > 0 ? ((count / (count - 1)) * between) / (own * total) : kish;
  const learned = (differing * estimated) / (differing + assumed);
  const effect = learned + (assumed * kish) / (differing + assumed);
  // Of the sum only `learned` is an estimate (Satterthwaite 1946).
  const freedom = (count - 1) * (effect / learned) ** 2;
  return { number: Math.min(count, total / effect), quantile: studentQuantile(tail, freedom), freedom };
}

/**
 * Interval of a mean over J folds, where the training parts overlap: variance (1/J + test/train) s², Student's t with
 * J - 1 degrees of freedom (Nadeau and Bengio 2003, "Inference for the Generalization Error").
 * @param figures one a fold, over all repeats
 * @param testToTrain photos tested on to photos trained on, in a fold: 1 / (K - 1) for K folds
 */
export function correctedFolds(figures: readonly number[], testToTrain: number): Interval {
  const value = mean(figures);
  if (figures.length < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const error = Math.sqrt((1 / figures.length + testToTrain) * variance(figures));
  const half = studentQuantile(tail, figures.length - 1) * error;
  return { value, low: value - half, high: value + half };
}

/**
 * As `correctedFolds`, for an accuracy: the mid-P interval of as many photos as this variance stands for, and of no more
 * than there are. Folds that are all equally good still leave room.
 * @param photos judged photos, groups of equal ones counted once
 */
export function foldShare(figures: readonly number[], testToTrain: number, photos: number): Interval {
  const value = mean(figures);
  if (figures.length < 2 || photos < 1) return { value, low: 0, high: 1 };
  const error = (1 / figures.length + testToTrain) * variance(figures);
  const spread = value * (1 - value);
  const most = photos / (1 + testToTrain);
  const number = error * most > spread && spread > 0 ? spread / error : most;
  return midP(value, effectiveTotal(number, studentQuantile(tail, figures.length - 1)));
}

/**
 * As `correctedFolds`, for a difference of accuracies. Folds that agree by luck make an interval too narrow, none at all
 * where no photo is answered differently: of `photos` without a single case, up to 3 / photos may still be cases, 95% of
 * the time (rule of three, Hanley and Lippman-Hand 1983).
 * @param photos judged photos, groups of equal ones counted once
 */
export function foldDifference(differences: readonly number[], testToTrain: number, photos: number): Interval {
  const { value, low, high } = correctedFolds(differences, testToTrain);
  const least = 3 / Math.max(1, photos);
  return { value, low: Math.max(-1, Math.min(low, value - least)), high: Math.min(1, Math.max(high, value + least)) };
}

/** Rows by their group. */
export function blocksOf(groups: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const known = members.get(group);
    if (known) known.push(row);
    else members.set(group, [row]);
  });
  return [...members.values()];
}
