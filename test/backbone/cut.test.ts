import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CutOptions } from '../../src/backbone/cut.ts';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { GraphBuilder, plainNode } from '../../src/onnx/builder.ts';
import type { Model } from '../../src/onnx/model.ts';
import { dataTypes } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { float32 } from '../../src/runtime/platform.ts';
import { denseHead, drawn, tinyNetwork, weights } from '../onnx/networks.ts';
import { sharedData } from '../shared.ts';
import { runCut } from './runCut.ts';
import { plainPreprocessing } from './structures.ts';

function cut(model: Model, options: Partial<CutOptions> = {}) {
  return cutNetwork(model, {
    openSession,
    source: 'net.onnx',
    preprocessing: plainPreprocessing(model, 16),
    ...options,
  });
}

/** Image patches as tokens, [N, 4 x 4, 8], with `extra` tokens before them. */
function tokens(builder: GraphBuilder, map: string, extra: number): string {
  const places = builder.node('Reshape', [map, builder.ints([0, 8, -1])]);
  const patches = builder.node('Transpose', [places], { perm: [0, 2, 1] });
  if (extra === 0) return patches;
  const shape = builder.node('Shape', [patches]);
  const batch = builder.node('Slice', [shape, builder.ints([0]), builder.ints([1])]);
  const size = builder.node('Concat', [batch, builder.ints([extra, 8])], { axis: 0 });
  const own = builder.node('Expand', [weights(builder, [1, extra, 8], 7), size]);
  return builder.node('Concat', [own, patches], { axis: 1 });
}

/** The shape of a transformer block: the token itself, what all tokens have in common, and a layer of its own. */
function block(builder: GraphBuilder, x: string): string {
  const common = builder.node('ReduceMean', [x], { axes: [1] });
  const own = builder.node('MatMul', [builder.node('Relu', [x]), weights(builder, [8, 8], 11)]);
  return builder.node('Add', [x, builder.node('Add', [common, own])]);
}

/** [N, 3, 16, 16] -> a map [N, 8, 4, 4] -> whatever `rest` declares. */
function network(
  rest: (builder: GraphBuilder, map: string, image: string) => void,
  batch: number | string = 'N',
): Model {
  const builder = new GraphBuilder();
  const image = builder.input('image', 'float32', [batch, 3, 16, 16]);
  const convolved = builder.node('Conv', [image, weights(builder, [8, 3, 4, 4], 1)], { strides: [4, 4] });
  rest(builder, builder.node('Relu', [convolved]), image);
  return builder.model();
}

const flat = (builder: GraphBuilder, map: string): string =>
  builder.node('Flatten', [builder.node('GlobalAveragePool', [map])]);
const dense = (builder: GraphBuilder, value: string, from: number, to: number): string =>
  builder.node('Gemm', [value, weights(builder, [from, to], from + to)]);
const classToken = (builder: GraphBuilder, value: string): string =>
  builder.node('Gather', [value, builder.ints(0)], { axis: 1 });

