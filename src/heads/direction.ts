/** Features as directions of unit length. */

import { type Block, blocksOf, pick, type Rows } from '../numerics/rows.ts';
import type { GraphBuilder } from '../onnx/builder.ts';

/** Adds the direction of the features from a centre [D], (x - centre) / |x - centre|: [n, D] -> [n, D]. */
export function directionNodes(g: GraphBuilder, features: string, centre: string): string {
  const x = g.node('Sub', [features, centre]);
  const square = g.node('ReduceSum', [g.node('Mul', [x, x]), g.ints([1])], { keepdims: 1 });
  // A photo at the centre has no direction: zeros.
  return g.node('Div', [x, g.node('Max', [g.node('Sqrt', [square]), g.floats(1e-12)])]);
}

/** The same for some of the rows, [rows, D]. */
export function directionsOf(features: Rows, rows: readonly number[], centre: Float32Array): Float32Array {
  const out = new Float32Array(rows.length * features.columns);
  for (const { from, data } of directionBlocks(features, rows, centre)) out.set(data, from * features.columns);
  return out;
}

/** The same block by block; each is good until the next. */
export function* directionBlocks(features: Rows, rows: readonly number[], centre: Float32Array): Generator<Block> {
  for (const block of blocksOf(pick(features, rows))) {
    const { columns } = block;
    const data = new Float32Array(block.data.length);
    for (let at = 0; at < data.length; at += columns) {
      let square = 0;
      for (let d = 0; d < columns; d++) {
        data[at + d] = block.data[at + d] - centre[d];
        square += data[at + d] * data[at + d];
      }
      const length = Math.max(Math.sqrt(square), 1e-12);
      for (let d = 0; d < columns; d++) data[at + d] /= length;
    }
    yield { ...block, data };
  }
}

/** Weighted mean of the rows that have a weight, [D]. */
export function centreOf(features: Rows, weights: ArrayLike<number>): Float32Array {
  const { columns } = features;
  const centre = new Float64Array(columns);
  let total = 0;
  for (const { from, rows, data } of blocksOf(features))
    for (let i = 0; i < rows; i++) {
      const weight = weights[from + i];
      if (!(weight > 0)) continue;
      total += weight;
      for (let d = 0, at = i * columns; d < columns; d++, at++) centre[d] += weight * data[at];
    }
  return Float32Array.from(centre, (sum) => sum / total);
}

/** Rows that some fit uses, ascending. */
export function usedRows(weights: readonly Float32Array[]): number[] {
  return [...weights[0].keys()].filter((i) => weights.some((fit) => fit[i] > 0));
}
