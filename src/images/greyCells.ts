/** A photo as 32 x 32 grey cells. */

import type { Pixels } from '../runtime/platform.ts';

/** A photo in grey, whatever its size and shape, has so many cells across and down. */
export const cellsAcross = 32;

/** Mean brightness (ITU-R 601) of 32 x 32 cells, 0 .. 255; a photo smaller than that gives cells that share pixels. */
export function greyCells({ width, height, data }: Pixels): Float64Array {
  const columns = edges(width);
  const rows = edges(height);
  const grey = new Float64Array(cellsAcross * cellsAcross);
  for (let i = 0; i < cellsAcross; i++)
    for (let y = rows.from[i]; y < rows.to[i]; y++)
      for (let j = 0; j < cellsAcross; j++) {
        let sum = 0;
        const end = (y * width + columns.to[j]) * 3;
        for (let at = (y * width + columns.from[j]) * 3; at < end; at += 3)
          sum += 299 * data[at] + 587 * data[at + 1] + 114 * data[at + 2];
        grey[i * cellsAcross + j] += sum;
      }
  for (let i = 0; i < cellsAcross; i++)
    for (let j = 0; j < cellsAcross; j++)
      grey[i * cellsAcross + j] /= 1000 * (rows.to[i] - rows.from[i]) * (columns.to[j] - columns.from[j]);
  return grey;
}

function edges(length: number): { from: Int32Array; to: Int32Array } {
  const from = Int32Array.from({ length: cellsAcross }, (_, i) => Math.floor((i * length) / cellsAcross));
  const to = Int32Array.from({ length: cellsAcross }, (_, i) =>
    Math.max(from[i] + 1, Math.floor(((i + 1) * length) / cellsAcross)),
  );
  return { from, to };
}