const forms: [string, Model, expected: string, others: string[]][] = [
  ['a dense layer after pooling', tinyNetwork(), 'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]', []],
  [
    'softmax after the scores',
    network((b, map) => b.output(b.node('Softmax', [dense(b, flat(b, map), 8, 5)]), 'float32', ['N', 5], 'scores')),
    'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]',
    [],
  ],
  [
    'a 1x1 convolution after pooling',
    network((b, map) => {
      const scores = b.node('Conv', [b.node('GlobalAveragePool', [map]), weights(b, [5, 8, 1, 1], 3)]);
      b.output(b.node('Flatten', [scores]), 'float32', ['N', 5], 'output');
    }),
    'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]',
    [],
  ],
  [
    'a layer between pooling and classifier, as in MobileNetV3 and V4',
    network((b, map) => {
      const wide = b.node('Conv', [b.node('GlobalAveragePool', [map]), weights(b, [12, 8, 1, 1], 3)]);
      const active = b.node('Flatten', [b.node('Relu', [wide])]);
      b.output(dense(b, active, 12, 5), 'float32', ['N', 5], 'logits');
    }),
    'flat of relu_6 [12]; spatial: relu_2 [nchw 8]',
    ['pool 8'],
  ],
  [
    'a classifier that is a convolution over the map, as in SqueezeNet',
    network((b, map) => {
      const scores = b.node('Relu', [b.node('Conv', [map, weights(b, [5, 8, 1, 1], 3)])]);
      b.output(flat(b, scores), 'float32', ['N', 5], 'logits');
    }),
    'mean of relu_2 [8]; spatial: relu_2 [nchw 8]',
    [],
  ],
  [
    'no classifier: the last convolution is not one',
    network((b, map) => {
      const wide = b.node('Relu', [b.node('Conv', [map, weights(b, [12, 8, 1, 1], 3)])]);
      b.output(flat(b, wide), 'float32', ['N', 12], 'output');
    }),
    'flat of globalaveragepool_6 [12]; spatial: relu_5 [nchw 12]',
    [],
  ],
  [
    'a head squeezed for another task',
    network((b, map) => {
      const squeezed = b.node('Relu', [dense(b, flat(b, map), 8, 1)]);
      b.output(dense(b, squeezed, 1, 5), 'float32', ['N', 5], 'logits');
    }),
    'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]',
    ['last 1'],
  ],
  [
    'a second output that is named features',
    network((b, map) => {
      const features = flat(b, map);
      b.output(dense(b, features, 8, 5), 'float32', ['N', 5], 'logits');
      b.output(features, 'float32', ['N', 8], 'features');
    }),
    'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]',
    [],
  ],
  [
    "pooler_output as Hugging Face's convolutional networks give it",
    network((b, map) => {
      b.output(map, 'float32', ['N', 8, 4, 4], 'last_hidden_state');
      b.output(b.node('GlobalAveragePool', [map]), 'float32', ['N', 8, 1, 1], 'pooler_output');
    }),
    'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]',
    [],
  ],
  [
    'the pooling decomposed, channels last',
    network((b, map) => {
      const last = b.node('Transpose', [map], { perm: [0, 2, 3, 1] });
      const mean = b.node('ReduceMean', [last], { axes: [1, 2], keepdims: 0 });
      b.output(dense(b, mean, 8, 5), 'float32', ['N', 5], 'logits');
    }),
    'flat of reducemean_4 [8]; spatial: transpose_3 [nhwc 8]',
    [],
  ],
  [
    'a class token, as in ViT',
    network((b, map) => {
      const x = block(b, block(b, block(b, tokens(b, map, 1))));
      b.output(dense(b, classToken(b, x), 8, 5), 'float32', ['N', 5], 'logits');
    }),
    'flat of gather_34 [8]; spatial: add_32 [tokens 8, from 1]',
    ['pool 16'],
  ],
  [
    'two heads side by side, as in DeiT: class token, distillation token, patches',
    network((b, map) => {
      const x = block(b, tokens(b, map, 2));
      const second = b.node('Gather', [x, b.ints(1)], { axis: 1 });
      const both = b.node('Add', [dense(b, classToken(b, x), 8, 5), dense(b, second, 8, 5)]);
      b.output(b.node('Div', [both, b.floats(2)]), 'float32', ['N', 5], 'logits');
    }),
    'class token of add_20 [8]; spatial: add_20 [tokens 8, from 2]',
    ['pool 16'],
  ],
  [
    'last_hidden_state and nothing else, with registers, as in DINOv2',
    network((b, map) => b.output(block(b, tokens(b, map, 5)), 'float32', ['N', 21, 8], 'last_hidden_state')),
    'class token of add_20 [8]; spatial: add_20 [tokens 8, from 5]',
    ['pool 16'],
  ],
  [
    'last_hidden_state without a class token',
    network((b, map) => b.output(block(b, tokens(b, map, 0)), 'float32', ['N', 16, 8], 'last_hidden_state')),
    'mean of add_11 [8]; spatial: add_11 [tokens 8]',
    [],
  ],
  [
    "the mean over tokens, as Hugging Face's Swin pools them",
    network((b, map) => {
      const turned = b.node('Transpose', [block(b, tokens(b, map, 0))], { perm: [0, 2, 1] });
      b.output(b.node('Flatten', [b.node('GlobalAveragePool', [turned])]), 'float32', ['N', 8], 'pooler_output');
    }),
    'flat of globalaveragepool_13 [8]; spatial: add_11 [tokens 8]',
    [],
  ],
  [
    'a projection after the class token, as in CLIP',
    network((b, map) => {
      const x = block(b, tokens(b, map, 1));
      b.output(x, 'float32', ['N', 17, 8], 'last_hidden_state');
      b.output(b.node('MatMul', [classToken(b, x), weights(b, [8, 6], 5)]), 'float32', ['N', 6], 'image_embeds');
    }),
    'flat of matmul_24 [6]; spatial: add_20 [tokens 8, from 1]',
    ['pool 16'],
  ],
  [
    'quantised activations and weights (QDQ)',
    network((b, map) => {
      const scale = b.floats(0.05);
      const quantized = (value: string) =>
        b.node('DequantizeLinear', [b.node('QuantizeLinear', [value, scale]), scale]);
      const pooled = quantized(b.node('GlobalAveragePool', [quantized(map)]));
      const weight = b.constant({ type: 'int8', dims: [8, 5], data: Int8Array.from(drawn(40), (v) => v * 100) });
      const head = b.node('DequantizeLinear', [weight, scale]);
      b.output(
        quantized(b.node('Gemm', [quantized(b.node('Flatten', [pooled])), head])),
        'float32',
        ['N', 5],
        'logits',
      );
    }),
    'flat of globalaveragepool_6 [8]; spatial: dequantizelinear_5 [nchw 8]',
    [],
  ],
  [
    'a head quantised as it runs',
    network((b, map) => {
      const [q = '', scale = '', zero = ''] = b.nodes('DynamicQuantizeLinear', [flat(b, map)], 3);
      const weight = b.constant({
        type: 'uint8',
        dims: [8, 5],
        data: Uint8Array.from(drawn(40), (v) => 128 + v * 100),
      });
      const product = b.node('Cast', [b.node('MatMulInteger', [q, weight, zero])], { to: dataTypes.float32 });
      b.output(b.node('Mul', [product, b.node('Mul', [scale, b.floats(0.01)])]), 'float32', ['N', 5], 'logits');
    }),
    'flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]',
    [],
  ],
];

