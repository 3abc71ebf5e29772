import { describe, expect, test } from 'vitest';
import type { Backbone } from '../../src/backbone/backbone.ts';
import type { Stage } from '../../src/backbone/stage.ts';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import { tableOf } from '../../src/features/mapTable.ts';
import { besideSettings, finetunedHead } from '../../src/heads/finetuning/finetuned.ts';
import { stageGraph } from '../../src/heads/finetuning/stageGraph.ts';
import { StageTrainer } from '../../src/heads/finetuning/stageTrainer.ts';
import type { Problem } from '../../src/heads/head.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { toFloat16 } from '../../src/numerics/float16.ts';
import { Random } from '../../src/numerics/random.ts';
import { planFinetuning } from '../../src/runs/finetune.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { type AnyTensor, expectTensor, float32 } from '../../src/runtime/platform.ts';
import { singleLabel } from '../../src/tasks/singleLabel.ts';
import { accuracy, context, ones } from '../heads/drawn.ts';
import { quantisedBackbone, reflectedBackbone, sharedBackbone, tokenBackbone } from './networks.ts';
import { lines, stagedBackbone, stageOf } from './stage.ts';

const random = new Random('networks');
const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());

/** The stage's own weights, and a dense layer of two classes that is drawn. */
async function step(stage: Stage, batch: number) {
  const { bytes, parameters } = await stageGraph(stage, 2, batch, openSession);
  const session = await openSession(bytes, { threads: 1 });
  const values = new Map<string, Float32Array>();
  for (const [name, dims] of parameters) {
    const stored = stage.model.graph.initializers.find((each) => each.name === name);
    const count = dims.reduce((all, size) => all * size, 1);
    values.set(name, stored ? new Float32Array(new Uint8Array(stored.bytes).buffer) : normals(count));
  }
  const size = stage.sizes.reduce((all, one) => all * one, 1);
  const given: Record<string, AnyTensor> = {
    x: { type: 'float16', dims: [batch, ...stage.sizes], data: toFloat16(normals(batch * size)) },
    centre: float32(new Float32Array(stage.width), 1, stage.width),
    dropout: float32(new Float32Array(batch * stage.width).fill(1), batch, stage.width),
    targets: float32(
      Float32Array.from({ length: 2 * batch }, (_, at) => Number((at + (at >> 1)) % 2 === 0)),
      batch,
      2,
    ),
  };
  const run = () => {
    const weights = Array.from(values, ([name, data]) => [name, float32(data, ...(parameters.get(name) ?? []))]);
    return session.run({ ...given, ...Object.fromEntries(weights) });
  };
  return { values, run, release: () => session.release() };
}

/** Compares the gradient along a drawn direction of each weight with differences of the loss. */
async function expectGradients(stage: Stage): Promise<void> {
  const { values, run, release } = await step(stage, 4);
  const lossAt = async () => expectTensor((await run()).loss, 'float32').data[0];
  const gradients = await run();
  for (const [name, data] of values) {
    const by = expectTensor(gradients[`by/${name}`], 'float32').data;
    const length = Math.hypot(...by);
    if (length < 1e-4) continue;
    // Along the gradient itself the difference is largest, and rounding least.
    const own = data.slice();
    const move = 0.01 / length;
    const losses: number[] = [];
    for (const side of [1, -1]) {
      for (const [at, value] of own.entries()) data[at] = value + side * move * by[at];
      losses.push(await lossAt());
    }
    data.set(own);
    expect((losses[0] - losses[1]) / (2 * move) / length ** 2, name).toBeCloseTo(1, 1);
  }
  await release();
}

/** Trains on some photos, and says how many others are named right. */
async function learned(stage: Stage, train: Problem, others: Problem): Promise<number> {
  const weights = ones(train.labels.length);
  const softmax = headNamed('softmax');
  const head = finetunedHead(stage, softmax);
  const settings = { epochs: 24, schedule: 24, stageScale: 1, frozenScale: 0, ...besideSettings(softmax.defaults) };
  const [fitted] = await fitChosen(head, train, [{ settings, weights }], context);
  const [logits] = await predictLogits(head, [fitted], others, context);
  return accuracy(logits.data, others);
}

test('weights that two layers share are trained once, by both', async () => {
  const stage = await stageOf(sharedBackbone());
  const own = await stageOf(stagedBackbone());
  expect(stage.trained.filter((name) => own.trained.includes(name))).toEqual(own.trained);
  expect(stage.trained).toHaveLength(own.trained.length);
  await expectGradients(stage);
});

