import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { sigmoid } from '../../src/heads/sigmoid.ts';
import { evaluateLabels } from '../../src/metrics/evaluateLabels.ts';
import { fitLabelCalibration, labelProbabilities, uncalibratedLabels } from '../../src/metrics/labelCalibration.ts';
import { labelEvaluation } from '../../src/metrics/labelEvaluation.ts';
import { labelFigures } from '../../src/metrics/labelFigures.ts';
import { f1 } from '../../src/metrics/ranking.ts';
import { fitPlatt } from '../../src/numerics/platt.ts';
import type { Matrix } from '../../src/runtime/platform.ts';
import { context, ones } from '../heads/drawn.ts';

const numbers = z.array(z.number());
/** Photos of several labels, and what scikit-learn makes of them: test/fixtures/labels/make.py. */
const scikit = z
  .object({
    features: numbers,
    columns: z.number(),
    truth: numbers,
    labels: z.number(),
    logistic: z.array(z.object({ l2: z.number(), values: numbers })),
    scores: numbers,
    platt: z.array(z.object({ scale: z.number(), shift: z.number() })),
    given: numbers,
    averagePrecision: numbers,
    meanAveragePrecision: z.number(),
    f1: numbers,
    microF1: z.number(),
    macroF1: z.number(),
    exactMatch: z.number(),
  })
  .parse(JSON.parse(readFileSync(new URL('../fixtures/labels/scikit.json', import.meta.url), 'utf8')));
const { labels, columns } = scikit;
const truth = Uint8Array.from(scikit.truth);
const rows = truth.length / labels;
const all = Int32Array.from({ length: rows }, (_, row) => row);
const scores = { rows, columns: labels, data: Float32Array.from(scikit.scores) };

describe('against scikit-learn', () => {
  test.each(scikit.logistic)('one LogisticRegression a label, l2 $l2: the same decision values', async (expected) => {
    const features = { rows, columns, data: Float32Array.from(scikit.features) };
    const problem = { features, labels: new Int32Array(rows), truth, classes: labels };
    const { l2, values } = expected;
    const [fitted] = await fitChosen(sigmoid, problem, [{ settings: { l2 }, weights: ones(rows) }], context);
    const [logits] = await predictLogits(sigmoid, [fitted], problem, context);
    for (const [at, value] of values.entries()) expect(Math.abs(logits.data[at] - value)).toBeLessThan(4e-3);
  });

  test("Platt's scale and shift", () => {
    const { scale, shift } = fitLabelCalibration(dataOf(scores, all, truth));
    for (const [label, expected] of scikit.platt.entries()) {
      expect(scale[label]).toBeCloseTo(expected.scale, 3);
      expect(shift[label]).toBeCloseTo(expected.shift, 3);
    }
  });

  test('average precision and F1, of each label, micro and macro, and photos that are wholly right', () => {
    const given = Uint8Array.from(scikit.given);
    const figures = labelFigures({ probabilities: scores, truth, given, groups: all, seed: 0 });
    for (const name of ['meanAveragePrecision', 'microF1', 'macroF1', 'exactMatch'] as const) {
      const { value, low, high } = figures[name];
      expect(value).toBeCloseTo(scikit[name], 6);
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
    for (const name of ['averagePrecision', 'f1'] as const)
      for (const [label, { value }] of figures[name].entries()) expect(value).toBeCloseTo(scikit[name][label], 6);
  });
});

test('a label of no row, or of every row, of a fit does no harm: its answers stay near none and all', async () => {
  const features = { rows, columns, data: Float32Array.from(scikit.features) };
  const problem = { features, labels: new Int32Array(rows), truth, classes: labels };
  const without = Float32Array.from({ length: rows }, (_, row) => 1 - truth[row * labels + 1]);
  const only = Float32Array.from({ length: rows }, (_, row) => truth[row * labels + 1]);
  const fits = [without, only].map((weights) => ({ settings: { l2: 0.01 }, weights }));
  const fitted = await fitChosen(sigmoid, problem, fits, context);
  const [none, every] = await predictLogits(sigmoid, fitted, problem, context);
  for (let row = 0; row < rows; row++) {
    expect(none.data[row * labels + 1]).toBeLessThan(-3);
    expect(every.data[row * labels + 1]).toBeGreaterThan(3);
  }
  // The other labels have what they would have alone.
  const alone = await fitChosen(sigmoid, problem, [fits[0]], context);
  for (const [at, weight] of alone[0].weights.entries()) expect(fitted[0].weights[at]).toBeCloseTo(weight, 3);
});

/** Logits that no fit had seen, all of them. */
function dataOf(logits: Matrix, rows: Int32Array, has: Uint8Array) {
  const targets = { classes: [], labels: new Int32Array(logits.rows), truth: has };
  return { logits, targets, rows, folds: new Int32Array(logits.rows), weights: ones(logits.rows) };
}

test('the threshold is the best there is for F1', () => {
  const questions = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.boolean()), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(questions, (drawn) => {
      const logits = { rows: drawn.length, columns: 1, data: Float32Array.from(drawn, ([logit]) => logit) };
      const has = Uint8Array.from(drawn, ([, yes]) => Number(yes));
      const calibration = fitLabelCalibration(dataOf(logits, Int32Array.from(drawn.keys()), has));
      const { data } = labelProbabilities(logits, calibration);
      const with_ = (threshold: number) =>
        f1(
          data.map((p) => Number(p >= threshold)),
          has,
        ) || 0;
      const best = Math.max(...Array.from(data, with_));
      expect(with_(calibration.thresholds[0])).toBeCloseTo(best, 9);
    }),
  );
});

