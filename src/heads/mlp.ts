/** Multilayer perceptron: dense hidden layer, activation, dense output. */

import { blocksOf, gather, pick } from '../numerics/rows.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { float32 } from '../runtime/platform.ts';
import { behind, principalLayer, throughLayer } from './bottleneck.ts';
import { centreOf } from './direction.ts';
import { EpochFitter } from './epochFitter.ts';
import type { NetworkHead, Problem } from './head.ts';
import { type Linear, linearToGraph, stackTwo } from './linear.ts';
import { drawnNormal, type Network, rateOf, type Trained } from './minibatch.ts';

export type MlpSettings = {
  /** Units of the bottleneck. */
  readonly width: number;
  readonly epochs: number;
};

export interface Mlp {
  readonly bottleneck: Linear;
  readonly activation: Activation;
  readonly output: Linear;
}

export type Activation = 'relu' | 'linear';

export interface MlpOptions {
  readonly width: number;
  readonly activation: Activation;
}

const training = { decay: 1, batchSize: 128, fullSteps: 20 };
const tuned = { rate: 2e-3, width: 128 };

/**
 * A dense bottleneck, an activation, a dense output; cross-entropy, minibatches, AdamW. Early stopping is the choice of
 * the number of epochs: the grid trains on from epoch to epoch, the inner folds say when to stop, and nothing of the
 * training part is set aside for it. Features are centred and scaled by one number for all of them, from the photos of
 * the training part; both are folded into the bottleneck. Of few photos it reads all their principal components, fewer
 * numbers that say the same; they are folded into it, too.
 */
export function mlpHead({ width, activation }: MlpOptions): NetworkHead<MlpSettings, Mlp> {
  return {
    name: 'mlp',
    needs: 'pooled',
    defaults: { width, epochs: 20 },
    slow: true,
    preparesApart: () => true,
    grid: () => [2, 4, 7, 10, 15, 20, 30, 45, 65].map((epochs) => ({ width, epochs })),
    prepare: async (problem, context, rows) => {
      const { features } = problem;
      const span = isFew(rows.length, features.columns)
        ? await principalLayer(features, rows, rows.length - 1, context)
        : undefined;
      const known = span ? { ...problem, features: await throughLayer(span, features, context) } : problem;
      const input = measureInput(known, rows);
      const plan = {
        network: mlpNetwork(known, width, activation, input),
        toFitted: async (trained: readonly Trained[]) => {
          const heads = trained.map((one) => mlpOf(one, width, activation, known, input));
          if (!span) return heads;
          const bottlenecks = await behind(
            span,
            heads.map(({ bottleneck }) => bottleneck),
            context,
          );
          return heads.map((head, t) => ({ ...head, bottleneck: bottlenecks[t] }));
        },
      };
      return new EpochFitter(known, plan, { ...training, rate: rateOf(width, tuned) }, context);
    },
    toHidden,
    toGraph: (fitted, g, features) => linearToGraph(fitted.output, g, toHidden(fitted, g, features)),
    stack: (heads) => {
      const layers = stackTwo(heads);
      return layers && { ...layers, activation };
    },
  };
}

function isFew(rows: number, columns: number): boolean {
  return 4 * rows <= columns;
}

function toHidden({ bottleneck, activation }: Mlp, g: GraphBuilder, features: string): string {
  const hidden = linearToGraph(bottleneck, g, features);
  return activation === 'relu' ? g.node('Relu', [hidden]) : hidden;
}

export const mlp = mlpHead({ width: 128, activation: 'relu' });

/** What is taken off the features, and what they are then multiplied with, so that they vary by about 1. */
export interface Input {
  readonly centre: Float32Array;
  readonly factor: number;
}

function measureInput({ features }: Problem, rows: readonly number[]): Input {
  const { columns } = features;
  const used = new Float32Array(features.rows);
  for (const row of rows) used[row] = 1;
  const centre = centreOf(features, used);
  let squares = 0;
  for (const { data } of blocksOf(pick(features, rows)))
    for (let at = 0; at < data.length; ) for (let d = 0; d < columns; d++, at++) squares += (data[at] - centre[d]) ** 2;
  return { centre, factor: squares > 0 ? 1 / Math.sqrt(squares / (rows.length * columns)) : 1 };
}

