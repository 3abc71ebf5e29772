/** Whether a file is truncated, judged by its own bytes. */

import type { ReadableFormat } from './fileKind.ts';
import { jpegStream } from './jpeg.ts';
import { isTiffCutShort } from './tiff.ts';

/**
 * Whether a file that did not decode is cut short, told by its own bytes: what a decoder says may be of another photo,
 * since libvips keeps one list of errors for all threads.
 */
export function isCutShort(bytes: Uint8Array, format: ReadableFormat): boolean {
  switch (format) {
    case 'JPEG':
      return !jpegStream(bytes).isEnded;
    case 'PNG':
      return isPngCutShort(bytes);
    case 'WebP':
      return bytes.length < 12 || view(bytes).getUint32(4, true) + 8 > bytes.length;
    case 'GIF':
      return isGifCutShort(bytes);
    case 'TIFF':
      return isTiffCutShort(bytes);
    case 'AVIF':
    case 'HEIC':
      return areBoxesCutShort(bytes);
    default:
      return false;
  }
}

function isPngCutShort(bytes: Uint8Array): boolean {
  const data = view(bytes);
  const end = 0x49454e44;
  for (let at = 8; at + 8 <= bytes.length; at += 12 + data.getUint32(at))
    if (data.getUint32(at + 4) === end) return at + 12 > bytes.length;
  return true;
}

function isGifCutShort(bytes: Uint8Array): boolean {
  const table = (flags: number): number => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(bytes[10]);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === 0x3b) return false;
    // A picture has ten bytes, its own colours and a code size before its data; an extension has two bytes.
    at += block === 0x2c ? 11 + table(bytes[at + 9]) : 2;
    while (at < bytes.length && bytes[at] !== 0) at += bytes[at] + 1;
    at++;
  }
  return true;
}

function areBoxesCutShort(bytes: Uint8Array): boolean {
  const data = view(bytes);
  for (let at = 0; at < bytes.length; ) {
    if (at + 8 > bytes.length) return true;
    const size = data.getUint32(at);
    if (size === 0) return false;
    if (size === 1 && at + 16 > bytes.length) return true;
    at += size === 1 ? Number(data.getBigUint64(at + 8)) : Math.max(8, size);
    if (at > bytes.length) return true;
  }
  return false;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
