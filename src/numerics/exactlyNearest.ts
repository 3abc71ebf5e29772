/** Exact nearest neighbours by cosine. */

import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type OpenSession, type Progress } from '../runtime/platform.ts';
import { blocksOf, pick, type Rows, rowsAt } from './rows.ts';

/** The nearest of some rows to each of them, nearest first. */
export interface Neighbours {
  /** Neighbours of each row: as many as were asked for, or all others. */
  readonly count: number;
  /** [rows, count], places in the list of rows that was searched; -1 where a neighbour's direction is not a number. */
  readonly places: Int32Array;
  /** [rows, count], length of the chord between the two directions, 0 .. 2; Infinity where there is no neighbour. */
  readonly distances: Float32Array;
}

/** Rows in one product, and those that they are held against: its result is 16 MB. */
const tallRows = 4096;
const blockRows = 1024;

/** What the comparison needs; progress counts pairs of blocks. */
export interface NeighbourContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/**
 * The exact nearest neighbours by cosine among the given rows of a matrix: every pair is compared once, in blocked
 * products. Besides the matrix it takes 8 bytes a neighbour and some blocks.
 * @param rows which rows of the matrix, in the order that decides between equal distances
 */
export async function exactlyNearest(
  matrix: Rows,
  rows: Int32Array,
  wanted: number,
  context: NeighbourContext,
): Promise<Neighbours> {
  const count = Math.max(0, Math.min(wanted, rows.length - 1));
  const nearest = new Nearest(rows.length, count);
  if (count === 0) return nearest.result();
  const { columns } = matrix;
  const pairs = (rows.length * rows.length) / 2;
  let compared = 0;
  const listed = pick(matrix, rows);
  const scales = unitScales(listed);
  const tall = new Float32Array(Math.min(tallRows, rows.length) * columns);
  const block = new Float32Array(Math.min(blockRows, rows.length) * columns);
  const session = await context.openSession(productGraph(columns), { threads: context.threads });
  try {
    for (let top = 0; top < rows.length; top += tallRows) {
      const bottom = Math.min(rows.length, top + tallRows);
      directions(listed, scales, top, bottom, tall);
      for (let left = top; left < rows.length; left += blockRows) {
        context.signal?.throwIfAborted();
        const right = Math.min(rows.length, left + blockRows);
        directions(listed, scales, left, right, block);
        // Rows from `right` on meet these where they are the block themselves.
        const height = Math.min(bottom, right) - top;
        const a = float32(tall.subarray(0, height * columns), height, columns);
        const b = float32(block.subarray(0, (right - left) * columns), right - left, columns);
        const { cosine } = await session.run({ a, b });
        compared += height * (right - left);
        context.progress?.(Math.min(compared, pairs), pairs);
        nearest.add(top, left, expectTensor(cosine, 'float32').data, right - left);
      }
    }
  } finally {
    await session.release();
  }
  return nearest.result();
}

class Nearest {
  readonly #count: number;
  readonly #places: Int32Array;
  readonly #cosines: Float32Array;
  /** Of each row, the cosine that a nearer one must exceed: side by side, since every pair asks for two of them. */
  readonly #worst: Float32Array;

  constructor(rows: number, count: number) {
    this.#count = count;
    this.#places = new Int32Array(rows * count).fill(-1);
    this.#cosines = new Float32Array(rows * count).fill(Number.NEGATIVE_INFINITY);
    this.#worst = new Float32Array(rows).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param cosines of rows from `top` on, each against `width` rows from `left` on */
  add(top: number, left: number, cosines: Float32Array, width: number): void {
    const worst = this.#worst;
    for (let i = 0, row = top; i < cosines.length; i += width, row++) {
      let own = worst[row];
      for (let j = Math.max(0, row + 1 - left); j < width; j++) {
        const cosine = cosines[i + j];
        if (cosine > own) own = this.#insert(row, left + j, cosine);
        if (cosine > worst[left + j]) this.#insert(left + j, row, cosine);
      }
    }
  }

  /** @returns the cosine that the next one must exceed */
  #insert(row: number, neighbour: number, cosine: number): number {
    const [cosines, places] = [this.#cosines, this.#places];
    const first = row * this.#count;
    const last = first + this.#count - 1;
    let at = last;
    for (; at > first && cosines[at - 1] < cosine; at--) {
      cosines[at] = cosines[at - 1];
      places[at] = places[at - 1];
    }
    cosines[at] = cosine;
    places[at] = neighbour;
    this.#worst[row] = cosines[last];
    return cosines[last];
  }

  result(): Neighbours {
    const distances = this.#cosines;
    for (let at = 0; at < distances.length; at++) distances[at] = Math.sqrt(Math.max(0, 2 - 2 * distances[at]));
    return { count: this.#count, places: this.#places, distances };
  }
}

/** What brings each row to unit length; 0 for rows of zeros. */
function unitScales(listed: Rows): Float64Array {
  const scales = new Float64Array(listed.rows);
  for (const { from, rows, columns, data } of blocksOf(listed))
    for (let i = 0, at = 0; i < rows; i++) {
      let square = 0;
      for (const end = at + columns; at < end; at++) square += data[at] * data[at];
      scales[from + i] = square > 0 ? 1 / Math.sqrt(square) : 0;
    }
  return scales;
}

/** Rows `from` to `to`, at unit length. */
function directions(listed: Rows, scales: Float64Array, from: number, to: number, out: Float32Array): void {
  const { columns } = listed;
  const data = rowsAt(listed, from, to - from, out);
  for (let row = from, at = 0; row < to; row++)
    for (const end = at + columns; at < end; at++) out[at] = scales[row] * data[at];
}

/** a [n, D], b [m, D] -> a b^T [n, m] */
function productGraph(columns: number): Uint8Array {
  const g = new GraphBuilder();
  g.input('a', 'float32', ['n', columns]);
  g.input('b', 'float32', ['m', columns]);
  g.output(g.node('Gemm', ['a', 'b'], { transB: 1 }), 'float32', ['n', 'm'], 'cosine');
  return g.bytes();
}
