import { expect, test } from 'vitest';
import { selectMany } from '../../src/evaluation/select.ts';
import { type Activation, mlp, mlpHead, mlpNetwork } from '../../src/heads/mlp.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { type AnyTensor, expectTensor, float32 } from '../../src/runtime/platform.ts';
import { accuracy, context, drawnFolds, drawnProblem, ones } from './drawn.ts';

const rows = 9;
const width = 4;
const jobs = 2;
const problem = drawnProblem(rows, 5, 3);
const { columns } = problem.features;

/** Sum over photos of weight times cross-entropy, for one job, in double precision. */
function loss(p: Record<string, Float64Array>, job: number, weights: number[], activation: Activation): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const hidden = Array.from({ length: width }, (_, h) => {
      let value = p.b1[job * width + h];
      for (let d = 0; d < columns; d++)
        value += p.w1[(job * width + h) * columns + d] * problem.features.data[row * columns + d];
      return activation === 'relu' ? Math.max(0, value) : value;
    });
    const logits = [0, 1, 2].map((c) =>
      hidden.reduce((all, value, h) => all + value * p.w2[(job * 3 + c) * width + h], p.b2[job * 3 + c]),
    );
    const top = Math.max(...logits);
    const total = logits.reduce((all, value) => all + Math.exp(value - top), 0);
    sum += weights[row] * (Math.log(total) + top - logits[problem.labels[row]]);
  }
  return sum;
}

test.each<Activation>(['relu', 'linear'])('gradients are those of finite differences, %s', async (activation) => {
  const random = new Random(activation);
  const input = { centre: new Float32Array(columns), factor: 1 };
  const network = mlpNetwork(problem, width, activation, input);
  const all = [...Array(rows).keys()];
  const weights = Array.from({ length: jobs }, () => all.map(() => random.uniform()));
  const values = Object.fromEntries(
    network.parameters.map(({ name, shape }) => {
      const count = jobs * shape.reduce((a, b) => a * b, 1);
      return [name, Float32Array.from({ length: count }, () => 0.3 * random.normal())];
    }),
  );
  const feeds: Record<string, AnyTensor> = {
    x: network.batch(all),
    labels: { type: 'int32', dims: [rows, 1], data: problem.labels },
    photoWeights: float32(Float32Array.from(weights.flat()), jobs, rows, 1),
  };
  for (const { name, shape } of network.parameters) feeds[name] = float32(values[name], jobs, ...shape);
  const session = await openSession(network.graph);
  const gradients = await session.run(feeds);
  const doubles = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, Float64Array.from(list)]));
  for (const { name } of network.parameters) {
    const gradient = expectTensor(gradients[`by/${name}`], 'float32').data;
    for (const at of gradient.keys()) {
      const job = Math.floor((at * jobs) / gradient.length);
      const step = 1e-5;
      const moved = (by: number) => {
        const list = doubles[name].slice();
        list[at] += by;
        return loss({ ...doubles, [name]: list }, job, weights[job], activation);
      };
      expect(gradient[at]).toBeCloseTo((moved(step) - moved(-step)) / (2 * step), 3);
    }
  }
});

test('learns what no linear head can: opposite corners', async () => {
  const random = new Random('corners');
  const count = 400;
  const data = Float32Array.from({ length: count * 2 }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, i) => Number(data[2 * i] * data[2 * i + 1] > 0));
  const corners = { features: { rows: count, columns: 2, data }, labels, classes: 2 };
  const training = { folds: drawnFolds(corners, 4), innerFolds: 4, weights: ones(count) };
  const [{ outOfFold }] = await selectMany(mlpHead({ width: 16, activation: 'relu' }), corners, [training], context);
  expect(accuracy(outOfFold.data, corners)).toBeGreaterThan(0.85);
});

test('the final head is trained on the whole part, not on an inner fold', async () => {
  const clouds = drawnProblem(60, 6, 3);
  const training = { folds: drawnFolds(clouds, 3), innerFolds: 3, weights: ones(60) };
  const [{ settings, fitted }] = await selectMany(mlp, clouds, [training], context);
  const fitter = await mlp.prepare(clouds, context, [...clouds.labels.keys()]);
  const [direct] = await fitter.fit([{ part: 0, weights: ones(60), settings }]);
  await fitter.release();
  const [a, b] = await Promise.all([fitted, direct].map((one) => predictLogits(mlp, [one], clouds, context)));
  expect(a[0].data).toEqual(b[0].data);
});

test('of few photos it learns well, and a direction in which none of them differs counts for nothing', async () => {
  const clouds = drawnProblem(60, 300, 3);
  const { rows: count, columns: wide, data } = clouds.features;
  for (let row = 0; row < count; row++) data[row * wide] = 1;
  const training = { folds: drawnFolds(clouds, 3), innerFolds: 3, weights: ones(count) };
  const [{ outOfFold, fitted }] = await selectMany(mlp, clouds, [training], context);
  expect(accuracy(outOfFold.data, clouds)).toBeGreaterThan(0.9);
  const moved = { ...clouds.features, data: data.map((value, at) => (at % wide === 0 ? 100 : value)) };
  const [[a], [b]] = await Promise.all(
    [clouds, { ...clouds, features: moved }].map((each) => predictLogits(mlp, [fitted], each, context)),
  );
  for (const [at, value] of a.data.entries()) expect(b.data[at]).toBeCloseTo(value, 3);
});