test('int8 weights are trained as floating-point numbers, from what they stand for', async () => {
  const stage = await stageOf(quantisedBackbone());
  const float = await stageOf(stagedBackbone());
  expect(stage.trained).toHaveLength(float.trained.length);
  const initializers = stage.model.graph.initializers.filter(({ name }) => stage.trained.includes(name));
  expect(new Set(initializers.map(({ type }) => type))).toEqual(new Set(['float32']));
  expect(await learned(stage, lines(256), lines(128, 8, 'others'))).toBeGreaterThan(0.75);
});

describe('a network of tokens', () => {
  const backbone = tokenBackbone();

  /** Two classes of photos with two bright tokens each: both are bright in the first channel, or each in its own. */
  function pairs(photos: number): Problem {
    const labels = Int32Array.from({ length: photos }, (_, i) => i % 2);
    const values = normals(photos * 128).map((value) => 0.1 * value);
    for (let photo = 0; photo < photos; photo++)
      for (const [k, token] of [random.int(8), 8 + random.int(8)].entries())
        values[photo * 128 + token * 8 + (labels[photo] === 1 ? k : 0)] += 3;
    const stage = tableOf({ type: 'float16', dims: [photos, 16, 1, 8], data: toFloat16(values) });
    const features = { rows: photos, columns: 8, data: normals(photos * 8) };
    return { features, labels, classes: 2, stage };
  }

  test('trains its last block: attention, the dense part and what follows', async () => {
    const stage = await stageOf(backbone);
    expect(stage.cut).toMatchObject({ layout: 'sequence', channels: 8 });
    expect(stage.sizes).toEqual([16, 1, 8]);
    expect(stage.model.graph.nodes.filter(({ op }) => op === 'Softmax')).toHaveLength(1);
    await expectGradients(stage);
    expect(await learned(stage, pairs(256), pairs(128))).toBeGreaterThan(0.7);
  });
});

describe('before it begins', () => {
  const items = Array.from({ length: 1200 }, (_, i) => ({ path: `${i}.jpg`, file: `${i}.jpg`, labels: [`${i % 2}`] }));
  const planned = async (backbone: Backbone, free: number) => {
    const told: string[] = [];
    const options = { finetune: 'auto' as const, onWarning: (text: string) => void told.push(text) };
    const platform = { openSession, freeBytes: async () => free };
    return { plan: await planFinetuning({ items }, singleLabel, backbone, options, platform), told };
  };

  test('maps for which there is no room leave the network frozen, and that is said', async () => {
    expect(await planned(stagedBackbone(), 1e5)).toEqual({
      plan: undefined,
      told: ['The network stays frozen: what enters its last stage takes 2 MB, and there is room for 1 MB.'],
    });
    expect((await planned(stagedBackbone(), 1e9)).plan).toHaveProperty('stage');
  });

  test('a form of an operator that has no gradient leaves it frozen, and that is said', async () => {
    const { plan, told } = await planned(reflectedBackbone(), 1e9);
    expect(plan).toBeUndefined();
    expect(told).toEqual([
      'The network stays frozen: its last stage cannot be trained, since Carafe does not know the gradient of its operator Pad whose border repeats the map.',
    ]);
  });

  test('a network that takes one photo at a time stays frozen, and that is said', async () => {
    const { network, ...backbone } = stagedBackbone();
    const { plan, told } = await planned({ ...backbone, network: { ...network, fixedBatch: true } }, 1e9);
    expect(plan).toBeUndefined();
    expect(told).toEqual([
      'The network stays frozen: its last stage cannot be trained, since the network takes one photo at a time.',
    ]);
  });
});

test('after a loss that is no number it goes back an epoch, at half the rate, and ends well', async () => {
  const stage = await stageOf(stagedBackbone());
  let steps = 0;
  const once: typeof openSession = async (...args) => {
    const session = await openSession(...args);
    const run: typeof session.run = async (feeds) => {
      const outputs = await session.run(feeds);
      // The second epoch of ten steps breaks once.
      if (!('loss' in outputs) || ++steps !== 14) return outputs;
      return { ...outputs, loss: float32(Float32Array.of(Number.NaN)) };
    };
    return { ...session, inputs: session.inputs, outputs: session.outputs, run, release: () => session.release() };
  };
  const told: string[] = [];
  const epochs: number[] = [];
  const trainer = new StageTrainer(stage, lines(64), { ...context, openSession: once });
  let last: ReadonlyMap<string, Float32Array> = new Map();
  await trainer.train({
    rows: [...Array(64).keys()],
    weights: ones(64),
    schedule: 4,
    onEpoch: async (epoch, weights) => {
      epochs.push(epoch);
      last = weights;
      return true;
    },
    onWarning: (text) => told.push(text),
  });
  await trainer.release();
  expect(told).toEqual(['Fine-tuning gave no finite loss: it goes back to the epoch before, at half the rate.']);
  expect(epochs).toEqual([1, 2, 3, 4]);
  for (const values of last.values()) expect(values.every(Number.isFinite)).toBe(true);
});
