import { describe, expect, test } from 'vitest';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import type { Linear } from '../../src/heads/linear.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { context, drawnProblem, ones } from './drawn.ts';
import { scikit } from './scikit.ts';

describe.each(scikit.map((fixture, i) => [i, fixture] as const))('scikit-learn, problem %i', (_i, fixture) => {
  const { problem, weights } = fixture;

  test.each(fixture.softmax)('LogisticRegression, l2 $l2', async (expected) => {
    const [fitted] = await fitChosen(softmax, problem, [{ settings: { l2: expected.l2 }, weights }], context);
    for (const [i, weight] of expected.weights.entries())
      expect(Math.abs(fitted.weights[i] - weight)).toBeLessThan(1e-3);
    // Where all features have one length, weights along their mean undo a bias nearly for nothing.
    for (const [c, bias] of centred(fitted.bias).entries())
      expect(Math.abs(bias - expected.bias[c])).toBeLessThan(2e-2);
    const [logits] = await predictLogits(softmax, [fitted], problem, context);
    expect(Math.abs(logLoss(logits.data, problem.labels, problem.classes) - expected.logLoss)).toBeLessThan(1e-4);
  });
});

test.each([
  ['more photos than features', 120, 10],
  ['fewer photos than features', 24, 60],
])('%s: where it ends the objective is flat, in double precision', async (_name, rows, columns) => {
  const problem = drawnProblem(rows, columns, 4, 'flat');
  // The first photo four times.
  for (const copy of [4, 8, 12]) problem.features.data.copyWithin(copy * columns, 0, columns);
  const weights = ones(rows).map((_, i) => 0.5 + (i % 3));
  const l2 = 0.003;
  const [fitted] = await fitChosen(softmax, problem, [{ settings: { l2 }, weights }], context);
  const { byWeights, byBias, loss } = objective(
    fitted,
    rows > columns / 2 ? problem : atMeanLength(problem, weights),
    weights,
    l2,
  );
  // No more than |g|^2 / (2 l2) can still be gained.
  expect(byWeights.reduce((sum, g) => sum + g * g, 0) / (2 * l2)).toBeLessThan(1e-5 * loss);
  expect(Math.max(...byBias.map(Math.abs))).toBeLessThan(1e-4);
});

test('among few photos, one with long features pulls no more than the others', async () => {
  const problem = drawnProblem(24, 60, 3, 'long');
  const settings = { l2: 0.003 };
  const directionsOf = async (data: Float32Array) => {
    const [{ weights }] = await fitChosen(
      softmax,
      { ...problem, features: { ...problem.features, data } },
      [{ settings, weights: ones(24) }],
      context,
    );
    const length = Math.hypot(...weights);
    return weights.map((weight) => weight / length);
  };
  const { data } = problem.features;
  const before = await directionsOf(data);
  const after = await directionsOf(data.map((value, at) => (at < 60 ? 5 * value : value)));
  for (const [i, weight] of after.entries()) expect(weight).toBeCloseTo(before[i], 4);
});

test('with a strong penalty it says the shares of the classes', async () => {
  const problem = drawnProblem(90, 6, 3, 'shares');
  const weights = Float32Array.from(problem.labels, (label) => label + 1);
  const [fitted] = await fitChosen(softmax, problem, [{ settings: { l2: 1e4 }, weights }], context);
  const [{ data }] = await predictLogits(softmax, [fitted], problem, context);
  const row = Array.from(data.subarray(0, 3), Math.exp);
  const sum = row.reduce((a, b) => a + b);
  for (const [c, share] of [1 / 6, 2 / 6, 3 / 6].entries()) expect(row[c] / sum).toBeCloseTo(share, 3);
});

/** Few photos are fitted by their features at one length, the mean of their own. */
function atMeanLength(problem: ReturnType<typeof drawnProblem>, weights: Float32Array): typeof problem {
  const { rows, columns, data } = problem.features;
  const lengths = Array.from({ length: rows }, (_, i) => Math.hypot(...data.subarray(i * columns, (i + 1) * columns)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const length = lengths.reduce((sum, own, i) => sum + (weights[i] / total) * own, 0);
  const scaled = data.map((value, at) => (value * length) / lengths[Math.floor(at / columns)]);
  return { ...problem, features: { rows, columns, data: scaled } };
}

/** The documented objective and its gradient, written out. */
function objective(
  { weights: w, bias }: Linear,
  { features, labels, classes }: ReturnType<typeof drawnProblem>,
  photoWeights: Float32Array,
  l2: number,
) {
  const { rows, columns, data } = features;
  const total = photoWeights.reduce((sum, value) => sum + value, 0);
  const mean = new Float64Array(columns);
  for (let i = 0; i < rows; i++)
    for (let d = 0; d < columns; d++) mean[d] += (photoWeights[i] * data[i * columns + d]) / total;
  let spread = 0;
  const byWeights = new Float64Array(classes * columns);
  const byBias = new Float64Array(classes);
  let loss = 0;
  for (let i = 0; i < rows; i++) {
    const x = data.subarray(i * columns, (i + 1) * columns);
    spread += (photoWeights[i] / total) * x.reduce((sum, value, d) => sum + (value - mean[d]) ** 2, 0);
    const logits = Array.from(bias, (b, c) => x.reduce((sum, value, d) => sum + value * w[c * columns + d], b));
    const norm = Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0));
    loss += (photoWeights[i] / total) * (norm - logits[labels[i]]);
    for (let c = 0; c < classes; c++) {
      const slope = (photoWeights[i] / total) * (Math.exp(logits[c] - norm) - (labels[i] === c ? 1 : 0));
      byBias[c] += slope;
      for (let d = 0; d < columns; d++) byWeights[c * columns + d] += slope * x[d];
    }
  }
  // In the units of l2: by the weights times the spread.
  for (let at = 0; at < w.length; at++)
    byWeights[at] = byWeights[at] / Math.sqrt(spread) + l2 * Math.sqrt(spread) * w[at];
  return { byWeights, byBias, loss };
}

function centred(values: Float32Array): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Array.from(values, (value) => value - mean);
}

function logLoss(logits: Float32Array, labels: Int32Array, classes: number): number {
  const losses = Array.from(labels, (label, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label];
  });
  return losses.reduce((sum, value) => sum + value, 0) / labels.length;
}
