/** Prediction sets: the classes that a photo may be of, which hold the right one as often as was asked for (split conformal). */

import * as z from 'zod/mini';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import type { Interval, SetFigures } from './evaluation.ts';
import { foldInflation, shareInterval } from './intervals.ts';

/** How a classifier's sets are made, as its card has it. */
export const setRule = z.object({
  /** Share of photos whose set is to hold the right class. */
  coverage: z.number(),
  /** The same as far as so many photos without copies can guarantee it. */
  guaranteed: z.number(),
  /** Classes at least this probable are in the set, and the likeliest one always. */
  threshold: z.number(),
});
export type SetRule = z.infer<typeof setRule>;

/** What sets are to be made, and which photos are copies of each other. */
export interface SetOptions {
  readonly coverage: number;
  /** [N] Group of each photo; a group counts as one photo, however many copies it has. */
  readonly groups: Int32Array;
}

/** Sums of parts of groups are not exact. */
const rounding = 1e-9;

/**
 * The split conformal threshold on the probability of the right class (Sadinle, Lei and Wasserman 2019): of all sets with
 * this coverage, these are the smallest on average. Each group weighs as much as one photo (Dunn, Wasserman and Ramdas
 * 2022). Too few groups to guarantee the coverage take the lowest probability.
 * @param own [R] probability of the right class of each photo, from a fit that had not seen it
 * @param groups [R]
 * @returns undefined without photos
 */
export function fitSets(own: ArrayLike<number>, groups: Int32Array, coverage: number): SetRule | undefined {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  if (sizes.size === 0) return undefined;
  const order = [...groups.keys()].sort((a, b) => own[b] - own[a]);
  const wanted = (sizes.size + 1) * coverage;
  let mass = 0;
  let threshold = own[order[order.length - 1]];
  for (const row of order) {
    mass += 1 / (sizes.get(groups[row]) ?? 1);
    if (mass < wanted - rounding) continue;
    threshold = own[row];
    break;
  }
  const guaranteed = Math.min(coverage, sizes.size / (sizes.size + 1));
  return { coverage, guaranteed, threshold: Math.fround(threshold) };
}

/** Numbers of the classes in a photo's set, the likeliest first; never empty. @param probabilities [C] */
export function setOf(probabilities: ArrayLike<number>, { threshold }: Pick<SetRule, 'threshold'>): number[] {
  const among: number[] = [];
  for (let label = 0; label < probabilities.length; label++) if (probabilities[label] >= threshold) among.push(label);
  if (among.length === 0) return [indexOfLargest(probabilities)];
  return among.sort((a, b) => probabilities[b] - probabilities[a]);
}

/** Answers whose sets are judged; a row a photo and repeat, repeat after repeat. */
export interface JudgedSets {
  readonly classes: readonly string[];
  /** [R] Right class of each row, and whether its set holds it, and of how many classes it is. */
  readonly truth: Int32Array;
  readonly covered: Uint8Array;
  readonly sizes: Int32Array;
  /** [R] */
  readonly groups: Int32Array;
  readonly rowsPerRepeat: number;
  /** Folds that judged; undefined where a part was held out. */
  readonly folds?: number | undefined;
}

/** All figures of sets that were made by such a rule. */
export function setFiguresOf(
  { coverage, guaranteed }: Pick<SetRule, 'coverage' | 'guaranteed'>,
  { classes, truth, covered, sizes, groups, rowsPerRepeat, folds }: JudgedSets,
): SetFigures {
  const counts = new Map<number, number>();
  for (const size of sizes.subarray(0, rowsPerRepeat)) counts.set(size, (counts.get(size) ?? 0) + 1);
  const [held, of] = [new Float64Array(classes.length), new Float64Array(classes.length)];
  for (const [row, label] of truth.entries()) {
    held[label] += covered[row];
    of[label]++;
  }
  return {
    coverage,
    guaranteed,
    covered: groupShare(covered, groups, folds === undefined ? 1 : foldInflation(folds)),
    size: mean(sizes),
    sizes: [...counts].sort(([a], [b]) => a - b).map(([size, photos]) => ({ size, photos })),
    perClass: classes.map((label, index) => ({ label, covered: of[index] > 0 ? held[index] / of[index] : null })),
  };
}

/** A share in which each group counts as one photo. */
function groupShare(values: Uint8Array, groups: Int32Array, inflation: number): Interval {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [row, group] of groups.entries()) {
    const { sum, count } = sums.get(group) ?? { sum: 0, count: 0 };
    sums.set(group, { sum: sum + values[row], count: count + 1 });
  }
  const means = Float64Array.from(sums.values(), ({ sum, count }) => sum / count);
  return shareInterval(means, Int32Array.from(means.keys()), inflation);
}
