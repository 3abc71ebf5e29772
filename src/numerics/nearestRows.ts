/** Nearest neighbours by cosine: exact, and of many rows those in the same cells. */

import { cellsOf } from './cells.ts';
import { exactlyNearest, type NeighbourContext, type Neighbours } from './exactlyNearest.ts';
import { pick, type Rows } from './rows.ts';

/** Rows up to which every pair is compared. */
const exactRows = 100_000;

/**
 * The nearest neighbours by cosine among the given rows of a matrix: exact up to 100,000 rows, else among the rows of the
 * same cells, which misses few of the nearest and more of those farther away. Besides the matrix it takes 8 bytes a
 * neighbour and some blocks.
 * @param rows which rows of the matrix, in the order that decides between equal distances
 */
export async function nearestRows(
  matrix: Rows,
  rows: Int32Array,
  wanted: number,
  context: NeighbourContext,
): Promise<Neighbours> {
  const search = rows.length > exactRows ? nearestInCells : exactlyNearest;
  return search(matrix, rows, wanted, context);
}

/** The nearest among rows that share a cell (cells.ts). */
export async function nearestInCells(
  matrix: Rows,
  rows: Int32Array,
  wanted: number,
  { progress, ...context }: NeighbourContext,
): Promise<Neighbours> {
  const count = Math.max(0, Math.min(wanted, rows.length - 1));
  const merged = new Merged(rows.length, count);
  const cells = await cellsOf(pick(matrix, rows), context);
  for (const [number, members] of cells.entries()) {
    progress?.(number, cells.length);
    const own = members.map((place) => rows[place]);
    merged.add(members, await exactlyNearest(matrix, own, wanted, context));
  }
  return merged.neighbours;
}

/** Lists of neighbours, together from those among some rows after others. */
class Merged {
  readonly neighbours: Neighbours;
  /** The last row that had a place among its neighbours. */
  readonly #taken: Int32Array;

  constructor(rows: number, count: number) {
    const places = new Int32Array(rows * count).fill(-1);
    const distances = new Float32Array(rows * count).fill(Number.POSITIVE_INFINITY);
    this.neighbours = { count, places, distances };
    this.#taken = new Int32Array(rows);
  }

  /** @param members which rows: places of `found` are places among these */
  add(members: Int32Array, found: Neighbours): void {
    const { count, places, distances } = this.neighbours;
    const taken = this.#taken.fill(-1);
    for (const [member, row] of members.entries()) {
      const first = row * count;
      const [known, near] = [places.slice(first, first + count), distances.slice(first, first + count)];
      let [a, b] = [0, member * found.count];
      const end = b + found.count;
      for (let at = first; at < first + count; ) {
        const place = b < end && found.places[b] >= 0 ? members[found.places[b]] : -1;
        if (place < 0 && !(known[a] >= 0)) break;
        const isKnown =
          place < 0 || near[a] < found.distances[b] || (near[a] === found.distances[b] && known[a] < place);
        const next = isKnown ? known[a] : place;
        const distance = isKnown ? near[a++] : found.distances[b++];
        if (taken[next] === row) continue;
        taken[next] = row;
        places[at] = next;
        distances[at++] = distance;
      }
    }
  }
}
