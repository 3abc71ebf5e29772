import { expect, test } from 'vitest';
import { judge } from '../../src/evaluation/judge.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/platform.node.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';

const photos = 600;
const width = 12;
const classes = ['a', 'b', 'c'];
const labels = Int32Array.from({ length: photos }, (_, i) => i % 3);
const ids = Array.from({ length: photos }, (_, i) => i.toString(16).padStart(64, '0'));
const context = { openSession, threads: 1, seed: 0 };
const ones = new Float32Array(photos).fill(1);

function drawn(): Float32Array {
  const random = new Random('judge');
  return Float32Array.from({ length: photos * width }, (_, at) => {
    const label = Math.floor(at / width) % 3;
    return random.normal() + (at % width === label ? 1.5 : 0);
  });
}

function split(folds?: number) {
  const groups = Int32Array.from({ length: photos }, (_, i) => i);
  return makeSplit({ labels, classes, groups, ids, given: Array(photos).fill(undefined), seed: 0, folds });
}

function judged(data: Float32Array, folds?: number, refit = false) {
  const problem = { features: { rows: photos, columns: width, data }, labels, classes: 3 };
  return judge(softmax, problem, split(folds), { photoWeights: ones, refit }, context);
}

test('with folds every photo is judged once, in order, by a head that had not seen it', async () => {
  const { rows, folds, photosOnce, logits } = await judged(drawn(), 5);
  expect([...rows]).toEqual([...ids.keys()]);
  expect(photosOnce).toBe(photos);
  expect(logits).toMatchObject({ rows: photos, columns: 3 });
  const plan = split(5);
  if (plan.kind !== 'folds') throw new Error('folds were asked for');
  expect([...(folds ?? [])]).toEqual([...plan.assignments[0]]);
});

test('what is held out changes neither settings, nor temperature, nor weights', async () => {
  const plan = split();
  if (plan.kind !== 'holdout') throw new Error('a held-out part was expected');
  const other = drawn();
  for (const row of plan.test) for (let c = 0; c < width; c++) other[row * width + c] = 3 * c - row / 7;
  const [one, two] = [await judged(drawn()), await judged(other)];
  expect(two.settings).toEqual(one.settings);
  expect(two.temperature).toBeCloseTo(one.temperature, 4);
  const difference = one.fitted.weights.map((value, i) => Math.abs(value - two.fitted.weights[i]));
  expect(Math.max(...difference)).toBeLessThan(1e-3);
  expect([...one.rows]).toEqual([...plan.test]);
});

test('refit fits the file on all photos, and leaves the figures alone', async () => {
  const [measured, refitted] = [await judged(drawn()), await judged(drawn(), undefined, true)];
  expect(refitted.logits).toEqual(measured.logits);
  expect(refitted.fitted.weights).not.toEqual(measured.fitted.weights);
});
