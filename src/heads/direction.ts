/** Features as directions of unit length. */

import type { GraphBuilder } from '../onnx/builder.ts';
import type { Matrix } from '../runtime/platform.ts';

/** Adds the direction of the features from a centre [D], (x - centre) / |x - centre|: [n, D] -> [n, D]. */
export function directionNodes(g: GraphBuilder, features: string, centre: string): string {
  const x = g.node('Sub', [features, centre]);
  const square = g.node('ReduceSum', [g.node('Mul', [x, x]), g.ints([1])], { keepdims: 1 });
  // A photo at the centre has no direction: zeros.
  return g.node('Div', [x, g.node('Max', [g.node('Sqrt', [square]), g.floats(1e-12)])]);
}

/** The same for some of the rows, [rows, D]. */
export function directionsOf({ columns, data }: Matrix, rows: readonly number[], centre: Float32Array): Float32Array {
  const out = new Float32Array(rows.length * columns);
  for (const [k, row] of rows.entries()) {
    let square = 0;
    for (let d = 0, from = row * columns, to = k * columns; d < columns; d++, from++, to++) {
      out[to] = data[from] - centre[d];
      square += out[to] * out[to];
    }
    const length = Math.max(Math.sqrt(square), 1e-12);
    for (let to = k * columns; to < (k + 1) * columns; to++) out[to] /= length;
  }
  return out;
}

/** Weighted mean of the rows that have a weight, [D]. */
export function centreOf({ rows, columns, data }: Matrix, weights: ArrayLike<number>): Float32Array {
  const centre = new Float64Array(columns);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const weight = weights[i];
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
