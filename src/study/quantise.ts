/** Features rounded as a narrower store would round them. */

import { fromFloat16, toFloat16 } from '../numerics/float16.ts';
import type { Matrix } from '../runtime/platform.ts';

/** How a stored number is kept. */
export const precisions = ['float32', 'float16', 'int8', 'binary'] as const;
export type Precision = (typeof precisions)[number];

/** Bytes of a stored vector. */
export function bytesOf(width: number, precision: Precision): number {
  return { float32: 4 * width, float16: 2 * width, int8: width, binary: Math.ceil(width / 8) }[precision];
}

/**
 * Numbers as they come back from the store. int8: 255 steps from a column's least to its largest value; binary: one bit,
 * above or below the column's median. The steps and the two values that a bit stands for belong to the column, not to
 * the photo.
 */
export function quantise({ rows, columns, data }: Matrix, precision: Precision): Matrix {
  if (precision === 'float32') return { rows, columns, data };
  if (precision === 'float16') return { rows, columns, data: fromFloat16(toFloat16(data)) };
  const out = new Float32Array(data.length);
  for (let column = 0; column < columns; column++) {
    const values = Float32Array.from({ length: rows }, (_, row) => data[row * columns + column]);
    const kept = precision === 'int8' ? steps(values) : sides(values);
    for (let row = 0; row < rows; row++) out[row * columns + column] = kept[row];
  }
  return { rows, columns, data: out };
}

function steps(values: Float32Array): Float32Array {
  const low = values.reduce((least, value) => Math.min(least, value));
  const step = (values.reduce((most, value) => Math.max(most, value)) - low) / 255;
  return step > 0 ? values.map((value) => low + step * Math.round((value - low) / step)) : values;
}

/** Each value as the mean of its side of the median. */
function sides(values: Float32Array): Float32Array {
  const sorted = values.slice().sort();
  const median = sorted[sorted.length >> 1];
  const means = [false, true].map((above) => {
    const side = values.filter((value) => value >= median === above);
    return side.length > 0 ? side.reduce((sum, value) => sum + value, 0) / side.length : median;
  });
  return values.map((value) => means[Number(value >= median)]);
}
