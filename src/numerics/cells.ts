/** Rows that lie near each other, in cells that overlap. */

import { GraphBuilder } from '../onnx/builder.ts';
import { expectTensor, float32, type OpenSession, type Session } from '../runtime/platform.ts';
import { blocksOf, gather, type Rows } from './rows.ts';

/** Rows that a cell would have on average if it had no row of another. */
const rowsOfCell = 1000;
/** Each row lies in so many cells: near rows then share one, though a border may run between them. */
export const cellsOfRow = 4;
/**
 * Rows that a cell has at most, eight times as many as on average: all pairs of a cell are compared, and a hundred thousand equal
 * rows, such as black frames, would all be in one.
 */
export const mostOfCell = 32_000;
/** Rows a centre that the centres are learned from, and how often they are moved. */
const sampleOfCell = 16;
const rounds = 5;
/** Rows in one product. */
const rowsAtOnce = 2048;

interface CellContext {
  readonly openSession: OpenSession;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The rows by their directions: k-means of a sample, then each row in the cells of its four nearest centres. A cell of too many
 * rows is divided in their order, in which like rows mostly follow each other.
 * @returns the rows of each cell, ascending
 */
export async function cellsOf(table: Rows, context: CellContext): Promise<Int32Array[]> {
  const { rows, columns } = table;
  const count = Math.max(cellsOfRow, Math.ceil(rows / rowsOfCell));
  const session = await context.openSession(nearestCentresGraph(columns), { threads: context.threads });
  try {
    const sample = gather(table, evenly(rows, Math.min(rows, sampleOfCell * count)));
    const starts = gather(sample, evenly(sample.rows, count));
    const centres = unit(starts.data, columns);
    for (let round = 0; round < rounds; round++) {
      const nearest = await nearestCentres(sample, centres, session, context);
      recentre(sample, centres, nearest);
    }
    return membersOf(await nearestCentres(table, centres, session, context), count).flatMap(divided);
  } finally {
    await session.release();
  }
}

/** `count` numbers below `all`, evenly. */
function evenly(all: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * all) / count));
}

/** [rows, cellsOfRow] Numbers of the nearest centres, nearest first. */
async function nearestCentres(
  table: Rows,
  centres: Float32Array,
  session: Session,
  { signal }: CellContext,
): Promise<Int32Array> {
  const { rows, columns } = table;
  const count = centres.length / columns;
  const halves = Float32Array.from({ length: count }, (_, c) => {
    let sum = 0;
    for (let at = c * columns; at < (c + 1) * columns; at++) sum += centres[at] * centres[at];
    return sum / 2;
  });
  const fixed = { centres: float32(centres, count, columns), halves: float32(halves, count) };
  const out = new Int32Array(rows * cellsOfRow);
  for (const { from, rows: n, data } of blocksOf(table, rowsAtOnce)) {
    signal?.throwIfAborted();
    const { nearest } = await session.run({ x: float32(unit(data, columns), n, columns), ...fixed });
    const found = expectTensor(nearest, 'int64').data;
    for (let i = 0; i < found.length; i++) out[from * cellsOfRow + i] = Number(found[i]);
  }
  return out;
}

/** Moves each centre to the mean of the rows that are nearest to it; one without rows stays. */
function recentre(sample: Rows, centres: Float32Array, nearest: Int32Array): void {
  const { columns } = sample;
  const sums = new Float64Array(centres.length);
  const sizes = new Int32Array(centres.length / columns);
  for (const { from, rows, data } of blocksOf(sample, rowsAtOnce)) {
    const directions = unit(data, columns);
    for (let i = 0, at = 0; i < rows; i++) {
      const cell = nearest[(from + i) * cellsOfRow];
      sizes[cell]++;
      for (let d = 0; d < columns; d++, at++) sums[cell * columns + d] += directions[at];
    }
  }
  for (let at = 0; at < centres.length; at++) {
    const size = sizes[Math.floor(at / columns)];
    if (size > 0) centres[at] = sums[at] / size;
  }
}

function membersOf(nearest: Int32Array, count: number): Int32Array[] {
  const sizes = new Int32Array(count);
  for (const cell of nearest) sizes[cell]++;
  const cells = Array.from(sizes, (size) => new Int32Array(size));
  sizes.fill(0);
  for (const [at, cell] of nearest.entries()) cells[cell][sizes[cell]++] = Math.floor(at / cellsOfRow);
  return cells;
}

function divided(cell: Int32Array): Int32Array[] {
  const parts = Math.max(1, Math.ceil(cell.length / mostOfCell));
  const at = (part: number) => Math.floor((part * cell.length) / parts);
  return Array.from({ length: parts }, (_, part) => cell.subarray(at(part), at(part + 1)));
}

/** Rows at unit length; zeros where a row is all zeros or not numbers. */
function unit(data: Float32Array, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += columns) {
    let square = 0;
    for (let at = from; at < from + columns; at++) square += data[at] * data[at];
    if (!(square > 0 && square < Number.POSITIVE_INFINITY)) continue;
    const scale = 1 / Math.sqrt(square);
    for (let at = from; at < from + columns; at++) out[at] = scale * data[at];
  }
  return out;
}

/** x [n, D], centres [m, D], half their squared lengths [m] -> numbers of the nearest centres [n, cellsOfRow] */
function nearestCentresGraph(columns: number): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', columns]);
  g.input('centres', 'float32', ['m', columns]);
  g.input('halves', 'float32', ['m']);
  const near = g.node('Sub', [g.node('Gemm', ['x', 'centres'], { transB: 1 }), 'halves']);
  const [, nearest] = g.nodes('TopK', [near, g.ints([cellsOfRow])], 2, { axis: 1 });
  g.output(nearest, 'int64', ['n', cellsOfRow], 'nearest');
  return g.bytes();
}
