import type { Backbone } from '../../src/backbone/backbone.ts';
import { pooledMaps } from '../../src/backbone/depths.ts';
import type { Preprocessing } from '../../src/images/preprocessing.ts';
import { GraphBuilder, ownIrVersion, ownOpset } from '../../src/onnx/builder.ts';

export const tinyPreprocessing: Preprocessing = {
  resize: { rule: 'shortest-edge', size: 32 },
  kernel: 'bilinear',
  crop: { height: 32, width: 32 },
  scale: 1 / 255,
  mean: [0.5, 0.4, 0.3],
  std: [0.2, 0.2, 0.2],
  channels: 'rgb',
  layout: 'nchw',
  input: 'float32',
};

export interface TinyOptions {
  readonly width?: number;
  readonly preprocessing?: Partial<Preprocessing>;
  readonly hash?: string;
  /** With an earlier map, so that it can be read at several depths. */
  readonly depths?: boolean;
}

/** A network in a moment: a 4x4 convolution, its 8x8 map averaged, and a dense layer. */
export function tinyBackbone({
  width = 8,
  preprocessing = {},
  hash = 'f00d',
  depths = false,
}: TinyOptions = {}): Backbone {
  const builder = new GraphBuilder();
  const kernel = Float32Array.from({ length: 4 * 3 * 16 }, (_, i) => Math.sin(i * 1.7) / 7);
  const map = builder.node('Conv', ['image', builder.floats(kernel, [4, 3, 4, 4])], { strides: [4, 4] });
  const spatial = builder.node('Relu', [map]);
  const pooled = builder.node('Flatten', [builder.node('GlobalAveragePool', [spatial])]);
  const dense = Float32Array.from({ length: 4 * width }, (_, i) => Math.cos(i * 0.9));
  const features = builder.node('MatMul', [pooled, builder.floats(dense, [4, width])]);
  const last = { tensor: spatial, channels: 4, layout: 'nchw', skip: 0 } as const;
  const maps = depths ? ([{ ...last, tensor: map }] as const) : [];
  return {
    name: 'tiny',
    hash,
    cut: features,
    preprocessing: { ...tinyPreprocessing, ...preprocessing },
    network: {
      irVersion: ownIrVersion,
      opsets: new Map([['', ownOpset]]),
      functions: [],
      nodes: builder.graph().nodes,
      initializers: builder.graph().initializers,
      // The name that the graph around it uses too.
      input: 'image',
      features,
      width,
      spatial: last,
      maps,
      pooled: pooledMaps(maps, last),
      fixedBatch: false,
    },
  };
}
