import type { Pixels } from '../platform.ts';

/** The photo is seen as 32 x 32 grey cells; 8 x 8 of their frequencies, those from 1 to 8, give a bit each. */
const cells = 32;
const frequencies = 8;

/** cosines[u][i] = cos(pi (u + 1) (i + 0.5) / 32): rows 1..8 of the discrete cosine transform (DCT-II). */
const cosines = Array.from({ length: frequencies }, (_, u) =>
  Float64Array.from({ length: cells }, (_, i) => Math.cos((Math.PI * (u + 1) * (i + 0.5)) / cells)),
);

/**
 * A 64-bit perceptual hash as 16 hex digits: which low frequencies of the grey photo lie above their median. Equal or
 * close for photos that look alike, whatever their size, compression or brightness.
 * After pHash (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions").
 */
export function perceptualHash(pixels: Pixels): string {
  const grey = greyCells(pixels);
  const spectrum = new Float64Array(frequencies * frequencies);
  const row = new Float64Array(cells);
  for (let u = 0; u < frequencies; u++) {
    row.fill(0);
    for (let y = 0; y < cells; y++) for (let x = 0; x < cells; x++) row[x] += cosines[u][y] * grey[y * cells + x];
    for (let v = 0; v < frequencies; v++) {
      let sum = 0;
      for (let x = 0; x < cells; x++) sum += cosines[v][x] * row[x];
      spectrum[u * frequencies + v] = sum;
    }
  }
  const sorted = spectrum.toSorted();
  // Half a grey level in one cell: below it lies rounding, so that a plain surface gives no random bits.
  const threshold = (sorted[31] + sorted[32]) / 2 + 0.5;
  let hash = '';
  for (let i = 0; i < spectrum.length; i += 4) {
    let digit = 0;
    for (let bit = 0; bit < 4; bit++) digit = digit * 2 + (spectrum[i + bit] > threshold ? 1 : 0);
    hash += digit.toString(16);
  }
  return hash;
}

/** Mean brightness (ITU-R 601) of 32 x 32 cells; a photo smaller than that gives cells that share pixels. */
function greyCells({ width, height, data }: Pixels): Float64Array {
  const columns = edges(width);
  const rows = edges(height);
  const grey = new Float64Array(cells * cells);
  for (let i = 0; i < cells; i++)
    for (let y = rows.from[i]; y < rows.to[i]; y++)
      for (let j = 0; j < cells; j++) {
        let sum = 0;
        const end = (y * width + columns.to[j]) * 3;
        for (let at = (y * width + columns.from[j]) * 3; at < end; at += 3)
          sum += 299 * data[at] + 587 * data[at + 1] + 114 * data[at + 2];
        grey[i * cells + j] += sum;
      }
  for (let i = 0; i < cells; i++)
    for (let j = 0; j < cells; j++)
      grey[i * cells + j] /= 1000 * (rows.to[i] - rows.from[i]) * (columns.to[j] - columns.from[j]);
  return grey;
}

function edges(length: number): { from: Int32Array; to: Int32Array } {
  const from = Int32Array.from({ length: cells }, (_, i) => Math.floor((i * length) / cells));
  const to = Int32Array.from({ length: cells }, (_, i) =>
    Math.max(from[i] + 1, Math.floor(((i + 1) * length) / cells)),
  );
  return { from, to };
}
