/** A small convolutional network on spatial features. */

import type { GraphBuilder } from '../onnx/builder.ts';
import { float32 } from '../runtime/platform.ts';
import { behind } from './bottleneck.ts';
import { type ConvShape, convGradients, convParameters } from './convNetwork.ts';
import { EpochFitter } from './epochFitter.ts';
import type { FitContext, NetworkHead } from './head.ts';
import { type Linear, linearToGraph, stackTwo } from './linear.ts';
import { type Network, rateOf, type Trained } from './minibatch.ts';
import { type ReducedMaps, reduceMaps } from './reducedMaps.ts';

export type ConvSettings = {
  /** Channels after the 1x1 convolution. */
  readonly width: number;
  readonly epochs: number;
};

export interface Conv {
  /** The 1x1 convolution: width channels in, classes channels out. */
  readonly bottleneck: Linear;
  /** The 3x3 convolution, [filters, 3, 3, channels] and [filters]; undefined: none. */
  readonly kernel: { readonly weights: Float32Array; readonly bias: Float32Array } | undefined;
  readonly output: Linear;
}

export interface ConvOptions {
  readonly width: number;
  /** Channels after the 3x3 convolution; undefined: there is none. */
  readonly filters: number | undefined;
}

const components = 256;
const training = { decay: 0.5, batchSize: 64 };
/** The 3x3 convolution overfits from its third epoch on at the rate that the 1x1 convolution alone needs to get going. */
const rateWith3x3 = 1e-3;
const without3x3 = { rate: 3e-3, width: 64 };

/**
 * A small convolutional network on the spatial features: 1x1 convolution to `width` channels, 3x3 convolution, ReLU, mean
 * over the map, dense layer; cross-entropy, minibatches, AdamW, early stopping as in `mlp`. It is trained on the maps'
 * first 256 principal components, which are folded into the 1x1 convolution afterwards. Without the 3x3 convolution a ReLU
 * follows the 1x1 convolution: a learned 1x1 bottleneck.
 */
export function convHead({ width, filters }: ConvOptions): NetworkHead<ConvSettings, Conv> {
  return {
    name: 'conv',
    needs: 'spatial',
    defaults: { width, epochs: 8 },
    slow: true,
    grid: () => [3, 5, 8, 11, 15, 20, 30, 45].map((epochs) => ({ width, epochs })),
    // Principal components of photos that a part is judged on would be directions in which nothing was learned.
    preparesApart: () => true,
    prepare: async (problem, context, rows) => {
      if (!problem.spatial) throw new TypeError('this head needs spatial features');
      const maps = await reduceMaps(problem.spatial, rows, components, context);
      const shape = { ...maps, channels: maps.components, bottleneck: width, filters, classes: problem.classes };
      const plan = {
        network: convNetwork(maps, shape),
        toFitted: (trained: readonly Trained[]) => convsOf(trained, maps, shape, context),
      };
      const rate = filters === undefined ? rateOf(width, without3x3) : rateWith3x3;
      return new EpochFitter(problem, plan, { ...training, rate }, context);
    },
    toHidden,
    toGraph: (fitted, g, spatial) => linearToGraph(fitted.output, g, toHidden(fitted, g, spatial)),
    // Kernels of 3x3 do not stack: each looks at the channels of its own bottleneck.
    stack: (heads) => {
      const layers = filters === undefined ? stackTwo(heads) : undefined;
      return layers && { ...layers, kernel: undefined };
    },
  };
}

export const conv = convHead({ width: 32, filters: 64 });

function convNetwork({ data }: ReducedMaps, shape: ConvShape): Network {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  // One piece of memory for all batches: a new one for each costs as much as the gradients of a narrow bottleneck.
  let space = new Float32Array(0);
  return {
    parameters: convParameters(shape),
    graph: convGradients(shape),
    batch(rows) {
      if (space.length < rows.length * size) space = new Float32Array(rows.length * size);
      const x = space.subarray(0, rows.length * size);
      for (const [i, row] of rows.entries()) x.set(data.subarray(row * size, (row + 1) * size), i * size);
      return float32(x, rows.length, height * width, channels);
    },
  };
}

/** The networks on the maps as they are: principal components and 1x1 convolution are one layer. */
async function convsOf(
  trained: readonly Trained[],
  { weights, bias, components }: ReducedMaps,
  { bottleneck: width, filters, classes }: ConvShape,
  context: FitContext,
): Promise<Conv[]> {
  const reducing = { weights, bias, inputs: weights.length / components, outputs: components };
  const narrow = trained.map(({ parameters: { w0, b0 } }) => {
    return { weights: w0, bias: b0, inputs: components, outputs: width };
  });
  const bottlenecks = await behind(reducing, narrow, context);
  return trained.map(({ parameters: { w1, b1, w2, b2 } }, t) => ({
    bottleneck: bottlenecks[t],
    kernel: filters === undefined ? undefined : { weights: w1.slice(), bias: b1.slice() },
    output: { weights: w2.slice(), bias: b2.slice(), inputs: filters ?? width, outputs: classes },
  }));
}

/** float32 [N, H, W, C] -> the means over the map, [N, filters or width]. */
function toHidden({ bottleneck, kernel }: Conv, g: GraphBuilder, spatial: string): string {
  const map = g.node('Transpose', [spatial], { perm: [0, 3, 1, 2] });
  const { weights, bias, inputs: channels, outputs: width } = bottleneck;
  const narrow = g.node('Conv', [map, g.floats(weights, [width, channels, 1, 1]), g.floats(bias)], {
    kernel_shape: [1, 1],
  });
  const active = g.node('Relu', [kernel ? convolved(g, narrow, kernel, width) : narrow]);
  return g.node('Flatten', [g.node('GlobalAveragePool', [active])]);
}

function convolved(
  g: GraphBuilder,
  map: string,
  { weights, bias }: NonNullable<Conv['kernel']>,
  width: number,
): string {
  const filters = bias.length;
  // Trained as [filters, places, channels]; Conv wants [filters, channels, places].
  const kernel = new Float32Array(weights.length);
  for (let f = 0; f < filters; f++)
    for (let place = 0; place < 9; place++)
      for (let c = 0; c < width; c++) kernel[(f * width + c) * 9 + place] = weights[(f * 9 + place) * width + c];
  return g.node('Conv', [map, g.floats(kernel, [filters, width, 3, 3]), g.floats(bias)], {
    kernel_shape: [3, 3],
    pads: [1, 1, 1, 1],
  });
}
