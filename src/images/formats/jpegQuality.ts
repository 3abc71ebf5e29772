/** The quality of a JPEG, from its quantisation tables. */

import { jpegHeader } from './jpeg.ts';

/** Annex K of the JPEG standard, for brightness, in zigzag order: what libjpeg and most cameras scale. */
const standard = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
  60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121,
  112, 100, 120, 92, 101, 103, 99,
];

/** The sums of libjpeg's tables, of quality 1 to 100. */
const sums = Array.from({ length: 100 }, (_, i) => {
  const quality = i + 1;
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return standard.reduce((sum, one) => sum + Math.min(255, Math.max(1, Math.floor((one * scale + 50) / 100))), 0);
});

/**
 * The quality of a JPEG, 1 to 100, by its quantisation table of brightness: that of the libjpeg quality which divides about
 * as much. Programs with tables of their own get the nearest. Undefined for what has no such table.
 */
export function jpegQuality(bytes: Uint8Array): number | undefined {
  for (const { marker, segment } of jpegHeader(bytes)) {
    const sum = marker === 0xdb ? tableSum(segment) : undefined;
    if (sum !== undefined) return nearest(sum);
  }
  return undefined;
}

/** Of table 0, which is that of brightness; of 8 or 16 bits. */
function tableSum(segment: Uint8Array): number | undefined {
  for (let at = 0; at < segment.length; ) {
    const wide = segment[at] >> 4 === 1;
    const size = wide ? 128 : 64;
    const table = segment.subarray(at + 1, at + 1 + size);
    if (table.length < size) return undefined;
    if ((segment[at] & 15) === 0)
      return table.reduce((sum, one, i) => sum + (wide && i % 2 === 0 ? 256 * one : one), 0);
    at += 1 + size;
  }
  return undefined;
}

function nearest(sum: number): number {
  const distance = (i: number) => Math.abs(sums[i] - sum);
  return 1 + sums.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
}