test.for(forms)('%s', async ([, model, expected, others]) => {
  const { network: given, cut: words, candidates } = await cut(model);
  expect(words).toBe(`features: ${expected}`);
  expect(candidates.slice(1).map((other) => `${other.cut} ${other.width}`)).toEqual(others);
  expect(given.fixedBatch).toBe(false);
  // Two photos at once give what each gives alone.
  const data = Float32Array.from(drawn(2 * 3 * 16 * 16, 21));
  const both = await runCut(given, float32(data, 2, 3, 16, 16));
  const single = await runCut(given, float32(data.slice(768), 1, 3, 16, 16));
  expect(both).toHaveLength(2 * given.width);
  for (const [index, value] of single.entries()) expect(both[given.width + index]).toBeCloseTo(value, 5);
  if (given.spatial)
    expect((await runCut(given, float32(data, 2, 3, 16, 16), given.spatial.tensor)).length).toBeGreaterThan(0);
});

test('class token and mean patch side by side', async () => {
  const model = network((b, map) =>
    b.output(block(b, tokens(b, map, 1)), 'float32', ['N', 17, 8], 'last_hidden_state'),
  );
  const input = float32(Float32Array.from(drawn(768, 4)), 1, 3, 16, 16);
  const { network: pooled } = await cut(model, { cut: 'pool' });
  const { network: plain } = await cut(model, { cut: 'last' });
  const all = await runCut(plain, input, plain.spatial?.tensor);
  const means = Array.from({ length: 8 }, (_, channel) => {
    const column = Array.from({ length: 16 }, (_row, patch) => all[(patch + 1) * 8 + channel] ?? Number.NaN);
    return column.reduce((sum, value) => sum + value, 0) / 16;
  });
  const expected = [...(await runCut(plain, input)), ...means];
  for (const [index, value] of (await runCut(pooled, input)).entries())
    expect(value).toBeCloseTo(expected[index] ?? NaN, 5);
});