export function mlpNetwork(
  { features, classes }: Problem,
  width: number,
  activation: Activation,
  { centre, factor }: Input,
): Network {
  const { columns } = features;
  return {
    parameters: [
      {
        name: 'w1',
        shape: [width, columns],
        start: (random) => drawnNormal(random, width * columns, Math.sqrt(2 / columns)),
      },
      { name: 'b1', shape: [1, width], start: () => new Float32Array(width) },
      {
        name: 'w2',
        shape: [classes, width],
        start: (random) => drawnNormal(random, classes * width, Math.sqrt(1 / width)),
      },
      { name: 'b2', shape: [1, classes], start: () => new Float32Array(classes) },
    ],
    graph: gradientGraph(columns, width, classes, activation),
    batch(rows) {
      const { data } = gather(features, rows);
      for (let at = 0; at < data.length; )
        for (let d = 0; d < columns; d++, at++) data[at] = (data[at] - centre[d]) * factor;
      return float32(data, rows.length, columns);
    },
  };
}

function gradientGraph(columns: number, width: number, classes: number, activation: Activation): Uint8Array {
  const g = new GraphBuilder();
  g.input('x', 'float32', ['n', columns]);
  g.input('labels', 'int32', ['n', 1]);
  g.input('photoWeights', 'float32', ['t', 'n', 1]);
  g.input('w1', 'float32', ['t', width, columns]);
  g.input('b1', 'float32', ['t', 1, width]);
  g.input('w2', 'float32', ['t', classes, width]);
  g.input('b2', 'float32', ['t', 1, classes]);
  const reshape = (tensor: string, shape: number[]) => g.node('Reshape', [tensor, g.ints(shape)]);
  const transpose = (tensor: string, perm: number[]) => g.node('Transpose', [tensor], { perm });
  const sumRows = (tensor: string) => g.node('ReduceSum', [tensor, g.ints([1])], { keepdims: 1 });

  // One product for all jobs: [n, t width], then [t, n, width].
  const products = g.node('Gemm', ['x', reshape('w1', [-1, columns])], { transB: 1 });
  const before = g.node('Add', [transpose(reshape(products, [0, -1, width]), [1, 0, 2]), 'b1']);
  const hidden = activation === 'relu' ? g.node('Relu', [before]) : before;
  const logits = g.node('Add', [g.node('MatMul', [hidden, transpose('w2', [0, 2, 1])]), 'b2']);
  const numbers = Int32Array.from({ length: classes }, (_, c) => c);
  const isClass = g.node('Equal', ['labels', g.constant({ type: 'int32', dims: [classes], data: numbers })]);
  const truth = g.node('Cast', [isClass], { to: dataTypes.float32 });
  const wrong = g.node('Sub', [g.node('Softmax', [logits], { axis: -1 }), truth]);

  const byLogits = g.node('Mul', [wrong, 'photoWeights']);
  g.output(g.node('MatMul', [transpose(byLogits, [0, 2, 1]), hidden]), 'float32', ['t', classes, width], 'by/w2');
  g.output(sumRows(byLogits), 'float32', ['t', 1, classes], 'by/b2');
  const byActive = g.node('MatMul', [byLogits, 'w2']);
  const alive = () => g.node('Cast', [g.node('Greater', [before, g.floats(0)])], { to: dataTypes.float32 });
  const byHidden = activation === 'relu' ? g.node('Mul', [byActive, alive()]) : byActive;
  g.output(sumRows(byHidden), 'float32', ['t', 1, width], 'by/b1');
  const flat = reshape(transpose(byHidden, [1, 0, 2]), [0, -1]);
  const byW1 = reshape(g.node('Gemm', [flat, 'x'], { transA: 1 }), [-1, width, columns]);
  g.output(byW1, 'float32', ['t', width, columns], 'by/w1');
  return g.bytes();
}

/** The network on the raw features. */
function mlpOf(
  { parameters }: Trained,
  width: number,
  activation: Activation,
  { features, classes }: Problem,
  { centre, factor }: Input,
): Mlp {
  const { columns } = features;
  const weights = parameters.w1.map((value) => value * factor);
  const bias = parameters.b1.map((value, h) => {
    let shift = 0;
    for (let d = 0, at = h * columns; d < columns; d++, at++) shift += weights[at] * centre[d];
    return value - shift;
  });
  return {
    bottleneck: { weights, bias, inputs: columns, outputs: width },
    activation,
    output: { weights: parameters.w2.slice(), bias: parameters.b2.slice(), inputs: width, outputs: classes },
  };
}
