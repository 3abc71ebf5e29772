import { expect, test } from 'vitest';
import type { Backbone } from '../../src/backbone/backbone.ts';
import { extractionModel } from '../../src/features/network.ts';
import { fromFloat16 } from '../../src/numerics/float16.ts';
import { GraphBuilder, ownIrVersion, ownOpset, plainNode } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { Tensor } from '../../src/runtime/platform.ts';
import { expectTensor } from '../../src/runtime/platform.ts';
import { tinyBackbone, tinyPreprocessing } from './tinyBackbone.ts';

function image(count: number, size = 32): Tensor<'uint8'> {
  const data = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256);
  return { type: 'uint8', dims: [count, size, size, 3], data };
}

test('gives features, and the spatial map channels-last where it is asked for', async () => {
  const backbone = tinyBackbone();
  const session = await openSession(extractionModel(backbone, { spatial: true }));
  expect(session.inputs.map(({ name, type }) => [name, type])).toEqual([['image', 'uint8']]);
  const results = await session.run({ image: image(2) });
  const features = expectTensor(results.features, 'float32');
  const spatial = { ...results.spatial, data: fromFloat16(expectTensor(results.spatial, 'float16').data) };
  expect(features.dims).toEqual([2, 8]);
  expect(spatial.dims).toEqual([2, 8, 8, 4]);
  // The mean of the map, times the dense layer, gives the features.
  const dense = Float32Array.from({ length: 32 }, (_, i) => Math.cos(i * 0.9));
  for (let photo = 0; photo < 2; photo++)
    for (let d = 0; d < 8; d++) {
      let expected = 0;
      for (let place = 0; place < 64; place++)
        for (let c = 0; c < 4; c++) expected += (spatial.data[(photo * 64 + place) * 4 + c] / 64) * dense[c * 8 + d];
      expect(features.data[photo * 8 + d]).toBeCloseTo(expected, 2);
    }
  const plain = await openSession(extractionModel(backbone));
  expect(plain.outputs.map(({ name }) => name)).toEqual(['features']);
});

test('tokens become a square map without the leading ones', async () => {
  // [N, 3, 3, 3] photos as one class token and 9 patch tokens of 3 numbers.
  const builder = new GraphBuilder();
  const patches = builder.node('Reshape', ['pixels', builder.ints([0, 9, 3])]);
  const first = builder.node('Slice', [patches, builder.ints([0]), builder.ints([1]), builder.ints([1])]);
  const tokens = builder.node('Concat', [first, patches], { axis: 1 });
  const features = builder.node('Reshape', [first, builder.ints([0, 3])]);
  const backbone: Backbone = {
    ...tinyBackbone(),
    preprocessing: {
      ...tinyPreprocessing,
      crop: { height: 3, width: 3 },
      layout: 'nhwc',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    network: {
      irVersion: ownIrVersion,
      opsets: new Map([['', ownOpset]]),
      functions: [],
      ...builder.graph(),
      input: 'pixels',
      features,
      width: 3,
      spatial: { tensor: tokens, channels: 3, layout: 'tokens', skip: 1 },
      maps: [],
      fixedBatch: false,
    },
  };
  const session = await openSession(extractionModel(backbone, { spatial: true }));
  const photos = image(2, 3);
  const { spatial } = await session.run({ image: photos });
  expect(spatial.dims).toEqual([2, 3, 3, 3]);
  expect(fromFloat16(expectTensor(spatial, 'float16').data)).toEqual(Float32Array.from(photos.data));
});

test("names of the backbone and of the graph around it do not meet, an inner graph's included", async () => {
  // A network that uses every name the outer graph uses, and reads its input from inside an If.
  const branch = (op: string): GraphBuilder => {
    const inner = new GraphBuilder();
    inner.append({ nodes: [plainNode(op, ['image'], [`carafe/${op}`], {})], initializers: [] });
    inner.output(`carafe/${op}`, 'float32', ['N', 'c', 'h', 'w']);
    return inner;
  };
  const outer = new GraphBuilder();
  const flag = outer.constant({ type: 'bool', dims: [], data: Uint8Array.of(1) });
  const chosen = {
    ...plainNode('If', [flag], ['carafe/cast_0'], {}),
    attributes: new Map([
      ['then_branch', { kind: 'graph', value: branch('Neg').graph() } as const],
      ['else_branch', { kind: 'graph', value: branch('Abs').graph() } as const],
    ]),
  };
  const tiny = tinyBackbone();
  const backbone: Backbone = {
    ...tiny,
    network: {
      ...tiny.network,
      nodes: [
        chosen,
        plainNode('GlobalAveragePool', ['carafe/cast_0'], ['spatial'], {}),
        plainNode('Flatten', ['spatial'], ['features'], {}),
      ],
      initializers: outer.graph().initializers,
      features: 'features',
      width: 3,
      spatial: { tensor: 'carafe/cast_0', channels: 3, layout: 'nchw', skip: 0 },
    },
  };
  const session = await openSession(extractionModel(backbone, { spatial: true }));
  const photo = image(1);
  const results = await session.run({ image: photo });
  const spatial = fromFloat16(expectTensor(results.spatial, 'float16').data);
  // Neg of the normalised red of the first pixel.
  expect(spatial[0]).toBeCloseTo((0.5 - photo.data[0] / 255) / 0.2, 5);
  expect(expectTensor(results.features, 'float32').dims).toEqual([1, 3]);
});

test('a network with a fixed batch of one is opened with it', async () => {
  const tiny = tinyBackbone();
  const session = await openSession(extractionModel({ ...tiny, network: { ...tiny.network, fixedBatch: true } }));
  expect(session.inputs[0].shape).toEqual([1, 32, 32, 3]);
});
