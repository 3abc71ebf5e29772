/** Loss and gradient of the convolutional head, as one ONNX graph. */

import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { drawnNormal, type NetworkParameter } from './minibatch.ts';

/** Sizes of a small convolutional network on maps [height, width, channels]. */
export interface ConvShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Channels after the 1x1 convolution. */
  readonly bottleneck: number;
  /** Channels after the 3x3 convolution; undefined: there is none, and ReLU follows the 1x1 convolution. */
  readonly filters: number | undefined;
  readonly classes: number;
}

/** What is learned, and where it starts (He et al. 2015 before a ReLU). */
export function convParameters({ channels, bottleneck, filters, classes }: ConvShape): NetworkParameter[] {
  const normal = (shape: readonly number[], deviation: number): NetworkParameter['start'] => {
    const count = shape.reduce((product, size) => product * size, 1);
    return (random) => drawnNormal(random, count, deviation);
  };
  const layer = (name: string, outputs: number, inputs: number, gain: number): NetworkParameter[] => [
    { name: `w${name}`, shape: [outputs, inputs], start: normal([outputs, inputs], Math.sqrt(gain / inputs)) },
    { name: `b${name}`, shape: [1, outputs], start: () => new Float32Array(outputs) },
  ];
  return [
    ...layer('0', bottleneck, channels, filters === undefined ? 2 : 1),
    ...(filters === undefined ? [] : layer('1', filters, 9 * bottleneck, 2)),
    ...layer('2', classes, filters ?? bottleneck, 1),
  ];
}

/**
 * Gradients of the cross-entropy for many jobs side by side, as `Network` in minibatch.ts wants them. In: `x`
 * [n, places, channels]. Maps lie channels-last and everything is a matrix product: a 3x3 convolution is nine slices of
 * the padded map side by side, times a matrix; its input's gradient is the same columns of the output's gradient times
 * the flipped kernel. On a CPU that takes a third of the time that Conv and ConvTranspose take.
 */
export function convGradients(shape: ConvShape): Uint8Array {
  const { height, width, channels, bottleneck, filters, classes } = shape;
  const places = height * width;
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', places, channels]);
  g.input('labels', 'int32', ['n', 1]);
  g.input('photoWeights', 'float32', ['t', 'n', 1]);
  for (const { name, shape: sizes } of convParameters(shape)) g.input(name, 'float32', ['t', ...sizes]);
  const reshape = (tensor: string, sizes: number[]) => g.node('Reshape', [tensor, g.ints(sizes)]);
  const transpose = (tensor: string, perm: number[]) => g.node('Transpose', [tensor], { perm });
  const sumRows = (tensor: string) => g.node('ReduceSum', [tensor, g.ints([1])], { keepdims: 1 });
  const product = (a: string, b: string) => g.node('MatMul', [a, b]);
  const alive = (tensor: string) =>
    g.node('Cast', [g.node('Greater', [tensor, g.floats(0)])], { to: dataTypes.float32 });
  const gradient = (name: string, by: string, sizes: number[]) =>
    g.output(by, 'float32', ['t', ...sizes], `by/${name}`);
  const dimension = (tensor: string, index: number) =>
    g.node('Gather', [g.node('Shape', [tensor]), g.ints([index])], { axis: 0 });
  const jobs = dimension('w0', 0);
  const shapeOf = (sizes: readonly (number | string)[]) =>
    g.node(
      'Concat',
      sizes.map((size) => (typeof size === 'number' ? g.ints([size]) : size)),
      { axis: 0 },
    );
  const reshapeTo = (tensor: string, sizes: readonly (number | string)[]) =>
    g.node('Reshape', [tensor, shapeOf(sizes)]);

  // 1x1 convolution, one product for all jobs: [n places, t k], then [t, n places, k].
  const flatX = reshape('x', [-1, channels]);
  const together = g.node('Gemm', [flatX, reshape('w0', [-1, channels])], { transB: 1 });
  const narrow = g.node('Add', [transpose(reshapeTo(together, [-1, jobs, bottleneck]), [1, 0, 2]), 'b0']);

  // 3x3 convolution.
  const columnsOf = (tensor: string, depth: number): string => {
    const map = reshapeTo(tensor, [jobs, -1, height, width, depth]);
    const padded = g.node('Pad', [map, g.ints([0, 0, 1, 1, 0, 0, 0, 1, 1, 0])]);
    const slices = Array.from({ length: 9 }, (_, k) => {
      const [top, left] = [Math.floor(k / 3), k % 3];
      return g.node('Slice', [padded, g.ints([top, left]), g.ints([top + height, left + width]), g.ints([2, 3])]);
    });
    return reshapeTo(g.node('Concat', slices, { axis: 4 }), [jobs, -1, 9 * depth]);
  };
  const wide = filters !== undefined && columnsOf(narrow, bottleneck);
  const before = wide ? g.node('Add', [product(wide, transpose('w1', [0, 2, 1])), 'b1']) : narrow;
  const depth = filters ?? bottleneck;
  const active = reshapeTo(g.node('Relu', [before]), [jobs, -1, places, depth]);
  const sum = g.node('ReduceSum', [active, g.ints([2])], { keepdims: 0 });
  const pooled = g.node('Mul', [sum, g.floats(1 / places)]);

  // Dense layer and cross-entropy.
  const logits = g.node('Add', [product(pooled, transpose('w2', [0, 2, 1])), 'b2']);
  const numbers = Int32Array.from({ length: classes }, (_, c) => c);
  const isClass = g.node('Equal', ['labels', g.constant({ type: 'int32', dims: [classes], data: numbers })]);
  const truth = g.node('Cast', [isClass], { to: dataTypes.float32 });
  const wrong = g.node('Sub', [g.node('Softmax', [logits], { axis: -1 }), truth]);
  const byLogits = g.node('Mul', [wrong, 'photoWeights']);

  // Back again.
  gradient('w2', product(transpose(byLogits, [0, 2, 1]), pooled), [classes, depth]);
  gradient('b2', sumRows(byLogits), [1, classes]);
  const byPooled = g.node('Mul', [product(byLogits, 'w2'), g.floats(1 / places)]);
  const everywhere = g.node('Expand', [reshapeTo(byPooled, [jobs, -1, 1, depth]), g.node('Shape', [active])]);
  const byBefore = g.node('Mul', [reshapeTo(everywhere, [jobs, -1, depth]), alive(before)]);
  let byNarrow = byBefore;
  if (wide && filters !== undefined) {
    gradient('w1', product(transpose(byBefore, [0, 2, 1]), wide), [filters, 9 * bottleneck]);
    gradient('b1', sumRows(byBefore), [1, filters]);
    const kernel = reshapeTo('w1', [jobs, filters, 9, bottleneck]);
    const flipped = g.node('Gather', [kernel, g.ints([8, 7, 6, 5, 4, 3, 2, 1, 0])], { axis: 2 });
    const matrix = reshapeTo(transpose(flipped, [0, 2, 1, 3]), [jobs, 9 * filters, bottleneck]);
    byNarrow = product(columnsOf(byBefore, filters), matrix);
  }
  gradient('b0', sumRows(byNarrow), [1, bottleneck]);
  const flat = reshapeTo(transpose(byNarrow, [1, 0, 2]), [-1, g.node('Mul', [jobs, g.ints([bottleneck])])]);
  gradient('w0', reshapeTo(g.node('Gemm', [flat, flatX], { transA: 1 }), [jobs, bottleneck, channels]), [
    bottleneck,
    channels,
  ]);
  return g.bytes();
}
