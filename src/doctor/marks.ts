/** Marks that stand at one place in the photos of one class: watermarks, dates, frames. */

import { cellsAcross } from '../images/greyCells.ts';

/** What a cell's grey may differ from its surroundings, at most: one dark edge does not decide. */
const mostDifference = 20;
/** Differences of means, in standard errors, from which a cell belongs to a mark: 1,024 cells are asked, for each class. */
const leastErrors = 4.5;
/** The least variance of a cell, in squared grey values. */
const leastVariance = 4;

/** A class told from all others by a mark. */
export interface Mark {
  /** [N] 1 where the photo is classified as one of the class, by a mark that was learned from the other folds. */
  readonly taken: Int32Array;
  /** Whether it is the class that has the mark, rather than the others. */
  readonly isOwn: boolean;
}

/**
 * Whether cells that differ from their surroundings in the same way in all photos of a class tell it from the others: a
 * template of these cells, learned from the other folds. What photos show stands now here, now there, so it makes no mark.
 * @param cells [N] each photo as 32 x 32 grey cells
 * @returns what gives the mark of a class, if it has one
 */
export function findMarks(
  cells: readonly Uint8Array[],
  labels: Int32Array,
  fold: Int32Array,
  folds: number,
): (label: number) => Mark | undefined {
  const details = cells.map(detailOf);
  const partsOf = (rows: Iterable<number>) => {
    const parts = Array.from({ length: folds }, emptySums);
    for (const row of rows) addPhoto(parts[fold[row]!]!, details[row]!);
    return parts;
  };
  const all = partsOf(fold.keys());
  const held = all.map((_, k) => [...fold.keys()].filter((row) => fold[row] === k));
  return (label) => {
    const parts = partsOf([...labels.keys()].filter((row) => labels[row] === label));
    const taken = new Int32Array(cells.length);
    let [stands, count] = [0, 0];
    for (const [k, rows] of held.entries()) {
      const own = sumOf(parts.filter((_, j) => j !== k));
      const template = templateOf(own, difference(sumOf(all.filter((_, j) => j !== k)), own));
      if (!template) continue;
      count += template.places.length;
      stands += template.own;
      for (const row of rows) taken[row] = Number(scoreOf(details[row]!, template) > 0);
    }
    return count === 0 ? undefined : { taken, isOwn: stands >= 0 };
  };
}

/** What each cell has that the mean of its 3 x 3 surroundings has not. */
function detailOf(cells: Uint8Array): Int8Array {
  const detail = new Int8Array(cells.length);
  for (let y = 0; y < cellsAcross; y++)
    for (let x = 0; x < cellsAcross; x++) {
      let [sum, count] = [0, 0];
      for (let j = Math.max(0, y - 1); j <= Math.min(cellsAcross - 1, y + 1); j++)
        for (let i = Math.max(0, x - 1); i <= Math.min(cellsAcross - 1, x + 1); i++, count++)
          sum += cells[j * cellsAcross + i]!;
      const difference = cells[y * cellsAcross + x]! - sum / count;
      detail[y * cellsAcross + x] = Math.round(Math.max(-mostDifference, Math.min(mostDifference, difference)));
    }
  return detail;
}

/** Photos, and sums and squares of each cell: whole numbers, so that differences of sums are exact. */
interface Sums {
  count: number;
  readonly sum: Float64Array;
  readonly square: Float64Array;
}

function emptySums(): Sums {
  const size = cellsAcross ** 2;
  return { count: 0, sum: new Float64Array(size), square: new Float64Array(size) };
}

function addPhoto(to: Sums, detail: Int8Array): void {
  to.count++;
  for (const [at, value] of detail.entries()) {
    to.sum[at]! += value;
    to.square[at]! += value ** 2;
  }
}

function sumOf(parts: readonly Sums[]): Sums {
  const all = emptySums();
  for (const { count, sum, square } of parts) {
    all.count += count;
    for (const [at, value] of sum.entries()) all.sum[at]! += value;
    for (const [at, value] of square.entries()) all.square[at]! += value;
  }
  return all;
}

function difference(all: Sums, part: Sums): Sums {
  return {
    count: all.count - part.count,
    sum: all.sum.map((value, at) => value - part.sum[at]!),
    square: all.square.map((value, at) => value - part.square[at]!),
  };
}

interface Template {
  readonly places: readonly number[];
  readonly weights: readonly number[];
  readonly limit: number;
  /** Above 0 where the class itself stands out from an even ground more than the others do. */
  readonly own: number;
}

function templateOf(own: Sums, others: Sums): Template | undefined {
  if (own.count < 2 || others.count < 2) return undefined;
  const places: number[] = [];
  const weights: number[] = [];
  let [limit, stands] = [0, 0];
  for (let at = 0; at < own.sum.length; at++) {
    const [a, b] = [own.sum[at]! / own.count, others.sum[at]! / others.count];
    const [va, vb] = [own.square[at]! / own.count - a * a, others.square[at]! / others.count - b * b];
    const error = Math.sqrt((va + leastVariance) / own.count + (vb + leastVariance) / others.count);
    if (Math.abs(a - b) < leastErrors * error) continue;
    const weight = (a - b) / ((va + vb) / 2 + leastVariance);
    places.push(at);
    weights.push(weight);
    limit += (weight * (a + b)) / 2;
    stands += Math.abs(a) - Math.abs(b);
  }
  return places.length === 0 ? undefined : { places, weights, limit, own: stands };
}

function scoreOf(detail: Int8Array, { places, weights, limit }: Template): number {
  let score = -limit;
  for (const [i, at] of places.entries()) score += weights[i]! * detail[at]!;
  return score;
}
