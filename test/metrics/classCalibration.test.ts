import { expect, test } from 'vitest';
import { classCalibration, classProbabilities, fitClassCalibration } from '../../src/metrics/classCalibration.ts';
import { Random } from '../../src/numerics/random.ts';
import { mean } from '../../src/numerics/statistics.ts';

const photos = 300;
const classes = 3;
const folds = Int32Array.from({ length: photos }, (_, row) => row % 5);
const rows = Int32Array.from(folds.keys());
const ones = new Float32Array(photos).fill(1);

/** Logits whose softmax at temperature 2 is the law that labels are drawn by, less what each class is said too seldom. */
function drawn(lean: readonly number[], seed: string) {
  const random = new Random(seed);
  const data = new Float32Array(photos * classes);
  const labels = new Int32Array(photos);
  for (const row of rows) {
    const odds = Array.from({ length: classes }, () => 1.5 * random.normal());
    const mass = odds.map(Math.exp);
    const at = random.uniform() * mass.reduce((sum, value) => sum + value, 0);
    const upTo = mass.map((_, c) => mass.slice(0, c + 1).reduce((sum, value) => sum + value, 0));
    labels[row] = Math.min(classes - 1, upTo.filter((sum) => sum <= at).length);
    for (const [c, value] of odds.entries()) data[row * classes + c] = 2 * (value - lean[c]);
  }
  const targets = { classes: ['a', 'b', 'c'], labels };
  return { logits: { rows: photos, columns: classes, data }, targets, rows, folds, weights: ones };
}

test('a class that is said too seldom gets a bias, as large as it must be', async () => {
  const { temperature, bias } = await fitClassCalibration(drawn([1, -0.5, -0.5], 'lean'));
  expect(temperature).toBeGreaterThan(1.4);
  expect(temperature).toBeLessThan(2.8);
  for (const [c, wanted] of [1, -0.5, -0.5].entries()) expect(Math.abs((bias?.[c] ?? 0) - wanted)).toBeLessThan(0.35);
});

test('a bias is not taken where classes are balanced, nor from no photos', async () => {
  const leaning = drawn([1, -0.5, -0.5], 'lean');
  expect(await fitClassCalibration({ ...leaning, weights: ones.map((one, row) => one + (row % 2)) })).toEqual({
    temperature: expect.any(Number),
  });
  expect(await fitClassCalibration({ ...leaning, rows: new Int32Array() })).toEqual({ temperature: 1 });
});

test('of fewer than five photos a class, temperature alone is asked', async () => {
  const leaning = drawn([3, -1.5, -1.5], 'lean');
  expect(await fitClassCalibration({ ...leaning, rows: rows.subarray(0, 5 * classes - 1) })).not.toHaveProperty('bias');
});

test('where temperature is enough, a bias is small', async () => {
  const seeds = Array.from({ length: 20 }, (_, i) => `even ${i}`);
  const found = await Promise.all(seeds.map((seed) => fitClassCalibration(drawn([0, 0, 0], seed))));
  const biases = found.flatMap(({ bias = [] }) => bias);
  expect(biases).toHaveLength(60);
  // With 300 photos the standard error of one is about 0.1.
  expect(Math.sqrt(mean(biases.map((value) => value ** 2)))).toBeLessThan(0.15);
});

test('rows that it is not told of change nothing', async () => {
  const whole = drawn([1, -0.5, -0.5], 'lean');
  const some = { ...whole, rows: rows.filter((row) => row % 3 > 0) };
  const data = whole.logits.data.map((value, at) => (Math.floor(at / classes) % 3 > 0 ? value : 99 * value));
  const labels = whole.targets.labels.map((label, row) => (row % 3 > 0 ? label : (label + 1) % classes));
  const poisoned = { ...some, logits: { ...whole.logits, data }, targets: { ...whole.targets, labels } };
  expect(await fitClassCalibration(poisoned)).toEqual(await fitClassCalibration(some));
});

test('probabilities are the softmax of logits over the temperature, plus the bias', () => {
  const logits = { rows: 1, columns: 2, data: Float32Array.of(2, 4) };
  const { data } = classProbabilities(logits, { temperature: 2, bias: [1.5, -0.5] });
  expect(data[0] / data[1]).toBeCloseTo(Math.exp(1 + 1.5 - (2 - 0.5)), 5);
  expect(classCalibration.parse({ temperature: 2 })).toEqual({ temperature: 2 });
});