test.each([13, 17, 18, 20])('what is added to a network runs in operator set %i', async (opset) => {
  const model = network((b, map) => b.output(tokens(b, map, 1), 'float32', ['N', 17, 8], 'last_hidden_state'));
  const input = float32(Float32Array.from(drawn(2 * 768, 4)), 2, 3, 16, 16);
  for (const [name, width] of [
    ['last', 8],
    ['pool', 16],
  ] as const) {
    // The class token of this network sees no image, which a check would find.
    const { network: given } = await cut({ ...model, opsets: new Map([['', opset]]) }, { cut: name, check: false });
    expect(given.opsets.get('')).toBe(opset);
    expect(await runCut(given, input)).toHaveLength(2 * width);
  }
});

test('every size free, as Hugging Face exports networks', async () => {
  const builder = new GraphBuilder();
  const image = builder.input('pixel_values', 'float32', ['batch_size', 'num_channels', 'height', 'width']);
  const map = builder.node('Conv', [image, weights(builder, [8, 3, 4, 4], 1)], { strides: [4, 4] });
  builder.output(block(builder, tokens(builder, map, 1)), 'float32', ['', '', ''], 'last_hidden_state');
  const { network: given, cut: words } = await cut(builder.model());
  expect(words).toContain('class token of');
  expect(given).toMatchObject({ width: 8, fixedBatch: false, spatial: { layout: 'tokens', skip: 1, channels: 8 } });
});

test('metadata and a tensor named by the user come first', async () => {
  const model = tinyNetwork({ metadata: new Map([['carafe.cut', 'relu_2']]) });
  expect((await cut(model)).cut).toBe('features: mean of relu_2 [8]; spatial: relu_2 [nchw 8]');
  expect((await cut(model, { cut: 'conv_1' })).cut).toBe('features: mean of conv_1 [8]; spatial: conv_1 [nchw 8]');
  // Exporters name layers and tensors apart; `carafe inspect` lists the layers.
  const nodes = model.graph.nodes.map((node) => (node.op === 'Conv' ? { ...node, name: 'stem' } : node));
  const byLayer = await cut({ ...model, graph: { ...model.graph, nodes } }, { cut: 'stem' });
  expect(byLayer.cut).toBe('features: mean of conv_1 [8]; spatial: conv_1 [nchw 8]');
  // With a tensor of one vector there is no map to speak of before pooling but the network's own.
  expect((await cut(model, { cut: 'logits' })).network.width).toBe(5);
});

