import { expect, test } from 'vitest';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import { selectMany } from '../../src/evaluation/select.ts';
import { tableOf } from '../../src/features/mapTable.ts';
import { convHead } from '../../src/heads/conv.ts';
import { type ConvShape, convGradients, convParameters } from '../../src/heads/convNetwork.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { reduceMaps } from '../../src/heads/reducedMaps.ts';
import { fromFloat16, toFloat16 } from '../../src/numerics/float16.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { type AnyTensor, expectTensor, float32 } from '../../src/runtime/platform.ts';
import { context, drawnProblem, ones, withMaps } from './drawn.ts';

const rows = 4;
const jobs = 2;

type Parameters = Record<string, Float64Array>;

/** Weighted cross-entropy of one job in double precision, written out place by place. */
function loss(p: Parameters, job: number, x: Float32Array, labels: Int32Array, weights: number[], shape: ConvShape) {
  const { height, width, channels, bottleneck, filters, classes } = shape;
  const places = height * width;
  const depth = filters ?? bottleneck;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const narrow = Array.from({ length: places }, (_, place) =>
      Array.from({ length: bottleneck }, (_, k) => {
        let value = p.b0[job * bottleneck + k];
        for (let c = 0; c < channels; c++)
          value += p.w0[(job * bottleneck + k) * channels + c] * x[(row * places + place) * channels + c];
        return value;
      }),
    );
    const before = narrow.map((own, place) => {
      if (filters === undefined) return own;
      const [y, z] = [Math.floor(place / width), place % width];
      return Array.from({ length: filters }, (_, f) => {
        let value = p.b1[job * filters + f];
        for (let at = 0; at < 9; at++) {
          const [r, s] = [y + Math.floor(at / 3) - 1, z + (at % 3) - 1];
          if (r < 0 || s < 0 || r >= height || s >= width) continue;
          for (let k = 0; k < bottleneck; k++)
            value += p.w1[(job * filters + f) * 9 * bottleneck + at * bottleneck + k] * narrow[r * width + s][k];
        }
        return value;
      });
    });
    const pooled = Array.from(
      { length: depth },
      (_, f) => before.reduce((all, place) => all + Math.max(0, place[f]), 0) / places,
    );
    const logits = Array.from({ length: classes }, (_, c) =>
      pooled.reduce((all, value, f) => all + p.w2[(job * classes + c) * depth + f] * value, p.b2[job * classes + c]),
    );
    const top = Math.max(...logits);
    const total = logits.reduce((all, value) => all + Math.exp(value - top), 0);
    sum += weights[row] * (Math.log(total) + top - logits[labels[row]]);
  }
  return sum;
}

test.each([3, undefined])('gradients are those of finite differences, with %s filters', async (filters) => {
  const shape = { height: 3, width: 4, channels: 5, bottleneck: 2, filters, classes: 3 };
  const random = new Random(`conv ${filters}`);
  const places = shape.height * shape.width;
  const x = Float32Array.from({ length: rows * places * shape.channels }, () => random.normal());
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
  const weights = Array.from({ length: jobs }, () => Array.from({ length: rows }, () => random.uniform()));
  const parameters = convParameters(shape);
  const feeds: Record<string, AnyTensor> = {
    x: float32(x, rows, places, shape.channels),
    labels: { type: 'int32', dims: [rows, 1], data: labels },
    photoWeights: float32(Float32Array.from(weights.flat()), jobs, rows, 1),
  };
  const doubles: Parameters = {};
  for (const { name, shape: sizes } of parameters) {
    const count = jobs * sizes.reduce((a, b) => a * b, 1);
    const values = Float32Array.from({ length: count }, () => 0.5 * random.normal());
    doubles[name] = Float64Array.from(values);
    feeds[name] = float32(values, jobs, ...sizes);
  }
  const session = await openSession(convGradients(shape));
  const gradients = await session.run(feeds);
  for (const { name } of parameters) {
    const gradient = expectTensor(gradients[`by/${name}`], 'float32').data;
    for (const at of gradient.keys()) {
      const job = Math.floor((at * jobs) / gradient.length);
      const moved = (by: number) => {
        const list = doubles[name].slice();
        list[at] += by;
        return loss({ ...doubles, [name]: list }, job, x, labels, weights[job], shape);
      };
      const step = 1e-6;
      expect(gradient[at]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3);
    }
  }
});

