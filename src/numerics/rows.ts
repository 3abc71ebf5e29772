/** Rows of numbers, in memory or in a file, read by block. */

import type { Matrix } from '../runtime/platform.ts';

/** Rows of float32 that do not lie in memory. */
export interface StoredRows {
  readonly rows: number;
  readonly columns: number;
  /** Copies consecutive rows from `from` on into `target`, [n, columns]. */
  read(from: number, target: Float32Array): void;
}

/** Rows that can be written, too, one or several at a time. */
export interface WritableRows extends StoredRows {
  write(from: number, values: Float32Array): void;
}

/** Rows of float32, [rows, columns]: what is fitted on them reads them by block, and does not ask where they lie. */
export type Rows = Matrix | StoredRows;

/** Some consecutive rows. */
export interface Block extends Matrix {
  /** Number of its first row. */
  readonly from: number;
}

/** Numbers that one block may hold; 16 MB. */
const blockNumbers = 4_000_000;

/** Consecutive rows [count, columns]: where they lie, or read into `scratch`, which has room for them. */
export function rowsAt(table: Rows, from: number, count: number, scratch?: Float32Array): Float32Array {
  const { columns } = table;
  if ('data' in table) return table.data.subarray(from * columns, (from + count) * columns);
  const target = scratch ? scratch.subarray(0, count * columns) : new Float32Array(count * columns);
  table.read(from, target);
  return target;
}

/**
 * All rows in order, block by block; a block is good until the next one is asked for. Blocks begin at the same rows
 * wherever these lie, so that sums over them are the same to the last bit.
 * @param most rows in one block; 16 MB unless told
 */
export function* blocksOf(table: Rows, most = Number.POSITIVE_INFINITY): Generator<Block> {
  const { rows, columns } = table;
  const size = Math.min(rows, most, Math.max(1, Math.floor(blockNumbers / columns)));
  const scratch = 'data' in table ? undefined : new Float32Array(size * columns);
  for (let from = 0; from < rows; from += size) {
    const count = Math.min(size, rows - from);
    yield { from, rows: count, columns, data: rowsAt(table, from, count, scratch) };
  }
}

/** The named rows: copied where one block holds them, else read when they are needed. */
export function pick(table: Rows, rows: ArrayLike<number>): Rows {
  if (rows.length * table.columns <= blockNumbers) return gather(table, rows);
  return { rows: rows.length, columns: table.columns, read: (from, target) => copyRows(table, rows, from, target) };
}

/** The named rows, copied. */
export function gather(table: Rows, rows: ArrayLike<number>): Matrix {
  const data = new Float32Array(rows.length * table.columns);
  copyRows(table, rows, 0, data);
  return { rows: rows.length, columns: table.columns, data };
}

/** The first rows. */
export function firstOf(table: Rows, rows: number): Rows {
  const { columns } = table;
  if ('data' in table) return { rows, columns, data: table.data.subarray(0, rows * columns) };
  return { rows, columns, read: (from, target) => table.read(from, target) };
}

/** All rows in memory, for what goes to and fro among them. */
export function resident(table: Rows): Matrix {
  const { rows, columns } = table;
  return 'data' in table ? table : { rows, columns, data: rowsAt(table, 0, rows) };
}

/** Copies the rows at places from `from` on of the list; rows that follow each other are read at once. */
function copyRows(table: Rows, rows: ArrayLike<number>, from: number, target: Float32Array): void {
  const { columns } = table;
  const count = target.length / columns;
  for (let place = 0; place < count; ) {
    const first = rows[from + place];
    let run = 1;
    while (place + run < count && rows[from + place + run] === first + run) run++;
    const into = target.subarray(place * columns, (place + run) * columns);
    if ('data' in table) into.set(table.data.subarray(first * columns, (first + run) * columns));
    else table.read(first, into);
    place += run;
  }
}

/**
 * Rows that are computed from those of others, as many as they have: in memory where theirs are, else when they are read.
 * @param fill computes rows from `from` on into the target
 */
export function derived(
  sources: readonly Rows[],
  columns: number,
  fill: (from: number, target: Float32Array) => void,
): Rows {
  const table = { rows: sources[0].rows, columns, read: fill };
  return sources.every((source) => 'data' in source) ? resident(table) : table;
}

/** Brings the named rows, each named once, to the front in their order: a second table would double the memory. */
export function gatherInPlace(table: WritableRows, rows: readonly number[]): void {
  const row = new Float32Array(table.columns);
  const copy = (from: number, to: number) => {
    table.read(from, row);
    table.write(to, row);
  };
  const ascending = Int32Array.from(rows).sort();
  const places = new Int32Array(table.rows);
  for (const [to, from] of ascending.entries()) {
    places[from] = to;
    if (to < from) copy(from, to);
  }
  const from = Int32Array.from(rows, (row) => places[row]);
  // What is left goes round in circles: one row is held while each place takes the next one's.
  const held = new Float32Array(table.columns);
  for (const start of from.keys()) {
    if (from[start] === start) continue;
    table.read(start, held);
    let place = start;
    while (from[place] !== start && from[place] !== place) {
      const next = from[place];
      copy(next, place);
      from[place] = place;
      place = next;
    }
    table.write(place, held);
    from[place] = place;
  }
}

/** Rows in memory that can be written. */
export function writableMatrix({ rows, columns, data }: Matrix): Matrix & WritableRows {
  return {
    ...{ rows, columns, data },
    read: (from, target) => target.set(data.subarray(from * columns, from * columns + target.length)),
    write: (from, values) => data.set(values, from * columns),
  };
}
