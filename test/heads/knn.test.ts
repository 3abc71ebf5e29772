import { expect, test } from 'vitest';
import type { Problem } from '../../src/heads/head.ts';
import { knn, knnWithin } from '../../src/heads/knn.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { accuracy, context, drawnProblem, ones, stored } from './drawn.ts';

test('where fits share the photos of all, those that one never had take no places among its nearest', async () => {
  const columns = 8;
  // A cloud that is hard to tell apart, so that votes matter.
  const problem = drawnProblem(90, columns, 3, 'places');
  const { features, labels, classes } = problem;
  // Four of five photos are kept out: nearly all of the nearest are among them.
  const had = Float32Array.from(labels, (_, row) => Number(row % 5 === 0));
  const others = had.map((weight) => 1 - weight);
  const fitter = await knn.prepare(problem, context, []);
  const settings = { k: 5 };
  const [fitted] = await fitter.fit(
    [
      { part: 0, settings, weights: had },
      { part: 1, settings, weights: others },
    ],
    { loose: true },
  );
  const [logits] = await predictLogits(knn, [fitted], problem, context);
  await fitter.release();

  const centre = Array.from({ length: columns }, (_, d) => meanOf(features.data.filter((_, at) => at % columns === d)));
  const from = (row: number) => centre.map((middle, d) => features.data[row * columns + d] - middle);
  const cosine = (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  for (const row of labels.keys()) {
    const near = [...labels.keys()]
      .filter((other) => had[other] > 0)
      .map((other) => ({ label: labels[other], cosine: cosine(from(row), from(other)) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, settings.k)
      .map(({ label, cosine: own }, _, [nearest]) => ({ label, vote: Math.exp((own - nearest.cosine) / 0.07) }));
    const all = near.reduce((sum, { vote }) => sum + vote, 0);
    for (let c = 0; c < classes; c++) {
      const own = near.reduce((sum, { label, vote }) => sum + (label === c ? vote : 0), 0);
      const expected = Math.log((settings.k * own) / all + 1 / classes);
      expect(logits.data[row * classes + c]).toBeCloseTo(expected, 3);
    }
  }
});

test('many photos are kept as int8, and answers stay', async () => {
  const problem = drawnProblem(600, 40, 3, 'rounded');
  const [whole, rounded] = await Promise.all([knn, knnWithin(600 * 60)].map((head) => fittedOn(head, problem)));
  expect(rounded.fitted.labels).toHaveLength(600);
  const apart = whole.logits.map((value, at) => Math.abs(value - rounded.logits[at]));
  // A neighbour may give way to one that is as near.
  expect(meanOf(apart)).toBeLessThan(0.05);
  expect(Math.abs(accuracy(whole.logits, problem) - accuracy(rounded.logits, problem))).toBeLessThan(0.01);
});

test('of photos that are more than fit, the same share of each class is kept, wherever they lie', async () => {
  const problem = drawnProblem(600, 40, 3, 'rounded');
  const head = knnWithin(150 * (40 + 4 * 3));
  const { fitted, logits } = await fittedOn(head, problem);
  const count = (labels: Int32Array, label: number) => labels.filter((each) => each === label).length;
  expect(fitted.labels.length).toBeLessThanOrEqual(150);
  for (const label of [0, 1, 2])
    expect(count(fitted.labels, label) / count(problem.labels, label)).toBeCloseTo(0.25, 1);
  expect(accuracy(logits, problem)).toBeGreaterThan(0.6);
  const { features } = problem;
  const fromFile = await fittedOn(head, { ...problem, features: stored(features) });
  expect(fromFile.fitted).toEqual(fitted);
});

async function fittedOn(head: typeof knn, problem: Problem) {
  const fitter = await head.prepare(problem, context, []);
  const [fitted] = await fitter.fit([{ part: 0, settings: { k: 5 }, weights: ones(problem.labels.length) }]);
  const [{ data: logits }] = await predictLogits(head, [fitted], problem, context);
  return { fitted, logits };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

function meanOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
