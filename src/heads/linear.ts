/** A linear layer, as data and as ONNX nodes. */

import type { GraphBuilder } from '../onnx/builder.ts';

/** Outputs = inputs . weights^T + bias (torch.nn.Linear). */
export interface Linear {
  /** [outputs, inputs], row-major. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly outputs: number;
}

export function linearToGraph({ weights, bias, inputs, outputs }: Linear, g: GraphBuilder, features: string): string {
  return g.node('Gemm', [features, g.floats(weights, [outputs, inputs]), g.floats(bias)], { transB: 1 });
}

/** Logits of the mean photo, without bias: weights . mean, [C]. */
export function meanLogits(mean: Float64Array, weights: Float32Array, classes: number): Float64Array {
  const logits = new Float64Array(classes);
  for (let c = 0, at = 0; c < classes; c++)
    for (let d = 0; d < mean.length; d++, at++) logits[c] += mean[d] * weights[at];
  return logits;
}

/** One linear head whose logits are those of the given ones, side by side. */
export function stackLinear(heads: readonly Linear[]): Linear {
  const { inputs } = heads[0];
  const outputs = heads.reduce((sum, head) => sum + head.outputs, 0);
  const weights = new Float32Array(outputs * inputs);
  const bias = new Float32Array(outputs);
  let at = 0;
  for (const head of heads) {
    weights.set(head.weights, at * inputs);
    bias.set(head.bias, at);
    at += head.outputs;
  }
  return { weights, bias, inputs, outputs };
}

/**
 * One layer that gives each of the given ones a part of the input of its own, one after the other: their weights along
 * the diagonal, zeros beside it.
 */
export function diagonalLinear(heads: readonly Linear[]): Linear {
  const inputs = heads.reduce((sum, head) => sum + head.inputs, 0);
  const outputs = heads.reduce((sum, head) => sum + head.outputs, 0);
  const weights = new Float32Array(outputs * inputs);
  const bias = new Float32Array(outputs);
  let [down, across] = [0, 0];
  for (const head of heads) {
    for (let c = 0; c < head.outputs; c++)
      weights.set(head.weights.subarray(c * head.inputs, (c + 1) * head.inputs), (down + c) * inputs + across);
    bias.set(head.bias, down);
    down += head.outputs;
    across += head.inputs;
  }
  return { weights, bias, inputs, outputs };
}

/** Weights of a diagonal layer up to which its zeros cost less than a graph for each head. */
const mostDiagonal = 2 ** 20;

/** A bottleneck and an output, of many heads side by side; undefined where the zeros would be too many. */
export function stackTwo(
  heads: readonly { readonly bottleneck: Linear; readonly output: Linear }[],
): { bottleneck: Linear; output: Linear } | undefined {
  const { inputs, outputs } = heads[0].output;
  if (heads.length ** 2 * inputs * outputs > mostDiagonal) return undefined;
  return {
    bottleneck: stackLinear(heads.map(({ bottleneck }) => bottleneck)),
    output: diagonalLinear(heads.map(({ output }) => output)),
  };
}
