/** Squared distances to stored points, as ONNX nodes. */

import type { GraphBuilder } from '../onnx/builder.ts';

/**
 * Adds squared Euclidean distances: x [n, D] to the rows of `data` [count, D] -> [n, count]. Both should lie about the
 * origin: |x|^2 - 2 x b + |b|^2 loses what the points have in common. `points`: their constant, where the graph has it.
 */
export function squaredDistanceNodes(
  g: GraphBuilder,
  x: string,
  data: Float32Array,
  count: number,
  points = g.floats(data, [count, data.length / count]),
): string {
  const width = data.length / count;
  const squares = Float32Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let at = k * width; at < (k + 1) * width; at++) sum += data[at] * data[at];
    return sum;
  });
  const cross = g.node('Gemm', [x, points, g.floats(squares)], {
    transB: 1,
    alpha: { float: -2 },
  });
  return g.node('Relu', [g.node('Add', [cross, rowSquares(g, x)])]);
}

/** Adds the squared length of each row: [n, D] -> [n, 1]. */
export function rowSquares(g: GraphBuilder, x: string): string {
  return g.node('ReduceSum', [g.node('Mul', [x, x]), g.ints([1])], { keepdims: 1 });
}
