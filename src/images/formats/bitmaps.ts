/** The formats that Carafe decodes without sharp. */

import type { Pixels } from '../../runtime/platform.ts';
import { decodeBmp } from './bmp.ts';
import type { ReadableFormat } from './fileKind.ts';
import { decodeNetpbm } from './netpbm.ts';
import { decodeTarga } from './targa.ts';

/** Raised when what these decoders give changes, since cached values depend on it. */
export const bitmapDecoder = 'bitmap 1';

/** The decoder of a format that is plain enough to be read by Carafe itself, on every platform. */
export function bitmapDecoderOf(
  format: ReadableFormat,
): ((bytes: Uint8Array, maxPixels: number) => Pixels) | undefined {
  if (format === 'BMP') return decodeBmp;
  if (format === 'Netpbm') return decodeNetpbm;
  return format === 'Targa' ? decodeTarga : undefined;
}