test('float16 networks give float32 features', async () => {
  const builder = new GraphBuilder();
  const half = (value: string): string => builder.node('Cast', [value], { to: dataTypes.float16 });
  builder.append({ nodes: [], initializers: [] });
  const image = builder.input('image', 'float16', ['N', 3, 16, 16]);
  const map = builder.node('Relu', [
    builder.node('Conv', [image, half(weights(builder, [8, 3, 4, 4], 1))], { strides: [4, 4] }),
  ]);
  const scores = builder.node('Gemm', [flat(builder, map), half(weights(builder, [8, 5], 2))]);
  builder.output(scores, 'float16', ['N', 5], 'logits');
  const { network: given } = await cut(builder.model());
  const zeros = { type: 'float16' as const, dims: [2, 3, 16, 16], data: new Uint16Array(2 * 768).fill(0x3800) };
  expect([...(await runCut(given, zeros))].every(Number.isFinite)).toBe(true);
  expect(given.spatial?.tensor).toMatch(/^cut\//);
});

test('channels-last and uint8 inputs', async () => {
  const builder = new GraphBuilder();
  const image = builder.input('image', 'uint8', ['N', 16, 16, 3]);
  const first = builder.node('Transpose', [builder.node('Cast', [image], { to: 1 })], { perm: [0, 3, 1, 2] });
  const map = builder.node('Conv', [first, weights(builder, [8, 3, 4, 4], 1)], { strides: [4, 4] });
  builder.output(denseHead(builder, builder.node('GlobalAveragePool', [map])), 'float32', ['N', 5], 'logits');
  const model = builder.model();
  expect(plainPreprocessing(model)).toMatchObject({ layout: 'nhwc', input: 'uint8', crop: { height: 16, width: 16 } });
  expect((await cut(model)).network.width).toBe(8);
});

test('a fixed batch is freed where that gives the same', async () => {
  const model = network((b, map) => {
    const rows = b.node('Reshape', [map, b.ints([1, 8, 16])]);
    const patches = b.node('Transpose', [rows], { perm: [0, 2, 1] });
    const x = block(b, b.node('Concat', [weights(b, [1, 1, 8], 7), patches], { axis: 1 }));
    b.output(dense(b, classToken(b, x), 8, 5), 'float32', [1, 5], 'logits');
  }, 1);
  const { network: given } = await cut(model);
  expect(given.fixedBatch).toBe(false);
  const data = Float32Array.from(drawn(3 * 768, 2));
  expect(await runCut(given, float32(data, 3, 3, 16, 16))).toHaveLength(24);
});

test('a batch that cannot be freed stays one photo a run', async () => {
  // The batch is joined with the channels, as older attention exports do.
  const model = network((b, map) => {
    const mixed = b.node('Reshape', [map, b.ints([8, 1, 4, 4])]);
    const mean = b.node('ReduceMean', [mixed], { axes: [0], keepdims: 1 });
    const back = b.node('Reshape', [b.node('Mul', [mixed, mean]), b.ints([1, 8, 4, 4])]);
    b.output(dense(b, flat(b, back), 8, 5), 'float32', [1, 5], 'logits');
  }, 1);
  const { network: given } = await cut(model);
  expect(given.fixedBatch).toBe(true);
  expect(await runCut(given, float32(Float32Array.from(drawn(768)), 1, 3, 16, 16))).toHaveLength(8);
});

test("names of the network that look like Carafe's own do not collide", async () => {
  const builder = new GraphBuilder('cut/read/');
  const image = builder.input('cut/', 'float32', ['N', 3, 16, 16]);
  const map = builder.node('Conv', [image, weights(builder, [8, 3, 4, 4], 1)], { strides: [4, 4] });
  builder.output(denseHead(builder, builder.node('GlobalAveragePool', [map])), 'float32', ['N', 5], 'logits');
  const { network: given } = await cut(builder.model());
  expect(new Set(given.nodes.flatMap(({ outputs }) => outputs)).size).toBe(
    given.nodes.flatMap(({ outputs }) => outputs).length,
  );
  expect(given.features).toMatch(/^cut-cut\/read\//);
});

const inputOnly = (name: string, type: 'float32' | 'int64', shape: (number | string)[]): Model => {
  const builder = new GraphBuilder();
  const x = builder.input(name, type, shape);
  builder.output(builder.node('Identity', [x]), type, shape, 'y');
  return builder.model();
};

const refused: [string, Model, code: string, what: string, options?: Partial<CutOptions>][] = [
  [
    'text',
    inputOnly('input_ids', 'int64', ['N', 'T']),
    'UNSUPPORTED_MODEL',
    'no input takes photos; the inputs are: input_ids (int64 [N, T])',
  ],
  [
    'grey photos',
    inputOnly('x', 'float32', ['N', 1, 28, 28]),
    'UNSUPPORTED_MODEL',
    'does not take three colour channels',
  ],
  ['eight photos a run', inputOnly('x', 'float32', [8, 3, 16, 16]), 'UNSUPPORTED_MODEL', 'takes exactly 8 photos'],
  [
    'two images',
    (() => {
      const builder = new GraphBuilder();
      const [a, b] = ['a', 'b'].map((name) => builder.input(name, 'float32', ['N', 3, 16, 16]));
      builder.output(builder.node('Add', [a ?? '', b ?? '']), 'float32', ['N', 3, 16, 16], 'y');
      return builder.model();
    })(),
    'UNSUPPORTED_MODEL',
    'several inputs could take the photo: a (float32 [N, 3, 16, 16]), b (float32 [N, 3, 16, 16])',
  ],
  [
    'an image with a text',
    network((b, map) => {
      const text = b.node('Cast', [b.input('input_ids', 'int64', ['N', 8])], { to: 1 });
      b.output(b.node('Add', [flat(b, map), text]), 'float32', ['N', 8], 'similarity');
    }),
    'UNSUPPORTED_MODEL',
    'no output depends on the image alone; the outputs are: similarity',
  ],
  [
    'boxes',
    network((b, map) => b.output(map, 'float32', ['N', 8, 4, 4], 'boxes')),
    'NO_CUT',
    "the output 'boxes' [1, 8, 4, 4] is not one vector",
  ],
  [
    'the same values for every image',
    network((b, map) =>
      b.output(dense(b, b.node('Mul', [flat(b, map), b.floats(0)]), 8, 5), 'float32', ['N', 5], 'logits'),
    ),
    'NO_CUT',
    'it gives the same values for a black image and a drawn one',
  ],
  [
    'values that are not finite',
    network((b, map) =>
      b.output(dense(b, b.node('Log', [b.node('Neg', [flat(b, map)])]), 8, 5), 'float32', ['N', 5], 'logits'),
    ),
    'NO_CUT',
    'it gives values that are not finite',
  ],
  ['a cut that is not there', tinyNetwork(), 'NO_CUT', "has no tensor 'layer4'", { cut: 'layer4' }],
  [
    'an operator that nobody knows',
    network((b, map) => b.output(dense(b, flat(b, b.node('Warp', [map])), 8, 5), 'float32', ['N', 5], 'logits')),
    'BAD_MODEL',
    'net.onnx: ONNX Runtime cannot open the network',
  ],
  [
    'a network that computes in whole numbers',
    network((b, map) => {
      const [scale, zero] = [b.floats(0.02), b.constant({ type: 'uint8', dims: [], data: Uint8Array.of(0) })];
      const whole = b.node('QuantizeLinear', [flat(b, map), scale, zero]);
      const layer = (input: string, outputs: number): string => {
        const data = Uint8Array.from({ length: 8 * outputs }, (_, i) => i);
        const weights = b.constant({ type: 'uint8', dims: [8, outputs], data });
        return b.node('QLinearMatMul', [input, scale, zero, weights, scale, zero, scale, zero]);
      };
      const scores = layer(layer(whole, 8), 5);
      b.output(b.node('DequantizeLinear', [scores, scale, zero]), 'float32', ['N', 5], 'logits');
    }),
    'UNSUPPORTED_MODEL',
    'are uint8: the network computes in integers',
  ],
  [
    'a cycle',
    (() => {
      const model = tinyNetwork();
      const nodes = model.graph.nodes.map((node) =>
        node.op === 'Conv' ? { ...node, inputs: ['relu_2', ...node.inputs.slice(1)] } : node,
      );
      return { ...model, graph: { ...model.graph, nodes } };
    })(),
    'UNSUPPORTED_MODEL',
    'the graph has a cycle through',
  ],
  [
    'an old operator set with an operator outside the table',
    (() => {
      const model = tinyNetwork({ opset: 9 });
      return {
        ...model,
        graph: { ...model.graph, nodes: [...model.graph.nodes, plainNode('Upsample', ['relu_2'], ['z'], {})] },
      };
    })(),
    'UNSUPPORTED_MODEL',
    'operator Upsample of operator set 9',
  ],
];

test.for(refused)('refused: %s', async ([, model, code, what, options]) => {
  const preprocessing = plainPreprocessing(tinyNetwork(), 16);
  await expect(cutNetwork(model, { openSession, source: 'net.onnx', preprocessing, ...options })).rejects.toMatchObject(
    {
      name: 'CarafeError',
      code,
      what: expect.stringContaining(what),
    },
  );
});

const data = sharedData();
const real: [string, string, string[]][] = [
  ['mobilenetv1_1.0_224', 'flat of globalaveragepool_55 [1024]; spatial: clip_54 [nchw 1024]', []],
  ['mobilenetv2_1.0_224', 'flat of globalaveragepool_98 [1280]; spatial: clip_97 [nchw 1280]', []],
  ['squeezenet1.1_224', 'mean of concat_61 [512]; spatial: concat_61 [nchw 512]', []],
  // Fine-tuned for another task: 128 values before the last layer, 2,048 in the pooled map.
  ['inception_v3_299', 'flat of averagepool_311 [2048]; spatial: concat_310 [nchw 2048]', ['last 128']],
];

test.skipIf(!data).for(real)('%s (skipped where ../shared/data is missing)', async ([name, expected, others]) => {
  const model = readModel(readFileSync(join(data ?? '', 'backbones', `${name}.onnx`)), name);
  const { cut: words, candidates } = await cut(model);
  expect(words).toBe(`features: ${expected}`);
  expect(candidates.slice(1).map((other) => `${other.cut} ${other.width}`)).toEqual(others);
});
