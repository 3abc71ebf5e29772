/** Pictures without the plain border of a screenshot, a letterbox or a frame. */

import { cellsAcross } from '../images/greyCells.ts';
import { perceptualHash } from '../images/perceptualHash.ts';
import type { Picture } from './alignPictures.ts';

/** Grey levels by which a plain border may vary. */
const even = 2;
/** Of each side so much must be left: else the picture itself is plain. */
const leastLeft = 0.5;
/** Cells that are cut off at least, all sides together: less changes nothing that is compared. */
const leastCut = 2;

/** From where to where a side is picture, in cells. */
interface Extent {
  readonly from: number;
  readonly to: number;
}

/**
 * The picture inside its border: rows and columns at the edges that are one grey all along. Where a border ends within a cell,
 * its share of that cell is told from the next one.
 * @returns undefined without a border
 */
export function trimBorder({ cells, aspect }: Picture): (Picture & { readonly hash: string }) | undefined {
  const at = (line: number, along: number, isRow: boolean) =>
    isRow ? cells[line * cellsAcross + along] : cells[along * cellsAcross + line];
  const whole = { from: 0, to: cellsAcross };
  const rows = extentOf((line, along) => at(line, along, true), whole);
  const columns = extentOf((line, along) => at(line, along, false), rows);
  const [wide, high] = [columns.to - columns.from, rows.to - rows.from];
  if (Math.min(wide, high) < leastLeft * cellsAcross || wide + high > 2 * cellsAcross - leastCut) return undefined;
  const inner = stretched(cells, rows, columns);
  return { cells: Uint8Array.from(inner, Math.round), aspect: (aspect * wide) / high, hash: perceptualHash(inner) };
}

/** @param within of the lines that cross these, what is looked at */
function extentOf(at: (line: number, along: number) => number, within: Extent): Extent {
  const places = Array.from(
    { length: Math.floor(within.to) - Math.ceil(within.from) },
    (_, i) => Math.ceil(within.from) + i,
  );
  const line = (number: number) => places.map((along) => at(number, along));
  const from = borderOf((number) => line(number));
  const to = cellsAcross - borderOf((number) => line(cellsAcross - 1 - number));
  return { from, to };
}

/** How many lines from the edge are one grey, with the share of the first that is not. */
function borderOf(line: (number: number) => readonly number[]): number {
  const first = line(0);
  const grey = first.reduce((sum, value) => sum + value, 0) / first.length;
  const isPlain = (values: readonly number[]) => values.every((value) => Math.abs(value - grey) <= even);
  let lines = 0;
  while (lines < cellsAcross && isPlain(line(lines))) lines++;
  if (lines === 0 || lines + 1 >= cellsAcross) return lines;
  const [mixed, next] = [line(lines), line(lines + 1)];
  let [product, square] = [0, 0];
  for (const [i, value] of next.entries()) {
    product += (mixed[i] - grey) * (value - grey);
    square += (value - grey) ** 2;
  }
  return lines + 1 - Math.min(1, Math.max(0, product / square || 0));
}

/** A part of the cells as 32 x 32, each the mean of the area that it covers. */
function stretched(cells: Uint8Array, rows: Extent, columns: Extent): Float64Array {
  const [down, across] = [shares(rows), shares(columns)];
  const out = new Float64Array(cellsAcross * cellsAcross);
  for (const [i, own] of down.entries())
    for (const [j, beside] of across.entries()) {
      let sum = 0;
      for (const [y, high] of own) for (const [x, wide] of beside) sum += high * wide * cells[y * cellsAcross + x];
      out[i * cellsAcross + j] = sum;
    }
  return out;
}

/** The cells that each of 32 equal parts of an extent covers, with their shares of it. */
function shares({ from, to }: Extent): [cell: number, share: number][][] {
  const size = (to - from) / cellsAcross;
  return Array.from({ length: cellsAcross }, (_, i) => {
    const [low, high] = [from + i * size, from + (i + 1) * size];
    const own: [number, number][] = [];
    for (let cell = Math.floor(low); cell < Math.min(high, cellsAcross); cell++) {
      const share = (Math.min(high, cell + 1) - Math.max(low, cell)) / size;
      if (share > 1e-9) own.push([cell, share]);
    }
    return own;
  });
}
