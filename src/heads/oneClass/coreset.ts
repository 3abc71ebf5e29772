/** Greedy k-centre coreset selection. */

import type { Random } from '../../numerics/random.ts';
import type { Matrix } from '../../runtime/platform.ts';
import type { FitContext } from '../head.ts';

/** Others get their turn every so often. */
const pauseMilliseconds = 50;

/**
 * Rows of a matrix such that every row lies near one of them: the farthest from those chosen so far comes next
 * (Gonzalez 1985; greedy k-centre, at most twice the best possible distance). A distance is computed only until it is
 * sure to be no shorter than that to the nearest chosen row.
 * @param count wanted; all rows where there are no more, fewer where the rest are equal to chosen ones
 * @returns row numbers in the order in which they were chosen
 */
export async function coreset(
  { rows, columns, data }: Matrix,
  count: number,
  random: Random,
  { signal, progress }: Pick<FitContext, 'signal' | 'progress'> = {},
): Promise<Int32Array> {
  if (rows <= count) return Int32Array.from({ length: rows }, (_, i) => i);
  const chosen = new Int32Array(count);
  /** Squared distance of each row to its nearest chosen one. */
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let farthest = random.int(rows);
  let paused = performance.now();
  for (let k = 0; k < count; k++) {
    if (performance.now() - paused > pauseMilliseconds) {
      progress?.(k, count);
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      paused = performance.now();
    }
    if (nearest[farthest] === 0) return chosen.slice(0, k);
    chosen[k] = farthest;
    const added = data.slice(farthest * columns, (farthest + 1) * columns);
    let most = -1;
    for (let row = 0, at = 0; row < rows; row++, at += columns) {
      const square = Math.min(nearest[row], squaredDistance(data, at, added, nearest[row]));
      nearest[row] = square;
      if (square > most) {
        most = square;
        farthest = row;
      }
    }
  }
  return chosen;
}

/**
 * |a - b|^2 for the row a at a place of `data`, or something not below `limit` once that is certain. Four sums at a time:
 * one alone would wait for each addition.
 */
export function squaredDistance(data: Float32Array, at: number, b: Float32Array, limit: number): number {
  const { length } = b;
  let sum = 0;
  let k = 0;
  while (k + 15 < length && sum < limit) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const stop = k + 16;
    for (; k < stop; k += 4) {
      const d0 = data[at + k] - b[k];
      const d1 = data[at + k + 1] - b[k + 1];
      const d2 = data[at + k + 2] - b[k + 2];
      const d3 = data[at + k + 3] - b[k + 3];
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    sum += s0 + s1 + s2 + s3;
  }
  for (; k < length && sum < limit; k++) sum += (data[at + k] - b[k]) ** 2;
  return sum;
}
