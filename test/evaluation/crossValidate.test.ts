import { expect, test } from 'vitest';
import type { Problem } from '../../src/heads/head.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import { judge } from '../judging.ts';

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
  // Without folds a fifth is held out, as the set's own part: so few photos would be judged by folds otherwise.
  const given = Array.from(groups, (group) => (folds === undefined && group % 5 === 0 ? ('test' as const) : undefined));
  return makeSplit({ labels, classes, groups, ids, given, seed: 0, folds });
}

function judged(data: Float32Array, folds?: number, refit = false) {
  const problem = { features: { rows: photos, columns: width, data }, labels, classes: 3 };
  return judge(softmax, problem, split(folds), { photoWeights: ones, refit }, context);
}

test('with folds every photo is judged once, in order, by a head that had not seen it', async () => {
  const { rows, folds, rowsPerRepeat, logits } = await judged(drawn(), 5);
  expect([...rows]).toEqual([...ids.keys()]);
  expect(rowsPerRepeat).toBe(photos);
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
  expect(two.calibration.temperature).toBeCloseTo(one.calibration.temperature, 4);
  expect(two.calibration.bias).toEqual(one.calibration.bias?.map((value) => expect.closeTo(value, 4)));
  const difference = one.fitted.weights.map((value, i) => Math.abs(value - two.fitted.weights[i]));
  expect(Math.max(...difference)).toBeLessThan(1e-3);
  expect([...one.rows]).toEqual([...plan.test]);
});

test('refit fits the file on all photos, and leaves the figures alone', async () => {
  const [measured, refitted] = [await judged(drawn()), await judged(drawn(), undefined, true)];
  expect(refitted.logits).toEqual(measured.logits);
  expect(refitted.fitted.weights).not.toEqual(measured.fitted.weights);
});

test('views are trained on with their photos, and never judged', async () => {
  const plain = drawn();
  const random = new Random('views');
  const shaken = plain.map((value) => value + 0.3 * random.normal());
  const data = new Float32Array([...plain, ...shaken, ...shaken.map((value) => value + 0.1)]);
  const problem = (values: Float32Array): Problem => ({
    features: { rows: 3 * photos, columns: width, data: values },
    labels: Int32Array.from({ length: 3 * photos }, (_, row) => labels[row % photos]),
    classes: 3,
    photos,
  });
  const judgedWith = (values: Float32Array) =>
    judge(softmax, problem(values), split(5), { photoWeights: ones, refit: false }, context);
  const one = await judgedWith(data);
  expect([...one.rows]).toEqual([...ids.keys()]);
  expect(one.logits.rows).toBe(photos);
  // Views that repeat their photos change nothing: together they weigh as much as a photo.
  const repeated = await judgedWith(new Float32Array([...plain, ...plain, ...plain]));
  const alone = await judged(plain, 5);
  const far = repeated.logits.data.map((value, at) => Math.abs(value - alone.logits.data[at]));
  expect(Math.max(...far)).toBeLessThan(0.02);
  expect(one.logits.data).not.toEqual(alone.logits.data);
  // The views of fold 0's photos reach no answer for them.
  const plan = split(5);
  if (plan.kind !== 'folds') throw new Error('folds were asked for');
  const other = data.slice();
  for (let row = photos; row < 3 * photos; row++)
    if (plan.assignments[0][row % photos] === 0) other.fill(5, row * width, (row + 1) * width);
  const changed = await judgedWith(other);
  for (const row of ids.keys()) {
    if (plan.assignments[0][row] !== 0) continue;
    for (let c = 0; c < 3; c++) expect(changed.logits.data[row * 3 + c]).toBeCloseTo(one.logits.data[row * 3 + c], 1);
  }
});
