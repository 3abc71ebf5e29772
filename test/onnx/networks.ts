import type { PlainAttribute } from '../../src/onnx/builder.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import type { Model } from '../../src/onnx/model.ts';

/** Numbers that look random and are the same everywhere. */
export function drawn(count: number, seed = 1): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function weights(builder: GraphBuilder, dims: number[], seed: number): string {
  const count = dims.reduce((product, size) => product * size, 1);
  return builder.floats(drawn(count, seed), dims);
}

export interface TinyOptions {
  readonly batch?: number | string;
  readonly opset?: number;
  /** Added between the map and its pooling; gets the map, gives it back. */
  readonly trunk?: (builder: GraphBuilder, map: string) => string;
  /** From the pooled [N, 8, 1, 1] to the class scores. */
  readonly head?: (builder: GraphBuilder, pooled: string) => string;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A convolution, ReLU, pooling and a dense layer: [N, 3, 16, 16] -> logits [N, 5]. */
export function tinyNetwork(options: TinyOptions = {}): Model {
  const { batch = 'N', opset = 17, trunk = (_, map) => map, head = denseHead } = options;
  const builder = new GraphBuilder();
  const image = builder.input('image', 'float32', [batch, 3, 16, 16]);
  const convolved = builder.node('Conv', [image, weights(builder, [8, 3, 3, 3], 1)], { strides: [2, 2] });
  const map = trunk(builder, builder.node('Relu', [convolved]));
  const scores = head(builder, builder.node('GlobalAveragePool', [map]));
  builder.output(scores, 'float32', [batch, 5], 'logits');
  return builder.model({
    opsets: new Map([['', opset]]),
    ...(options.metadata && { metadata: options.metadata }),
  });
}

export function denseHead(builder: GraphBuilder, pooled: string): string {
  const flat = builder.node('Flatten', [pooled]);
  return builder.node('Gemm', [flat, weights(builder, [8, 5], 2)]);
}

/** A graph with one node of `op` on a float input `x`. */
export function oneNode(
  op: string,
  inputs: (builder: GraphBuilder) => string[],
  attributes: Record<string, PlainAttribute>,
  shape: (number | string)[],
  opset: number,
): Model {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', shape);
  builder.output(
    builder.node(op, [x, ...inputs(builder)], attributes),
    'float32',
    shape.map(() => ''),
    'y',
  );
  return builder.model({ opsets: new Map([['', opset]]), irVersion: 8 });
}
