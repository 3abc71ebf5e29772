import { expect, test } from 'vitest';
import { freeBatch } from '../../src/onnx/batch.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import type { Model } from '../../src/onnx/model.ts';
import { dequantizeWeights, storeConstants } from '../../src/onnx/rewrite.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { AnyTensor } from '../../src/runtime/platform.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';
import { drawn, weights } from './networks.ts';

async function run(model: Model, data: Float32Array, ...dims: number[]): Promise<Float32Array> {
  // Optimised, the runtime would multiply by quantised weights in integers, and be off by per cents.
  const session = await openSession(writeModel(model), { optimize: false });
  const { y } = await session.run({ x: float32(data, ...dims) });
  await session.release();
  return expectTensor(y, 'float32').data;
}

const bytes = Int8Array.from(drawn(24), (value) => value * 127);
const stored: [string, AnyTensor, number[], Record<string, number>, Int8Array | undefined][] = [
  ['int8, one scale', { type: 'int8', dims: [6, 4], data: bytes }, [], {}, undefined],
  ['int8 by column, the last axis', { type: 'int8', dims: [6, 4], data: bytes }, [4], { axis: -1 }, undefined],
  [
    'int8 by row, with zero points',
    { type: 'int8', dims: [6, 4], data: bytes },
    [6],
    { axis: 0 },
    Int8Array.from([1, -2, 3, 0, 5, 127]),
  ],
  ['int8 by row, zero points of zero', { type: 'int8', dims: [6, 4], data: bytes }, [6], { axis: 0 }, new Int8Array(6)],
];

test.each(stored)('weights behind DequantizeLinear: %s', async (_, weight, scaleDims, attributes, zero) => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['N', 6]);
  const count = scaleDims[0] ?? 1;
  const scale = builder.floats(
    drawn(count, 5).map((value) => 0.02 + Math.abs(value)),
    scaleDims,
  );
  const inputs = [builder.constant(weight), scale];
  if (zero) inputs.push(builder.constant({ type: 'int8', dims: scaleDims, data: zero }));
  const weightName = builder.node('DequantizeLinear', inputs, attributes);
  builder.output(builder.node('MatMul', [x, weightName]), 'float32', ['N', 4], 'y');
  const model = builder.model();
  const graph = dequantizeWeights(model.graph, 'own/');
  expect(graph.nodes.map(({ op }) => op)).not.toContain('DequantizeLinear');
  expect(graph.nodes.filter(({ op }) => op === 'Sub')).toHaveLength(zero?.some((value) => value !== 0) ? 1 : 0);
  const data = Float32Array.from(drawn(12, 9));
  const [given, expected] = [await run({ ...model, graph }, data, 2, 6), await run(model, data, 2, 6)];
  expect(given.length).toBe(8);
  for (const [index, value] of given.entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 4);
});

test('a network that quantises its activations too is left as it is', () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', ['N', 6]);
  const scale = builder.floats(0.1);
  const q = builder.node('QuantizeLinear', [x, scale]);
  builder.output(builder.node('DequantizeLinear', [q, scale]), 'float32', ['N', 6], 'y');
  const { graph } = builder.model();
  expect(dequantizeWeights(graph, 'own/')).toBe(graph);
});

test('constants become stored tensors, whichever form they have', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [2]);
  const tensor = { name: '', type: 'float32' as const, dims: [2], bytes: new Uint8Array(Float32Array.of(1, 2).buffer) };
  const constants = [
    builder.node('Constant', [], { value: { tensor } }),
    builder.node('Constant', [], { value_float: { float: 0.5 } }),
    builder.node('Constant', [], { value_floats: { floats: [3, 4] } }),
    builder.node('Cast', [builder.node('Constant', [], { value_int: 7 })], { to: 1 }),
    builder.node('Cast', [builder.node('Constant', [], { value_ints: [8, 9] })], { to: 1 }),
  ];
  builder.output(
    constants.reduce((sum, next) => builder.node('Add', [sum, next]), x),
    'float32',
    [2],
    'y',
  );
  const model = builder.model();
  const graph = storeConstants(model.graph);
  expect(graph.nodes.map(({ op }) => op)).not.toContain('Constant');
  expect(graph.initializers).toHaveLength(5);
  expect([...(await run({ ...model, graph }, Float32Array.of(0, 0), 2))]).toEqual([19.5, 22.5]);
});

test('a fixed batch becomes free: Reshape constants and a joined class token', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [1, 4, 6]);
  const rows = builder.node('Reshape', [x, builder.ints([1, 8, 3])]);
  const joined = builder.node('Concat', [weights(builder, [1, 2, 3], 3), rows], { axis: 1 });
  builder.output(builder.node('Reshape', [joined, builder.ints([1, -1])]), 'float32', [1, 30], 'y');
  const model = builder.model();
  const { nodes, initializers } = freeBatch(model.graph.nodes, model.graph.initializers, 'x', 'own/');
  const inputs = [{ name: 'x', type: 'float32' as const, shape: ['N', 4, 6] }];
  const outputs = [{ name: 'y', type: 'float32' as const, shape: ['N', 30] }];
  const free = { ...model, graph: { ...model.graph, nodes, initializers, inputs, outputs } };
  const data = Float32Array.from(drawn(72));
  const photos = [0, 1, 2].map((photo) => run(model, data.slice(photo * 24, photo * 24 + 24), 1, 4, 6));
  const oneByOne = (await Promise.all(photos)).flatMap((values) => [...values]);
  expect([...(await run(free, data, 3, 4, 6))]).toEqual(oneByOne);
});
