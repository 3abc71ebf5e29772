import { describe, expect, test } from 'vitest';
import { compareJudged } from '../../src/evaluation/compareJudged.ts';
import { meanAveragePrecision, truthRows } from '../../src/evaluation/compareLabels.ts';
import { curveHead, measureCurve } from '../../src/evaluation/measureCurve.ts';
import { measureLabelCurve } from '../../src/evaluation/measureLabelCurve.ts';
import { gather } from '../../src/features/mapTable.ts';
import { decide } from '../../src/heads/decide.ts';
import type { Problem } from '../../src/heads/head.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { fitChosen } from '../../src/heads/select.ts';
import { sigmoid } from '../../src/heads/sigmoid.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { Random } from '../../src/numerics/random.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import { context, drawnProblem } from '../heads/drawn.ts';

const classes = ['a', 'b', 'c'];

function noisy(problem: Problem): Problem {
  const random = new Random('noise');
  const data = problem.features.data.map((value) => value + 4 * random.normal());
  return { ...problem, features: { ...problem.features, data } };
}

function splitOf(labels: Int32Array, groups: Int32Array, folds?: number) {
  const ids = Array.from(labels, (_, i) => i.toString(16).padStart(64, '0'));
  // Without folds a fifth is held out, as the set's own part: so few photos would be judged by folds otherwise.
  const given = Array.from(groups, (group) => (folds === undefined && group % 5 === 0 ? ('test' as const) : undefined));
  return makeSplit({ labels, classes, groups, ids, given, seed: 0, folds });
}

test.each([undefined, 5])('accuracy rises with the photos, with folds %s', async (folds) => {
  const problem = noisy(drawnProblem(600, 40));
  const groups = Int32Array.from({ length: 600 }, (_, i) => i);
  const split = splitOf(problem.labels, groups, folds);
  const curve = await measureCurve(softmax, { l2: 0.01 }, problem, split, groups, context);
  expect(curve?.points.map(({ photos }) => photos)).toEqual([30, 60, 120, 240, 480]);
  const values = curve?.points.map(({ accuracy }) => accuracy.value) ?? [];
  expect(values[4]).toBeGreaterThan(values[0] + 0.1);
  for (const { accuracy } of curve?.points ?? []) {
    expect(accuracy.lowest).toBeLessThanOrEqual(accuracy.value + 1e-9);
    expect(accuracy.highest).toBeGreaterThanOrEqual(accuracy.value - 1e-9);
  }
  expect(curve?.expected.photos).toBe(1200);
  expect(await measureCurve(softmax, { l2: 0.01 }, problem, split, groups, context)).toEqual(curve);
});

test('nothing that is kept out is trained on', async () => {
  const problem = drawnProblem(600, 20);
  // Groups of three photos of a class; labels that are wrong on the test side alone must not be learnt.
  const groups = Int32Array.from({ length: 600 }, (_, i) => Math.floor(i / 9) * 3 + (i % 3));
  const split = splitOf(problem.labels, groups);
  if (split.kind !== 'holdout') throw new Error('a held-out part was expected');
  const labels = problem.labels.slice();
  for (const row of split.test) labels[row] = (labels[row] + 1) % 3;
  const right = await measureCurve(softmax, { l2: 0.01 }, problem, split, groups, context);
  const wrong = await measureCurve(softmax, { l2: 0.01 }, { ...problem, labels }, split, groups, context);
  expect(right?.points.at(-1)?.accuracy.value).toBeGreaterThan(0.8);
  expect(wrong?.points.at(-1)?.accuracy.value).toBeLessThan(0.2);
});

