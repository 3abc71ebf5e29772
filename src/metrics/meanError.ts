/** Standard error of a mean over photos in groups. */

import { mean } from '../numerics/statistics.ts';

/**
 * Standard error of a mean whose values stand in groups, of which each may be alike inside (the cluster-robust one of Liang and
 * Zeger 1986, with groups / (groups - 1)): copies of a photo make no mean surer. Infinite for one group.
 * @param groups group of each value
 */
export function meanError(values: ArrayLike<number>, groups: ArrayLike<number>): number {
  const centre = mean(Array.from(values));
  const sums = new Map<number, number>();
  for (let i = 0; i < values.length; i++) sums.set(groups[i], (sums.get(groups[i]) ?? 0) + values[i] - centre);
  const count = sums.size;
  if (count < 2) return Number.POSITIVE_INFINITY;
  const squares = [...sums.values()].reduce((all, sum) => all + sum * sum, 0);
  return Math.sqrt((count / (count - 1)) * squares) / values.length;
}
