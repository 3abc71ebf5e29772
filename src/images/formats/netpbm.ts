/** PBM, PGM, PPM and PAM. */

import { ImageError } from '../../errors.ts';
import type { Pixels } from '../../runtime/platform.ts';
import { Canvas, cutShort, requireBytes } from './canvas.ts';
import { convertTo } from './conversion.ts';

/** What a header says. */
interface Header {
  readonly width: number;
  readonly height: number;
  /** Samples a pixel: 1 grey, 2 grey and opacity, 3 colours, 4 colours and opacity. */
  readonly samples: number;
  /** The value of white. */
  readonly most: number;
  readonly isText: boolean;
  /** One bit a pixel, 1 is black. */
  readonly isBits: boolean;
  /** Where the pixels begin. */
  readonly start: number;
}

/**
 * Decodes PBM, PGM, PPM (P1 to P6, plain and raw, 8 and 16 bits) and PAM (P7).
 * @throws ImageError TRUNCATED, TOO_LARGE, BROKEN, or UNSUPPORTED_FORMAT for decimal numbers (PFM)
 */
export function decodeNetpbm(bytes: Uint8Array, maxPixels: number): Pixels {
  const header = bytes[1] === 0x37 ? pamHeader(bytes) : pnmHeader(bytes);
  const { width, height, samples, most } = header;
  if (!(most >= 1 && most <= 65_535)) throw new ImageError('BROKEN', `it claims that white is ${most}`);
  const canvas = new Canvas(width, height, maxPixels);
  const next = header.isText ? textSamples(bytes, header) : rawSamples(bytes, header);
  const read = (): number => Math.min(255, Math.round((next() * 255) / most));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const first = read();
      const [green, blue] = samples < 3 ? [first, first] : [read(), read()];
      canvas.set(x, y, first, green, blue, samples % 2 === 0 ? read() : 255);
    }
  return canvas;
}

/** Numbers parted by white space, with comments from # to the end of the line. */
function pnmHeader(bytes: Uint8Array): Header {
  const kind = bytes[1] - 0x30;
  if (kind > 6)
    throw new ImageError(
      'UNSUPPORTED_FORMAT',
      `its samples are decimal numbers (PFM), and nothing says which values are black and white; ${convertTo('PNG', 'pfm')}`,
    );
  const isBits = kind === 1 || kind === 4;
  let at = 2;
  const number = (): number => {
    at = skip(bytes, at);
    let value = 0;
    if (!isDigit(bytes[at])) throw bytes[at] === undefined ? cutShort('Netpbm') : brokenHeader();
    while (isDigit(bytes[at])) value = value * 10 + bytes[at++] - 0x30;
    return value;
  };
  const [width, height, most] = [number(), number(), isBits ? 1 : number()];
  return { width, height, most, isBits, isText: kind <= 3, samples: kind % 3 === 0 ? 3 : 1, start: at + 1 };
}

function pamHeader(bytes: Uint8Array): Header {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 4096));
  const end = /^ENDHDR[ \t]*\n/m.exec(text);
  if (!end) throw cutShort('Netpbm');
  const head = text.slice(0, end.index);
  const value = (name: string): number => Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(head)?.[1] ?? 0);
  const samples = value('DEPTH');
  if (samples < 1 || samples > 4) throw brokenHeader();
  const start = end.index + end[0].length;
  const size = { width: value('WIDTH'), height: value('HEIGHT') };
  return { ...size, most: value('MAXVAL'), isBits: false, isText: false, samples, start };
}

function rawSamples(bytes: Uint8Array, { width, height, samples, most, isBits, start }: Header): () => number {
  const size = most > 255 ? 2 : 1;
  const row = isBits ? Math.ceil(width / 8) : width * samples * size;
  requireBytes(bytes, start + row * height, 'Netpbm');
  let at = start;
  if (isBits) {
    let x = 0;
    return () => {
      const bit = (bytes[at + (x >> 3)] >> (7 - (x & 7))) & 1;
      if (++x === width) [x, at] = [0, at + row];
      return 1 - bit;
    };
  }
  return size === 1 ? () => bytes[at++] : () => (bytes[at++] << 8) | bytes[at++];
}

function textSamples(bytes: Uint8Array, { width, height, samples, isBits, start }: Header): () => number {
  // A number has a digit, and a space before the next one.
  requireBytes(bytes, start + width * height * (isBits ? 1 : 2 * samples) - 1, 'Netpbm');
  let at = start;
  return () => {
    at = skip(bytes, at);
    if (at >= bytes.length) throw cutShort('Netpbm');
    // Bits need no space between them.
    if (isBits) return 0x31 - bytes[at++];
    if (!isDigit(bytes[at]))
      throw new ImageError('BROKEN', 'the Netpbm file is damaged; it contains something that is not a number');
    let value = 0;
    while (isDigit(bytes[at])) value = value * 10 + bytes[at++] - 0x30;
    return value;
  };
}

/** The next place that is neither white space nor in a comment. */
function skip(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] <= 0x20 || bytes[at] === 0x23) {
    if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 0x0a) at++;
    at++;
  }
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function brokenHeader(): ImageError {
  return new ImageError('BROKEN', 'the Netpbm file is damaged; its header cannot be read');
}
