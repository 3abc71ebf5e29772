/** Perceptual hash: 64 bits that are nearly equal for near-duplicates. */

import { cellsAcross as cells } from './greyCells.ts';

/** 8 x 8 frequencies of the grey cells, those from 1 to 8, give a bit each. */
const frequencies = 8;

/** cosines[u][i] = cos(pi (u + 1) (i + 0.5) / 32): rows 1..8 of the discrete cosine transform (DCT-II). */
const cosines = Array.from({ length: frequencies }, (_, u) =>
  Float64Array.from({ length: cells }, (_, i) => Math.cos((Math.PI * (u + 1) * (i + 0.5)) / cells)),
);

/**
 * A 64-bit perceptual hash as 16 hex digits: which low frequencies of the grey photo lie above their median. Equal or
 * close for photos that look alike, whatever their size, compression or brightness.
 * @param grey of greyCells.ts
 * After pHash (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions").
 */
export function perceptualHash(grey: Float64Array): string {
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
