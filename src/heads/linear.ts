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