describe('of several labels', () => {
  const problem = noisy(drawnProblem(400, 20));
  const { labels } = problem;
  // Each photo has its class as a label; those of the first have that of the third besides.
  const several = (change: (row: number) => number) => {
    const bits = new Uint8Array(labels.length * 3);
    for (const [row, label] of labels.entries()) {
      bits[row * 3 + ((label + change(row)) % 3)] = 1;
      bits[row * 3 + 2] ||= Number((label + change(row)) % 3 === 0);
    }
    return bits;
  };
  const groups = Int32Array.from(labels.keys());
  const split = splitOf(labels, groups);
  if (split.kind !== 'holdout') throw new Error('a held-out part was expected');
  const measure = (bits: Uint8Array) =>
    measureLabelCurve(sigmoid, { l2: 0.01 }, { ...problem, truth: bits }, bits, split, groups, context);

  test('mean average precision rises with the photos, up to that of all of them', async () => {
    const bits = several(() => 0);
    const curve = await measure(bits);
    const values = curve?.points.map(({ meanAveragePrecision: figure }) => figure.value) ?? [];
    expect(curve?.points.at(-1)?.photos).toBe(split.train.length);
    expect(values.length).toBe(5);
    expect(values[4]).toBeGreaterThan(values[0] + 0.05);
    expect(curve?.expected.photos).toBe(800);
    const weights = new Float32Array(labels.length);
    for (const row of split.train) weights[row] = 1;
    const whole = { ...problem, truth: bits };
    const fitted = await fitChosen(sigmoid, whole, [{ settings: { l2: 0.01 }, weights }], context, { rough: true });
    const [logits] = await decide(sigmoid, fitted, whole, context);
    const figure = meanAveragePrecision(gather(logits, split.test), truthRows(bits, split.test, 3));
    expect(values[4]).toBeCloseTo(figure(new Float64Array(split.test.length).fill(1)), 3);
  });

  test('nothing that is kept out is trained on', async () => {
    const test = new Set(split.test);
    const right = await measure(several(() => 0));
    const wrong = await measure(several((row) => Number(test.has(row))));
    const last = (curve: typeof right) => curve?.points.at(-1)?.meanAveragePrecision.value ?? Number.NaN;
    expect(last(right)).toBeGreaterThan(last(wrong) + 0.2);
  });
});

test('too few photos give no curve', async () => {
  const problem = drawnProblem(9, 4);
  const groups = Int32Array.from({ length: 9 }, (_, i) => i);
  const split = splitOf(problem.labels, groups, 3);
  expect(await measureCurve(softmax, { l2: 0.01 }, problem, split, groups, context)).toBeUndefined();
});

test.each([undefined, 5])('the better of two is found on the same photos, with folds %s', (folds) => {
  const random = new Random('compare');
  const labels = Int32Array.from({ length: 400 }, () => random.int(3));
  const answers = (right: number) => {
    const data = new Float32Array(1200);
    for (const [row, label] of labels.entries()) data[row * 3 + (row % 100 < right ? label : (label + 1) % 3)] = 1;
    return {
      rows: Int32Array.from(labels.keys()),
      logits: { rows: 400, columns: 3, data },
      folds: folds === undefined ? undefined : Int32Array.from(labels, (_, row) => (row * 7) % folds),
      heldOut: true,
      photosOnce: 400,
    };
  };
  const groups = Int32Array.from(labels.keys());
  const compare = (a: number, b: number) => compareJudged(answers(a), answers(b), labels, groups, 0);
  expect(compare(90, 80)).toMatchObject({ better: 'first' });
  expect(compare(90, 80).difference.value).toBeCloseTo(0.1, 9);
  expect(compare(80, 90)).toMatchObject({ better: 'second' });
  expect(compare(85, 85)).toMatchObject({ better: 'tie', p: 1 });
});

test('a head that is slow to fit has a stand-in with settings of its own', async () => {
  const problem = noisy(drawnProblem(300, 20));
  const split = splitOf(problem.labels, Int32Array.from(problem.labels.keys()));
  const own = await curveHead(headNamed('svm'), { l2: 7 }, problem, split, context);
  expect(own).toMatchObject({ head: { name: 'svm' }, settings: { l2: 7 } });
  const other = await curveHead(headNamed('mlp'), { epochs: 3 }, problem, split, context);
  expect(other.head.name).toBe('softmax');
  expect(other.settings).not.toEqual(softmax.defaults);
});
