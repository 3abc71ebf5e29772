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
  /** [N] 1 where the photo is taken for one of the class, by a mark that was learned from the other folds. */
  readonly taken: Int32Array;
  /** Whether it is the class that has the mark, rather than the others. */
  readonly isOwn: boolean;
}

/**
 * Of each class, whether cells that differ from their surroundings in the same way in all its photos tell it from the others: a
 * template of these cells, learned from the other folds. What photos show stands now here, now there, so it makes no mark.
 * @param cells [N] each photo as 32 x 32 grey cells
 */
export function findMarks(
  cells: readonly Uint8Array[],
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  folds: number,
): (Mark | undefined)[] {
  const details = cells.map(detailOf);
  const sums = partSums(details, labels, classes, fold, folds);
  const marks = Array.from({ length: classes }, () => ({ taken: new Int32Array(cells.length), own: 0, cells: 0 }));
  for (let k = 0; k < folds; k++) {
    const held = [...fold.keys()].filter((row) => fold[row] === k);
    for (const [c, mark] of marks.entries()) {
      const template = templateOf(sums, k, c);
      if (!template) continue;
      mark.cells += template.places.length;
      mark.own += template.own;
      for (const row of held) mark.taken[row] = Number(scoreOf(details[row]!, template) > 0);
    }
  }
  return marks.map(({ taken, own, cells: count }) => (count === 0 ? undefined : { taken, isOwn: own >= 0 }));
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

/** Photos, sums and squares of each cell, by fold and class. */
interface Sums {
  readonly count: number;
  readonly sum: Float64Array;
  readonly square: Float64Array;
}

function partSums(
  details: readonly Int8Array[],
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  folds: number,
): Sums[][] {
  const size = cellsAcross ** 2;
  const parts = Array.from({ length: folds }, () =>
    Array.from({ length: classes }, () => ({ count: 0, sum: new Float64Array(size), square: new Float64Array(size) })),
  );
  for (const [row, detail] of details.entries()) {
    const part = parts[fold[row]!]![labels[row]!]!;
    part.count++;
    for (let at = 0; at < size; at++) {
      part.sum[at]! += detail[at]!;
      part.square[at]! += detail[at]! ** 2;
    }
  }
  return parts;
}

interface Template {
  readonly places: readonly number[];
  readonly weights: readonly number[];
  readonly limit: number;
  /** Above 0 where the class itself stands out from an even ground more than the others do. */
  readonly own: number;
}

function templateOf(parts: readonly (readonly Sums[])[], held: number, label: number): Template | undefined {
  const size = cellsAcross ** 2;
  const sides = [0, 1].map(() => ({ count: 0, sum: new Float64Array(size), square: new Float64Array(size) }));
  for (const [k, classes] of parts.entries())
    if (k !== held)
      for (const [c, part] of classes.entries()) {
        const side = sides[Number(c !== label)]!;
        side.count += part.count;
        for (let at = 0; at < size; at++) {
          side.sum[at]! += part.sum[at]!;
          side.square[at]! += part.square[at]!;
        }
      }
  const [own, others] = sides as [Sums, Sums];
  if (own.count < 2 || others.count < 2) return undefined;
  const places: number[] = [];
  const weights: number[] = [];
  let [limit, stands] = [0, 0];
  for (let at = 0; at < size; at++) {
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
