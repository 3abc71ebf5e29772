/** Windows bitmaps. */

import { ImageError } from '../../errors.ts';
import type { Pixels } from '../../runtime/platform.ts';
import { Canvas, cutShort, requireBytes } from './canvas.ts';
import { convertTo } from './conversion.ts';

const compressions = { none: 0, rle8: 1, rle4: 2, fields: 3, alphaFields: 6 } as const;

/**
 * Decodes a Windows bitmap: all depths, palettes, run lengths, colour masks; upside down or not.
 * @throws ImageError TRUNCATED, TOO_LARGE, BROKEN, or UNSUPPORTED_FORMAT for JPEG or PNG inside
 */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): Pixels {
  requireBytes(bytes, 26, 'BMP');
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = data.getUint32(14, true);
  const isOld = header === 12;
  requireBytes(bytes, 14 + header, 'BMP');
  const width = isOld ? data.getUint16(18, true) : data.getInt32(18, true);
  const signedHeight = isOld ? data.getUint16(20, true) : data.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = data.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? 0 : data.getUint32(30, true);
  const start = data.getUint32(10, true);
  const canvas = new Canvas(width, height, maxPixels);
  const row = (line: number): number => (signedHeight < 0 ? line : height - 1 - line);
  const { none, rle8, rle4, fields, alphaFields } = compressions;
  if (bits <= 8 && [1, 2, 4, 8].includes(bits)) {
    const entry = isOld ? 3 : 4;
    const colours = (isOld ? 0 : data.getUint32(46, true)) || 1 << bits;
    const palette = bytes.subarray(14 + header, Math.min(start, 14 + header + colours * entry));
    const set = (x: number, line: number, index: number): void => {
      const at = index * entry;
      if (x < width && line < height && at + 2 < palette.length)
        canvas.set(x, row(line), palette[at + 2], palette[at + 1], palette[at]);
    };
    if (compression === rle8 || compression === rle4) runLengths(bytes, start, compression === rle4, set);
    else if (compression === none) {
      const stride = Math.ceil((width * bits) / 32) * 4;
      requireBytes(bytes, start + stride * height, 'BMP');
      const mask = (1 << bits) - 1;
      for (let line = 0; line < height; line++)
        for (let x = 0; x < width; x++) {
          const bit = x * bits;
          set(x, line, (bytes[start + line * stride + (bit >> 3)] >> (8 - bits - (bit & 7))) & mask);
        }
    } else throw unsupported(compression);
    return canvas;
  }
  if (![16, 24, 32].includes(bits)) throw new ImageError('BROKEN', `it claims to have ${bits} bits per pixel`);
  if (compression !== none && compression !== fields && compression !== alphaFields) throw unsupported(compression);
  const stride = Math.ceil((width * bits) / 32) * 4;
  requireBytes(bytes, start + stride * height, 'BMP');
  const [red, green, blue, opacity] = masksOf(data, header, bits, compression);
  for (let line = 0; line < height; line++)
    for (let x = 0; x < width; x++) {
      const at = start + line * stride + x * (bits >> 3);
      const value =
        bits === 16
          ? data.getUint16(at, true)
          : bits === 24
            ? bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16)
            : data.getUint32(at, true);
      canvas.set(x, row(line), red(value), green(value), blue(value), opacity(value));
    }
  return canvas;
}

function unsupported(compression: number): ImageError {
  return new ImageError(
    'UNSUPPORTED_FORMAT',
    `it is a BMP of a rare kind (compression ${compression}); ${convertTo('PNG', 'bmp')}`,
  );
}

/** What takes red, green, blue and opacity out of a pixel, as shares of 255. */
function masksOf(data: DataView, header: number, bits: number, compression: number): ((value: number) => number)[] {
  const usual = bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  const isGiven = compression !== compressions.none;
  const hasAlpha = header >= 56 || compression === compressions.alphaFields;
  // After a header of 40 bytes the masks follow it; longer ones hold them, at the same place.
  const masks = usual.map((mask, i) => {
    if (!isGiven || 54 + 4 * i + 4 > data.byteLength) return mask;
    return i < 3 || hasAlpha ? data.getUint32(54 + 4 * i, true) : 0;
  });
  return masks.map((mask) => {
    if (mask === 0) return () => 255;
    const shift = 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    return (value) => Math.round((((value & mask) >>> shift) * 255) / most);
  });
}

/** Pixels from run lengths: pairs of a count and a colour, or of zero and an order. */
function runLengths(
  bytes: Uint8Array,
  start: number,
  isHalf: boolean,
  set: (x: number, line: number, index: number) => void,
): void {
  let [x, line] = [0, 0];
  for (let at = start; ; at += 2) {
    if (at + 2 > bytes.length) throw cutShort('BMP');
    const [count, value] = [bytes[at], bytes[at + 1]];
    const half = (byte: number, place: number): number => (isHalf ? (place % 2 === 0 ? byte >> 4 : byte & 15) : byte);
    if (count > 0) for (let i = 0; i < count; i++) set(x++, line, half(value, i));
    else if (value === 0) [x, line] = [0, line + 1];
    else if (value === 1) return;
    else if (value === 2) {
      if (at + 4 > bytes.length) throw cutShort('BMP');
      [x, line] = [x + bytes[at + 2], line + bytes[at + 3]];
      at += 2;
    } else {
      const length = isHalf ? Math.ceil(value / 2) : value;
      if (at + 2 + length > bytes.length) throw cutShort('BMP');
      for (let i = 0; i < value; i++) set(x++, line, half(bytes[at + 2 + (isHalf ? i >> 1 : i)], i));
      at += length + (length % 2);
    }
  }
}
