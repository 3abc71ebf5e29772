import { expect, test } from 'vitest';
import { selectMany } from '../../src/evaluation/select.ts';
import { behind, bottleneckHead, principalLayer, randomLayer, throughLayer } from '../../src/heads/bottleneck.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { expectTensor, float32 } from '../../src/runtime/platform.ts';
import { accuracy, context, drawnFolds, drawnProblem, ones } from './drawn.ts';

const problem = drawnProblem(200, 12, 3);
const { rows, columns, data } = problem.features;
const training = { folds: drawnFolds(problem, 4), innerFolds: 4, weights: ones(rows) };

test('principal directions are orthonormal, and what comes out is centred, the widest first', async () => {
  const layer = await principalLayer(problem.features, [...Array(rows).keys()], 5, context);
  const row = (k: number) => layer.weights.subarray(k * columns, (k + 1) * columns);
  for (let a = 0; a < 5; a++)
    for (let b = 0; b < 5; b++)
      expect(row(a).reduce((sum, value, d) => sum + value * row(b)[d], 0)).toBeCloseTo(Number(a === b), 4);
  const narrow = await throughLayer(layer, problem.features, context);
  const variances = Array.from({ length: 5 }, (_, k) => {
    const own = Array.from({ length: rows }, (_, i) => narrow.data[i * 5 + k]);
    expect(own.reduce((sum, value) => sum + value, 0) / rows).toBeCloseTo(0, 3);
    return own.reduce((sum, value) => sum + value * value, 0) / rows;
  });
  expect(variances).toEqual([...variances].sort((a, b) => b - a));
});

test('all principal components together lose nothing', async () => {
  const [plain] = await selectMany(softmax, problem, [training], context);
  const [whole] = await selectMany(
    bottleneckHead(softmax, { kind: 'pca', width: columns }),
    problem,
    [training],
    context,
  );
  expect(whole.settings).toMatchObject({ ...plain.settings, bottleneck: columns });
  expect(accuracy(whole.outOfFold.data, problem)).toBeCloseTo(accuracy(plain.outOfFold.data, problem), 2);
});

test.each(['pca', 'random'] as const)('the %s layer is in the exported graph, alone and side by side', async (kind) => {
  const head = bottleneckHead(softmax, { kind, width: 4 });
  const fitter = await head.prepare(problem, context, [...ones(rows).keys()]);
  const half = ones(rows).map((_, i) => i % 2);
  const fitted = await fitter.fit(
    [ones(rows), half].map((weights, part) => ({ part, weights, settings: head.defaults })),
  );
  await fitter.release();
  const together = await predictLogits(head, fitted, problem, context);
  for (const [k, one] of fitted.entries()) {
    const builder = new GraphBuilder();
    builder.input('x', 'float32', ['n', columns]);
    builder.output(head.toGraph(one, builder, 'x'), 'float32', ['n', 3], 'logits');
    const session = await context.openSession(builder.bytes());
    const logits = expectTensor((await session.run({ x: float32(data, rows, columns) })).logits, 'float32').data;
    for (const [at, value] of logits.entries()) expect(together[k].data[at]).toBeCloseTo(value, 4);
  }
  expect(fitted[0].layer.outputs).toBe(4);
});

test('the layer of a training part is found on its own photos, whatever is fitted beside it', async () => {
  const head = bottleneckHead(softmax, { kind: 'pca', width: 4 });
  const part = (own: number) => ({
    folds: training.folds.map((fold) => (fold % 2 === own ? Math.floor(fold / 2) : -1)),
    innerFolds: 2,
    weights: ones(rows),
  });
  const [alone] = await selectMany(head, problem, [part(0)], context);
  const [beside] = await selectMany(head, problem, [part(0), part(1)], context);
  expect(beside.fitted.layer).toEqual(alone.fitted.layer);
  const all = await principalLayer(problem.features, [...Array(rows).keys()], 4, context);
  expect(alone.fitted.layer).not.toEqual(all);
});

test('random directions are the same for a seed, and of length about 1', () => {
  const layer = randomLayer(4000, 3, 7);
  expect(randomLayer(4000, 3, 7)).toEqual(layer);
  expect(randomLayer(4000, 3, 8)).not.toEqual(layer);
  for (let k = 0; k < 3; k++) {
    const square = layer.weights.subarray(k * 4000, (k + 1) * 4000).reduce((sum, value) => sum + value * value, 0);
    expect(square).toBeGreaterThan(0.85);
    expect(square).toBeLessThan(1.15);
  }
});

test('layers behind a layer are layers on what it reads', async () => {
  const first = { ...randomLayer(columns, 5, 1), bias: Float32Array.from([1, -2, 3, -4, 5]) };
  const layers = [3, 2].map((classes, k) => ({ ...randomLayer(5, classes, 2 + k), bias: ones(classes) }));
  const joined = await behind(first, layers, context);
  const between = await throughLayer(first, problem.features, context);
  for (const [k, layer] of layers.entries()) {
    const expected = await throughLayer(layer, between, context);
    const direct = await throughLayer(joined[k], problem.features, context);
    for (const [at, value] of expected.data.entries()) expect(direct.data[at]).toBeCloseTo(value, 3);
  }
});
