/** Directions as int8 with a scale for each, and cosines by products of integers. */

import type { Rows } from '../numerics/rows.ts';
import type { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { directionBlocks } from './direction.ts';

/** Rows [count, width]: row i is scales[i] times its values. */
export interface RoundedRows {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** Greatest value: processors without VNNI add pairs of products with an unsigned byte in 16 bits, which 64 * 2 * 255 just fits. */
const greatest = 64;
/** The same of what is compared with them; unsigned, since products of signed bytes take fifteen times as long in ONNX Runtime. */
const greatestAsked = 127;
const zeroPoint = 128;

/** Directions of some rows from a centre, read by block. */
export function roundedDirections(features: Rows, rows: readonly number[], centre: Float32Array): RoundedRows {
  const { columns } = features;
  const values = new Int8Array(rows.length * columns);
  const scales = new Float32Array(rows.length);
  for (const block of directionBlocks(features, rows, centre))
    for (let i = 0; i < block.rows; i++) {
      const row = block.data.subarray(i * columns, (i + 1) * columns);
      let most = 0;
      for (const value of row) most = Math.max(most, Math.abs(value));
      const scale = most > 0 ? most / greatest : 1;
      scales[block.from + i] = scale;
      const at = (block.from + i) * columns;
      for (let d = 0; d < columns; d++) values[at + d] = Math.round(row[d] / scale);
    }
  return { values, scales };
}

/** All of them as float32. */
export function wholeRows(rows: Float32Array | RoundedRows): Float32Array {
  if (!('scales' in rows)) return rows;
  const width = rows.values.length / rows.scales.length;
  return Float32Array.from(rows.values, (value, at) => value * rows.scales[Math.floor(at / width)]);
}

/** Adds the cosines of directions [n, width] with the rounded ones: [n, count]. */
export function roundedCosines(g: GraphBuilder, directions: string, { values, scales }: RoundedRows): string {
  const count = scales.length;
  const width = values.length / count;
  const across = new Int8Array(values.length);
  for (let row = 0; row < count; row++)
    for (let d = 0; d < width; d++) across[d * count + row] = values[row * width + d];
  const most = g.node('ReduceMax', [g.node('Abs', [directions])], { axes: [1], keepdims: 1 });
  const scale = g.node('Div', [g.node('Max', [most, g.floats(1e-12)]), g.floats(greatestAsked)]);
  const steps = g.node('Add', [g.node('Round', [g.node('Div', [directions, scale])]), g.floats(zeroPoint)]);
  const products = g.node('MatMulInteger', [
    g.node('Cast', [steps], { to: dataTypes.uint8 }),
    g.constant({ type: 'int8', dims: [width, count], data: across }),
    g.constant({ type: 'uint8', dims: [], data: Uint8Array.of(zeroPoint) }),
  ]);
  const cosines = g.node('Mul', [g.node('Cast', [products], { to: dataTypes.float32 }), scale]);
  return g.node('Mul', [cosines, g.floats(scales)]);
}