test("Platt's fit is the least log-loss, and finite where a label is told without error or not at all", () => {
  const yes = Uint8Array.of(0, 0, 0, 1, 1);
  const { scale, shift } = fitPlatt(Float32Array.of(-40, -30, -20, 20, 30), yes);
  expect(Number.isFinite(scale) && Number.isFinite(shift)).toBe(true);
  expect(1 / (1 + Math.exp(-(scale * 30 + shift)))).toBeGreaterThan(0.6);
  expect(fitPlatt(Float32Array.of(1, 2), Uint8Array.of(1, 1))).toEqual({ scale: 1, shift: 0 });
  const alike = fitPlatt(new Float32Array(5).fill(3), yes);
  // With nothing to tell by, the share of photos that have the label, one more of each kind.
  expect(1 / (1 + Math.exp(-(alike.scale * 3 + alike.shift)))).toBeCloseTo((2 * (3 / 4) + 3 * (1 / 5)) / 5, 3);
});

/** Judged answers in which photo r has label c where bit c of r is set. */
function judged(probability: (has: boolean) => number, count = 16) {
  const bits = Uint8Array.from({ length: count * 2 }, (_, at) => (Math.floor(at / 2) >> (at % 2)) & 1);
  const probabilities = { rows: count, columns: 2, data: Float32Array.from(bits, (bit) => probability(bit === 1)) };
  const calibration = { scale: [1, 1], shift: [0, 0], thresholds: [0.5, 0.5] };
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  return evaluateLabels(
    {
      rows,
      logits: uncalibratedLabels(calibration, probabilities),
      probabilities,
      calibration,
      calibrations: Array.from(rows, () => calibration),
      rowsPerRepeat: count,
    },
    { classes: ['a', 'b'], labels: new Int32Array(count), truth: bits },
    { paths: Array.from(rows, (row) => `${row}.jpg`), groups: rows, heldOut: true, seed: 0 },
  );
}

test('all right: every figure is 1, and its interval is not', () => {
  const right = labelEvaluation.parse(judged((has) => (has ? 0.9 : 0.1)));
  for (const figure of [right.meanAveragePrecision, right.microF1, right.macroF1, right.exactMatch]) {
    expect(figure).toMatchObject({ value: 1, high: 1 });
    expect(figure.low).toBeLessThan(0.9);
  }
  expect(right.mistakes).toEqual([]);
  expect(right.photos[3]).toMatchObject({ labels: ['a', 'b'], predicted: [{ label: 'a' }, { label: 'b' }] });
  expect(right.photos[0]).toMatchObject({ labels: [], predicted: [] });
});

test('all wrong: what is missed and what is given wrongly', () => {
  const wrong = judged((has) => (has ? 0.1 : 0.9));
  expect(wrong.exactMatch).toMatchObject({ value: 0, low: 0 });
  expect(wrong.mistakes).toHaveLength(16);
  const photo = wrong.mistakes.find(({ path }) => path === '1.jpg');
  expect(photo).toMatchObject({ missed: [{ label: 'a' }], extra: [{ label: 'b' }] });
});

test('a label that no judged photo has is left out of the means', () => {
  const one = judged((has) => (has ? 0.9 : 0.1), 2);
  expect(one.perLabel[1]).toMatchObject({ label: 'b', support: 0, averagePrecision: null, f1: null });
  expect(one.meanAveragePrecision.value).toBe(1);
});
