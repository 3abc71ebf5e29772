import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type Matrix, type OpenSession, type Progress } from '../platform.ts';

/** The nearest of some rows to each of them, nearest first. */
export interface Neighbours {
  /** Neighbours of each row: as many as were asked for, or all others. */
  readonly count: number;
  /** [rows, count], places in the list of rows that was searched; -1 where a neighbour's direction is not a number. */
  readonly places: Int32Array;
  /** [rows, count], length of the chord between the two directions, 0 .. 2; Infinity where there is no neighbour. */
  readonly distances: Float32Array;
}

/** Rows in one product: its result is 4 MB. */
const blockRows = 1024;

/** What the comparison needs; progress is told in pairs of blocks. */
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
export async function nearestRows(
  matrix: Matrix,
  rows: Int32Array,
  wanted: number,
  context: NeighbourContext,
): Promise<Neighbours> {
  const count = Math.max(0, Math.min(wanted, rows.length - 1));
  const nearest = new Nearest(rows.length, count);
  if (count === 0) return nearest.result();
  const blocks = Math.ceil(rows.length / blockRows);
  let compared = 0;
  const session = await context.openSession(productGraph(matrix.columns), { threads: context.threads });
  try {
    for (let top = 0; top < rows.length; top += blockRows) {
      const a = directions(matrix, rows.subarray(top, top + blockRows));
      for (let left = top; left < rows.length; left += blockRows) {
        context.signal?.throwIfAborted();
        const b = left === top ? a : directions(matrix, rows.subarray(left, left + blockRows));
        const { cosine } = await session.run({ a, b });
        context.progress?.(++compared, (blocks * (blocks + 1)) / 2);
        nearest.add(top, left, expectTensor(cosine, 'float32').data, b.dims[0]);
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

  constructor(rows: number, count: number) {
    this.#count = count;
    this.#places = new Int32Array(rows * count).fill(-1);
    this.#cosines = new Float32Array(rows * count).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param cosines of rows from `top` on, each against `width` rows from `left` on */
  add(top: number, left: number, cosines: Float32Array, width: number): void {
    const worst = this.#count - 1;
    for (let i = 0, row = top; i < cosines.length; i += width, row++) {
      const ownWorst = row * this.#count + worst;
      for (let j = Math.max(0, row + 1 - left); j < width; j++) {
        const cosine = cosines[i + j];
        if (cosine > this.#cosines[ownWorst]) this.#insert(row, left + j, cosine);
        if (cosine > this.#cosines[(left + j) * this.#count + worst]) this.#insert(left + j, row, cosine);
      }
    }
  }

  #insert(row: number, neighbour: number, cosine: number): void {
    const first = row * this.#count;
    let at = first + this.#count - 1;
    for (; at > first && this.#cosines[at - 1] < cosine; at--) {
      this.#cosines[at] = this.#cosines[at - 1];
      this.#places[at] = this.#places[at - 1];
    }
    this.#cosines[at] = cosine;
    this.#places[at] = neighbour;
  }

  result(): Neighbours {
    const distances = this.#cosines;
    for (let at = 0; at < distances.length; at++) distances[at] = Math.sqrt(Math.max(0, 2 - 2 * distances[at]));
    return { count: this.#count, places: this.#places, distances };
  }
}

/** Rows of a matrix at unit length; rows of zeros stay what they are. */
function directions({ columns, data }: Matrix, rows: Int32Array) {
  const out = new Float32Array(rows.length * columns);
  for (const [place, row] of rows.entries()) {
    const values = data.subarray(row * columns, (row + 1) * columns);
    let square = 0;
    for (const value of values) square += value * value;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = 0, at = place * columns; d < columns; d++, at++) out[at] = scale * values[d];
  }
  return float32(out, rows.length, columns);
}

/** a [n, D], b [m, D] -> a b^T [n, m] */
function productGraph(columns: number): Uint8Array {
  const g = new GraphBuilder();
  g.input('a', 'float32', ['n', columns]);
  g.input('b', 'float32', ['m', columns]);
  g.output(g.node('Gemm', ['a', 'b'], { transB: 1 }), 'float32', ['n', 'm'], 'cosine');
  return g.bytes();
}
