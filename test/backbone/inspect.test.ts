import { expect, test } from 'vitest';
import { inspectNetwork } from '../../src/backbone/inspect.ts';
import { inspection } from '../../src/backbone/inspection.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import type { Model } from '../../src/onnx/model.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork, weights } from '../onnx/networks.ts';
import { structure } from './structures.ts';

const inputSize = { height: 16, width: 16 };
const inspect = (model: Model) => inspectNetwork(model, { openSession, source: 'net.onnx', inputSize });

/**
 * Parameters and billions of MACs as torchvision 0.15 states them (num_params, GFLOPS; Inception v3 and GoogLeNet
 * without their auxiliary heads), and how many layers are bottlenecks.
 */
const published: [string, parameters: number, macs: number, bottlenecks: number][] = [
  ['alexnet', 61_100_840, 0.714, 0],
  ['vgg16', 138_357_544, 15.47, 0],
  ['googlenet', 6_624_904, 1.498, 18],
  ['inception_v3', 23_834_568, 5.713, 14],
  ['resnet18', 11_689_512, 1.814, 0],
  ['resnet50', 25_557_032, 4.089, 15],
  ['resnet101', 44_549_160, 7.801, 32],
  ['squeezenet1_1', 1_235_496, 0.349, 8],
  ['densenet121', 7_978_856, 2.834, 0],
  ['shufflenet_v2_x1_0', 2_278_604, 0.145, 0],
  ['mobilenet_v2', 3_504_872, 0.301, 17],
  ['mobilenet_v3_large', 5_483_032, 0.217, 22],
  ['efficientnet_b0', 5_288_548, 0.386, 32],
  ['regnet_y_400mf', 4_344_144, 0.402, 16],
  ['convnext_tiny', 28_589_128, 4.456, 18],
  ['vit_b_16', 86_567_656, 17.564, 12],
  // The exporter stores the 169 relative position biases of each of 138 heads unfolded, as 49 x 49.
  ['swin_t', 28_288_354 + 138 * (49 * 49 - 169), 4.491, 12],
];

test.for(published)('%s: %i parameters and %d billion MACs, within 1%%', async ([name, parameters, macs, narrow]) => {
  const { totals, bottlenecks } = await inspectNetwork(structure(name), { openSession, source: name });
  expect(Math.abs(totals.parameters / parameters - 1)).toBeLessThan(0.01);
  expect(Math.abs(totals.macs / 1e9 / macs - 1)).toBeLessThan(0.01);
  expect(bottlenecks).toHaveLength(narrow);
});

test("a ResNet block's bottleneck saves what a plain block would cost more", async () => {
  const { bottlenecks, layers } = await inspectNetwork(structure('resnet50'), { openSession, source: 'resnet50' });
  const [first] = bottlenecks;
  expect(first).toMatchObject({ before: 256, width: 64, after: 256 });
  // Without it: 3x3 256 -> 256 and 1x1 256 -> 256. With it: 1x1 256 -> 64, 3x3 64 -> 64, 1x1 64 -> 256.
  const without = 256 * 256 * 9 + 256 + 256 * 256 + 256;
  const withIt = 256 * 64 + 64 + 64 * 64 * 9 + 64 + 64 * 256 + 256;
  expect(first?.saves.parameters).toBe(without - withIt);
  const places = 56 * 56;
  expect(first?.saves.macs).toBe(places * (256 * 256 * 9 + 256 * 256 - (256 * 64 + 64 * 64 * 9 + 64 * 256)));
  expect(layers.find(({ name }) => name === first?.name)).toMatchObject({
    type: 'Conv 1x1',
    in: 256,
    out: 64,
    places: [56, 56],
    bottleneck: true,
  });
});

