import { expect, test } from 'vitest';
import { compactWeights } from '../../src/export/compactWeights.ts';
import { Random } from '../../src/numerics/random.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { foldConstants } from '../../src/onnx/foldConstants.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor } from '../../src/runtime/platform.ts';

const random = new Random('weights');
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());

/** Two layers of 100 and 40 channels, and a depthwise convolution's few weights a channel. */
function network() {
  const builder = new GraphBuilder();
  const x = builder.input('x', 'float32', [1, 100, 4, 4]);
  const depthwise = builder.floats(normals(900), [100, 1, 3, 3], 'depthwise');
  const seen = builder.node('Conv', [x, depthwise], { group: 100, pads: [1, 1, 1, 1] });
  const pointwise = builder.floats(normals(12_000), [120, 100, 1, 1], 'pointwise');
  const mixed = builder.node('Relu', [builder.node('Conv', [seen, pointwise])]);
  const flat = builder.node('Flatten', [builder.node('GlobalAveragePool', [mixed])]);
  builder.output(
    builder.node('Gemm', [flat, builder.floats(normals(4800), [120, 40], 'dense')]),
    'float32',
    [1, 40],
    'y',
  );
  return builder.model();
}

const x = { type: 'float32', dims: [1, 100, 4, 4], data: normals(1600).map(Math.abs) } as const;

async function run(model: ReturnType<typeof network>): Promise<Float32Array> {
  const session = await openSession(writeModel(model));
  const { y } = await session.run({ x });
  await session.release();
  return expectTensor(y, 'float32').data;
}

const all = () => true;

test.each([
  ['float16', 0.54, 0.002],
  ['int8', 0.33, 0.02],
] as const)('%s is small, and near what it was', async (type, size, most) => {
  const model = network();
  const compact = compactWeights(model, type, all);
  expect(writeModel(compact).length).toBeLessThan(size * writeModel(model).length);
  const [before, after] = [await run(model), await run(compact)];
  const apart = Math.hypot(...before.map((value, at) => value - after[at])) / Math.hypot(...before);
  expect(apart).toBeGreaterThan(0);
  expect(apart).toBeLessThan(most);
});

test('int8 weights of a channel sum to what they summed to, within half a step', async () => {
  const model = network();
  const compact = compactWeights(model, 'int8', all);
  const whole = await foldConstants(compact, openSession, { grows: true });
  const [before, after] = [model, whole].map(({ graph }) => {
    const stored = graph.initializers.find(({ name }) => name.startsWith('pointwise'));
    return new Float32Array(new Uint8Array(stored?.bytes ?? []).buffer);
  });
  for (let row = 0; row < 120; row++) {
    const sum = (values: Float32Array) =>
      values.subarray(row * 100, row * 100 + 100).reduce((all, one) => all + one, 0);
    const step =
      before.subarray(row * 100, row * 100 + 100).reduce((most, one) => Math.max(most, Math.abs(one)), 0) / 127;
    expect(Math.abs(sum(after) - sum(before))).toBeLessThan(0.51 * step);
  }
});

test('weights come back whole, and a second time in the same bytes', async () => {
  const compact = compactWeights(network(), 'int8', all);
  const whole = await foldConstants(compact, openSession, { grows: true });
  expect(whole.graph.nodes.map(({ op }) => op)).toEqual(network().graph.nodes.map(({ op }) => op));
  expect(await run(whole)).toEqual(await run(compact));
  const kept = await foldConstants(compact, openSession, { grows: false });
  expect(writeModel(kept).length).toBeLessThan(0.4 * writeModel(whole).length);
});