test('sees where things lie: two patterns with the same mean', async () => {
  const random = new Random('patterns');
  const count = 240;
  const [height, width, channels] = [5, 5, 4];
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const maps = new Float32Array(count * height * width * channels);
  for (let row = 0; row < count; row++) {
    const [y, x] = [1 + random.int(3), 1 + random.int(3)];
    for (let at = 0; at < height * width; at++) {
      const place = (row * height * width + at) * channels;
      for (let c = 0; c < channels; c++) maps[place + c] = 0.1 * random.normal();
      // Class 0: an upright bar of three; class 1: a lying one, of the same channel.
      const [dy, dx] = [Math.floor(at / width) - y, (at % width) - x];
      if (labels[row] === 0 ? dx === 0 && Math.abs(dy) <= 1 : dy === 0 && Math.abs(dx) <= 1) maps[place] += 2;
    }
  }
  const spatial = tableOf({ type: 'float16', dims: [count, height, width, channels], data: toFloat16(maps) });
  const features = { rows: count, columns: 1, data: new Float32Array(count) };
  const problem = { features, spatial, labels, classes: 2 };
  // Learnt on two thirds, asked about the last one: where nothing is learnt at first, choosing epochs would stop too early.
  const learnt = ones(count).map((_, i) => Number(i % 6 < 4));
  const answers = async (head: ReturnType<typeof convHead>) => {
    const fits = [{ settings: { ...head.defaults, epochs: 45 }, weights: learnt }];
    const [logits] = await predictLogits(head, await fitChosen(head, problem, fits, context), problem, context);
    const asked = [...labels.keys()].filter((i) => learnt[i] === 0);
    const right = asked.filter((i) => Number(logits.data[2 * i + 1] > logits.data[2 * i]) === labels[i]);
    return right.length / asked.length;
  };
  expect(await answers(convHead({ width: 4, filters: 8 }))).toBeGreaterThan(0.9);
  expect(await answers(convHead({ width: 8, filters: undefined }))).toBeLessThan(0.75);
});

test('reduced maps are the maps along orthogonal directions, to what float16 keeps', async () => {
  const random = new Random('reduced');
  const dims = [20, 3, 3, 6];
  const values = Float32Array.from({ length: 20 * 9 * 6 }, () => random.normal());
  const bits = toFloat16(values);
  const maps = tableOf({ type: 'float16', dims, data: bits });
  const all = [...Array(20).keys()];
  const reduced = await reduceMaps(maps, all, 6, context);
  const numbers = fromFloat16(bits);
  for (const place of [0, 17, 179]) {
    for (let k = 0; k < 6; k++) {
      let expected = reduced.bias[k];
      for (let c = 0; c < 6; c++) expected += reduced.weights[k * 6 + c] * numbers[place * 6 + c];
      expect(reduced.data[place * 6 + k]).toBeCloseTo(expected, 4);
    }
  }
  expect((await reduceMaps(maps, all, 2, context)).components).toBe(2);
});

test('with one inner fold, too, the final fit sees all photos of its part', async () => {
  const problem = withMaps(drawnProblem(40, 6, 2));
  const folds = Int32Array.from({ length: 40 }, (_, i) => (i % 5 === 0 ? 0 : 1));
  const head = convHead({ width: 4, filters: undefined });
  const [{ settings, fitted }] = await selectMany(
    head,
    problem,
    [{ folds, innerFolds: 1, weights: ones(40) }],
    context,
  );
  const [direct] = await fitChosen(head, problem, [{ settings, weights: ones(40) }], context);
  expect(fitted).toEqual(direct);
});
