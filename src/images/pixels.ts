/** Validates pixels that a program passes in. */

import { CarafeError } from '../errors.ts';
import type { Pixels } from '../runtime/platform.ts';

/**
 * Makes sure that what a program handed in is pixels: whole sizes, and three bytes for each.
 * @throws CarafeError USAGE
 */
export function requirePixels(pixels: unknown): Pixels {
  const { width, height, data } = typeof pixels === 'object' && pixels !== null ? (pixels as Partial<Pixels>) : {};
  const isLength = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 1;
  if (isLength(width) && isLength(height) && data instanceof Uint8Array && data.length === width * height * 3)
    return { width, height, data };
  const given =
    data instanceof Uint8Array
      ? `${String(width)} x ${String(height)} with ${data.length} bytes`
      : pixels === null || typeof pixels !== 'object'
        ? String(pixels)
        : 'an object without bytes in data';
  throw new CarafeError(
    'USAGE',
    `These are not pixels: ${given}.`,
    'Give { width, height, data }: data is a Uint8Array of width x height x 3 bytes, red, green and blue, rows from the top.',
  );
}

/** What a program handed in, for messages: never its content. */
export function kindOf(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : value === '' ? "''" : typeof value;
  return Array.isArray(value) ? 'an array' : `an object of ${value.constructor?.name ?? 'no class'}`;
}