test('every layer of a small network', async () => {
  const result = inspection.parse(await inspect(tinyNetwork()));
  expect(result.layers).toEqual([
    {
      name: 'conv_1',
      type: 'Conv 3x3',
      in: 3,
      out: 8,
      places: [7, 7],
      parameters: 216,
      macs: 10_584,
      bottleneck: false,
      dropped: false,
    },
    {
      name: 'globalaveragepool_3',
      type: 'GlobalAveragePool',
      in: 8,
      out: 8,
      places: [1, 1],
      parameters: 0,
      macs: 0,
      bottleneck: false,
      dropped: false,
    },
    {
      name: 'gemm_6',
      type: 'Dense',
      in: 8,
      out: 5,
      places: [],
      parameters: 40,
      macs: 40,
      bottleneck: false,
      dropped: true,
    },
  ]);
  expect(result.totals).toEqual({ layers: 3, parameters: 256, macs: 10_624 });
  expect(result.cut?.chosen).toEqual({ cut: 'last', tensor: 'globalaveragepool_3', readout: 'flat', width: 8 });
  expect(result.cut?.spatial).toBe('relu_2');
});

test('weights count once, however they are stored; statistics and single numbers do not count', async () => {
  const model = tinyNetwork({
    trunk: (b, map) => {
      const shared = weights(b, [8, 8, 1, 1], 3);
      const once = b.node('Conv', [map, shared]);
      const twice = b.node('Conv', [once, shared]);
      const int8 = (value: number) =>
        b.constant({ type: 'int8', dims: [8, 8, 1, 1], data: new Int8Array(64).fill(value) });
      const quantized = b.node('Conv', [twice, b.node('DequantizeLinear', [int8(3), b.floats(0.1)])]);
      const half = b.constant({ type: 'float16', dims: [8, 8, 1, 1], data: new Uint16Array(64).fill(0x3800) });
      const cast = b.node('Conv', [quantized, b.node('Cast', [half], { to: 1 })]);
      const scales = b.floats(new Float32Array(8).fill(0.1), [8, 1, 1, 1]);
      const scaled = b.node('Conv', [cast, b.node('Mul', [b.node('Cast', [int8(4)], { to: 1 }), scales])]);
      const norm = [1, 0.5, 0.1, 2].map((value) => b.floats(Array.from({ length: 8 }, () => value)));
      return b.node('Mul', [b.node('BatchNormalization', [scaled, ...norm]), b.floats(0.5)]);
    },
  });
  const { totals } = await inspect(model);
  // 216 and 40 of the tiny network, 64 four times, scale and shift of the batch norm.
  expect(totals.parameters).toBe(216 + 40 + 64 * 4 + 16);
});

test('depthwise layers in a bottleneck keep their groups', async () => {
  const model = tinyNetwork({
    trunk: (b, map) => {
      const narrow = b.node('Relu', [b.node('Conv', [map, weights(b, [2, 8, 1, 1], 3)])]);
      const depthwise = b.node('Conv', [narrow, weights(b, [2, 1, 3, 3], 4)], { group: 2, pads: [1, 1, 1, 1] });
      return b.node('Add', [map, b.node('Conv', [depthwise, weights(b, [8, 2, 1, 1], 5)])]);
    },
  });
  const { bottlenecks, layers } = await inspect(model);
  expect(layers.map(({ type }) => type)).toContain('Conv 3x3 depthwise');
  // Without it: depthwise over 8 channels, 1x1 8 -> 8. With it: 16, 18 and 16 weights.
  expect(bottlenecks).toEqual([
    expect.objectContaining({
      before: 8,
      width: 2,
      after: 8,
      saves: { parameters: 72 + 64 - 50, macs: 49 * (72 + 64 - 50) },
    }),
  ]);
});

test('a network that cannot be cut is inspected all the same, and says why', async () => {
  const builder = new GraphBuilder();
  const image = builder.input('image', 'float32', ['N', 3, 16, 16]);
  builder.output(builder.node('Conv', [image, weights(builder, [4, 3, 1, 1], 1)]), 'float32', ['N', 4, 16, 16], 'mask');
  const result = await inspect(builder.model());
  expect(result.cut).toBeNull();
  expect(result.noCutReason).toContain("the output 'mask'");
  expect(result.totals.macs).toBe(12 * 256);
});
