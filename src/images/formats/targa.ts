/** Targa. */

import type { Pixels } from '../../runtime/platform.ts';
import { Canvas, cutShort, requireBytes } from './canvas.ts';

const depths: Readonly<Record<number, readonly number[]>> = { 1: [8], 2: [15, 16, 24, 32], 3: [8, 16] };

/** Whether the header is one of Truevision's Targa, which has no bytes that it must begin with. */
export function isTarga(bytes: Uint8Array): boolean {
  if (bytes.length < 18) return false;
  const [, hasMap, kind] = bytes;
  const fits = depths[kind & ~8]?.includes(bytes[16]) ?? false;
  const map = [bytes[5] | (bytes[6] << 8), bytes[7]];
  const isMapped = (kind & ~8) === 1;
  const mapFits =
    hasMap === 0
      ? !isMapped && bytes.subarray(3, 8).every((byte) => byte === 0)
      : map[0] > 0 && [15, 16, 24, 32].includes(map[1]);
  const [width, height] = [bytes[12] | (bytes[13] << 8), bytes[14] | (bytes[15] << 8)];
  return hasMap <= 1 && (kind & ~11) === 0 && fits && mapFits && width > 0 && height > 0 && (bytes[17] & 0xc0) === 0;
}

/**
 * Decodes a Targa: palette, colours and grey, with and without run lengths, from any corner.
 * @throws ImageError TRUNCATED, TOO_LARGE
 */
export function decodeTarga(bytes: Uint8Array, maxPixels: number): Pixels {
  const word = (at: number): number => bytes[at] | (bytes[at + 1] << 8);
  const kind = bytes[2] & ~8;
  const isPacked = (bytes[2] & 8) !== 0;
  const [width, height, bits, flags] = [word(12), word(14), bytes[16], bytes[17]];
  const canvas = new Canvas(width, height, maxPixels);
  const mapStart = 18 + bytes[0];
  const entry = Math.ceil(bytes[7] / 8);
  let at = mapStart + (bytes[1] === 1 ? word(5) * entry : 0);
  const size = Math.ceil(bits / 8);
  // A run has at most 128 pixels.
  if (isPacked) requireBytes(bytes, at + Math.ceil((width * height) / 128) * (1 + size), 'Targa');
  // Opacity is there only where the header counts bits of it.
  const hasOpacity = (flags & 15) > 0;
  const draw = (place: number, from: number): void => {
    const [column, line] = [place % width, Math.floor(place / width)];
    const x = flags & 0x10 ? width - 1 - column : column;
    const y = flags & 0x20 ? line : height - 1 - line;
    if (kind === 3)
      canvas.set(x, y, bytes[from], bytes[from], bytes[from], size === 2 && hasOpacity ? bytes[from + 1] : 255);
    else if (kind === 2) set(canvas, bytes, x, y, from, bits, hasOpacity);
    else set(canvas, bytes, x, y, mapStart + (bytes[from] - word(3)) * entry, bytes[7], false);
  };
  for (let place = 0; place < width * height; ) {
    const head = isPacked ? bytes[at++] : 127;
    const count = Math.min(isPacked ? (head & 127) + 1 : width * height, width * height - place);
    const isRun = isPacked && (head & 128) !== 0;
    if (!(at + (isRun ? 1 : count) * size <= bytes.length)) throw cutShort('Targa');
    for (let i = 0; i < count; i++) draw(place++, at + (isRun ? 0 : i * size));
    at += (isRun ? 1 : count) * size;
  }
  return canvas;
}

/** Draws a colour of 15 or 16 (five bits each), 24 or 32 bits, blue first. */
function set(
  canvas: Canvas,
  bytes: Uint8Array,
  x: number,
  y: number,
  at: number,
  bits: number,
  hasOpacity: boolean,
): void {
  if (bits > 16) {
    canvas.set(x, y, bytes[at + 2], bytes[at + 1], bytes[at], bits === 32 && hasOpacity ? bytes[at + 3] : 255);
    return;
  }
  const value = bytes[at] | (bytes[at + 1] << 8);
  const [red, green, blue] = [value >> 10, value >> 5, value].map((five) => Math.round(((five & 31) * 255) / 31));
  canvas.set(x, y, red, green, blue);
}
