import type { Random } from '../../numerics/random.ts';
import type { Matrix } from '../../platform.ts';
import type { FitContext } from '../head.ts';

/** Others get their turn every so often. */
const pauseMilliseconds = 50;

/**
 * Rows of a matrix such that every row lies near one of them: the farthest from those chosen so far comes next
 * (Gonzalez 1985; greedy k-centre, at most twice the best possible distance). Distances that the triangle inequality
 * settles are not computed: a row whose nearest chosen one lies at most half as far as that lies from the new one keeps it.
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
  const chosen: number[] = [random.int(rows)];
  /** Squared distance of each row to its nearest chosen one, and which that is. */
  const nearest = new Float64Array(rows);
  const members: Int32Array[] = [Int32Array.from({ length: rows }, (_, i) => i)];
  const farthest: { row: number; square: number }[] = [{ row: chosen[0], square: 0 }];
  const squared = (a: number, b: number, limit: number): number => squaredDistance(data, columns, a, b, limit);
  for (let i = 0; i < rows; i++) nearest[i] = squared(i, chosen[0], Number.POSITIVE_INFINITY);
  farthest[0] = farthestOf(members[0], nearest);
  let paused = performance.now();
  while (chosen.length < count) {
    if (performance.now() - paused > pauseMilliseconds) {
      progress?.(chosen.length, count);
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      paused = performance.now();
    }
    let from = 0;
    for (let k = 1; k < farthest.length; k++) if (farthest[k].square > farthest[from].square) from = k;
    if (farthest[from].square <= 0) break;
    const added = farthest[from].row;
    const moved: number[] = [];
    for (const [k, centre] of chosen.entries()) {
      const limit = 4 * farthest[k].square;
      const apart = squared(centre, added, limit);
      if (apart >= limit) continue;
      const stay: number[] = [];
      for (const row of members[k]) {
        const own = nearest[row];
        const square = 4 * own > apart ? squared(row, added, own) : own;
        if (square < own) {
          nearest[row] = square;
          moved.push(row);
        } else stay.push(row);
      }
      if (stay.length === members[k].length) continue;
      members[k] = Int32Array.from(stay);
      farthest[k] = farthestOf(members[k], nearest);
    }
    chosen.push(added);
    members.push(Int32Array.from(moved));
    farthest.push(farthestOf(members[members.length - 1], nearest));
  }
  return Int32Array.from(chosen);
}

function farthestOf(rows: Int32Array, nearest: Float64Array): { row: number; square: number } {
  let row = rows[0] ?? -1;
  for (const other of rows) if (nearest[other] > nearest[row]) row = other;
  return { row, square: row < 0 ? 0 : nearest[row] };
}

/** |a - b|^2, or something not below `limit` once that is certain. */
function squaredDistance(data: Float32Array, columns: number, a: number, b: number, limit: number): number {
  let sum = 0;
  const end = (a + 1) * columns;
  for (let i = a * columns, j = b * columns; i < end; ) {
    const stop = Math.min(end, i + 16);
    for (; i < stop; i++, j++) sum += (data[i] - data[j]) ** 2;
    if (sum >= limit) return sum;
  }
  return sum;
}
