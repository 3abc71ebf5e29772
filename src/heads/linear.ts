/** A linear map as data and as graph. */

import type { GraphBuilder } from '../onnx/builder.ts';

/** Logits = features . weights^T + bias. */
export interface Linear {
  /** [classes, width], row-major. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly width: number;
  readonly classes: number;
}

export function linearToGraph({ weights, bias, width, classes }: Linear, g: GraphBuilder, features: string): string {
  return g.node('Gemm', [features, g.floats(weights, [classes, width]), g.floats(bias)], { transB: 1 });
}

/** One linear head whose logits are those of the given ones, side by side. */
export function stackLinear(heads: readonly Linear[]): Linear {
  const { width } = heads[0];
  const classes = heads.reduce((sum, head) => sum + head.classes, 0);
  const weights = new Float32Array(classes * width);
  const bias = new Float32Array(classes);
  let at = 0;
  for (const head of heads) {
    weights.set(head.weights, at * width);
    bias.set(head.bias, at);
    at += head.classes;
  }
  return { weights, bias, width, classes };
}

/**
 * One layer that gives each of the given ones a part of the input of its own, one after the other: their weights along
 * the diagonal, zeros beside it.
 */
export function diagonalLinear(heads: readonly Linear[]): Linear {
  const width = heads.reduce((sum, head) => sum + head.width, 0);
  const classes = heads.reduce((sum, head) => sum + head.classes, 0);
  const weights = new Float32Array(classes * width);
  const bias = new Float32Array(classes);
  let [down, across] = [0, 0];
  for (const head of heads) {
    for (let c = 0; c < head.classes; c++)
      weights.set(head.weights.subarray(c * head.width, (c + 1) * head.width), (down + c) * width + across);
    bias.set(head.bias, down);
    down += head.classes;
    across += head.width;
  }
  return { weights, bias, width, classes };
}

/** Weights of a diagonal layer up to which its zeros cost less than a graph for each head. */
const mostDiagonal = 2 ** 20;

/** A bottleneck and an output, of many heads side by side; undefined where the zeros would be too many. */
export function stackTwo(
  heads: readonly { readonly bottleneck: Linear; readonly output: Linear }[],
): { bottleneck: Linear; output: Linear } | undefined {
  const { width, classes } = heads[0].output;
  if (heads.length ** 2 * width * classes > mostDiagonal) return undefined;
  return {
    bottleneck: stackLinear(heads.map(({ bottleneck }) => bottleneck)),
    output: diagonalLinear(heads.map(({ output }) => output)),
  };
}
