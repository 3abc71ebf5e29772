/** The interval of an area under the ROC curve. */

import { studentQuantile } from '../numerics/statistics.ts';
import type { Interval } from './evaluation.ts';
import { blocksOf } from './intervals.ts';

const steps = 60;

/**
 * 95% interval of the area under the ROC curve: all areas that Student's t does not reject, given the variance of an area
 * (Newcombe 2006, method 5, which has a width even if both kinds are perfectly separated), multiplied by the excess that the
 * placement values show (DeLong et al. 1988, by groups as in Obuchowski 1997).
 * @param scores a higher one means more likely positive
 * @param groups of each photo; there are never more photos of a kind than groups of it
 */
export function aurocInterval(
  value: number,
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
  groups: Int32Array,
): Interval {
  const kind = (wanted: number) => Int32Array.from(groups.keys()).filter((row) => Number(positive[row]) === wanted);
  const sides = [kind(1), kind(0)];
  const [m, n] = sides.map((rows) => new Set(rows.map((row) => groups[row])).size);
  const fewest = Math.min(m, n);
  if (!Number.isFinite(value) || fewest < 2) return { value, low: 0, high: 1 };
  const errors = sides.map((rows, side) => placementError(rows, sides[1 - side], scores, groups));
  const expected = areaError(value, m, n);
  const factor = expected > 0 ? Math.max(1, (errors[0] + errors[1]) / expected) : 1;
  const reach = studentQuantile(0.975, fewest - 1) * Math.sqrt(factor);
  const fits = (area: number) => Math.abs(area - value) <= reach * Math.sqrt(areaError(area, m, n));
  return { value, low: value <= 0 ? 0 : edge(value, 0, fits), high: value >= 1 ? 1 : edge(value, 1, fits) };
}

/** Variance of an area with m positives and n negatives, by Hanley and McNeil (1982) with both numbers at their mean. */
function areaError(area: number, m: number, n: number): number {
  const even = (m + n) / 2 - 1;
  return (area * (1 - area) * (1 + even * ((1 - area) / (2 - area) + area / (1 + area)))) / (m * n);
}

/** The last value that fits on the way from `from`, which does, to `to`. */
function edge(from: number, to: number, fits: (value: number) => boolean): number {
  let [inside, outside] = [from, to];
  for (let step = 0; step < steps; step++) {
    const middle = (inside + outside) / 2;
    if (fits(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

/** Variance of the mean placement value of `rows`: the share of `others` that each lies above, ties counting half. */
function placementError(rows: Int32Array, others: Int32Array, scores: ArrayLike<number>, groups: Int32Array): number {
  const sorted = Float64Array.from(others, (row) => scores[row]).sort();
  const below = (score: number) => (lowerBound(sorted, score, false) + lowerBound(sorted, score, true)) / 2;
  const values = Float64Array.from(rows, (row) => below(scores[row]) / sorted.length);
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const blocks = blocksOf(rows.map((row) => groups[row]));
  const squares = blocks.reduce(
    (sum, block) => sum + block.reduce((own, row) => own + values[row] - centre, 0) ** 2,
    0,
  );
  return (squares * blocks.length) / (blocks.length - 1) / values.length ** 2;
}

/** How many of the sorted values are below a score, or at most as high. */
function lowerBound(sorted: Float64Array, score: number, withEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < score || (withEqual && sorted[middle] === score)) low = middle + 1;
    else high = middle;
  }
  return low;
}
