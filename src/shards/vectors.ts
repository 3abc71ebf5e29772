/** Features as few bytes: float32, float16, or int8 with a scale for each photo. */

import { fromFloat16, toFloat16 } from '../numerics/float16.ts';

export const precisions = ['float32', 'float16', 'int8'] as const;
/** How features are stored. */
export type Precision = (typeof precisions)[number];

/** Bytes of one number. */
export const bytesOf: Readonly<Record<Precision, number>> = { float32: 4, float16: 2, int8: 1 };

export interface StoredVector {
  /** Little-endian. */
  readonly bytes: Uint8Array;
  /** What an int8 of 1 stands for; 1 for the others. */
  readonly scale: number;
}

const greatest = 127;

/**
 * Rounds to the nearest. Of int8, the largest value of a photo becomes 127: rounding is at most half of the scale.
 * What float16 cannot hold (above 65,504) becomes infinite.
 */
export function storeVector(features: Float32Array, precision: Precision): StoredVector {
  if (precision === 'float32') return { bytes: bytesIn(features.slice()), scale: 1 };
  if (precision === 'float16') return { bytes: bytesIn(toFloat16(features)), scale: 1 };
  let most = 0;
  for (const value of features) most = Math.max(most, Math.abs(value));
  const scale = most > 0 ? most / greatest : 1;
  return { bytes: bytesIn(Int8Array.from(features, (value) => Math.round(value / scale))), scale };
}

/** Writes the numbers into `target`; false where the bytes are not as many as it takes. */
export function readStoredVector({ bytes, scale }: StoredVector, precision: Precision, target: Float32Array): boolean {
  if (bytes.length !== target.length * bytesOf[precision]) return false;
  if (precision === 'int8') {
    const numbers = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < target.length; i++) target[i] = numbers[i]! * scale;
    return true;
  }
  // Rows of a file lie at any address; views of wider numbers do not.
  const { buffer } = bytes.slice();
  target.set(precision === 'float32' ? new Float32Array(buffer) : fromFloat16(new Uint16Array(buffer)));
  return true;
}

function bytesIn({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array | Int8Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
