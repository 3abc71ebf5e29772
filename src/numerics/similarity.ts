/** The rows that point the same way as a vector, seen from their average. */

import { blocksOf, type Rows } from './rows.ts';

export interface Neighbour {
  /** Row of the matrix that was searched. */
  readonly row: number;
  /** Cosine after subtracting the average: 1 is the same direction, 0 unrelated. */
  readonly similarity: number;
}

/** [D] Average of the rows; zeros without any. */
export function averageOf(matrix: Rows | undefined, columns: number): Float32Array {
  const sum = new Float64Array(columns);
  if (matrix)
    for (const { data } of blocksOf(matrix))
      for (let at = 0; at < data.length; ) for (let d = 0; d < columns; d++, at++) sum[d] += data[at] / matrix.rows;
  return Float32Array.from(sum);
}

/** The `count` rows most similar to a vector [D], the most similar first; the first of equals first. */
export function nearestTo(vector: Float32Array, average: Float32Array, matrix: Rows, count: number): Neighbour[] {
  const own = vector.map((value, unit) => value - average[unit]);
  const length = Math.sqrt(own.reduce((sum, value) => sum + value ** 2, 0));
  const all: Neighbour[] = [];
  for (const { from, rows, columns, data } of blocksOf(matrix))
    for (let i = 0, at = 0; i < rows; i++) {
      let product = 0;
      let square = 0;
      for (let unit = 0; unit < columns; unit++, at++) {
        const value = data[at] - average[unit];
        product += value * own[unit];
        square += value * value;
      }
      const scale = length * Math.sqrt(square);
      all.push({ row: from + i, similarity: scale > 0 ? product / scale : 0 });
    }
  return all.sort((a, b) => b.similarity - a.similarity || a.row - b.row).slice(0, count);
}
