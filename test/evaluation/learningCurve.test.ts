import { describe, expect, test } from 'vitest';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import { curveHead, measureLearningCurve } from '../../src/evaluation/learningCurve.ts';
import type { Problem } from '../../src/heads/head.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { sigmoid } from '../../src/heads/sigmoid.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { compare } from '../../src/metrics/compare.ts';
import { accuracy, figureOf, meanAveragePrecision, outcomesOf } from '../../src/metrics/metric.ts';
import { Random } from '../../src/numerics/random.ts';
import { gather, resident } from '../../src/numerics/rows.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import type { Split } from '../../src/split/split.ts';
import { context, drawnProblem } from '../heads/drawn.ts';
import { severalOf, targetsOf } from '../judging.ts';

const classes = ['a', 'b', 'c'];

function noisy(problem: Problem): Problem {
  const random = new Random('noise');
  const data = resident(problem.features).data.map((value) => value + 4 * random.normal());
  return { ...problem, features: { ...problem.features, data } };
}

function splitOf(labels: Int32Array, groups: Int32Array, folds?: number) {
  const ids = Array.from(labels, (_, i) => i.toString(16).padStart(64, '0'));
  // Without folds a fifth is held out, as the set's own part: so few photos would be judged by folds otherwise.
  const given = Array.from(groups, (group) => (folds === undefined && group % 5 === 0 ? ('test' as const) : undefined));
  return makeSplit({ labels, classes, groups, ids, given, seed: 0, folds });
}

/** The curve of a softmax head. */
function measured(photos: Problem, split: Split, groups: Int32Array) {
  const chosen = { head: softmax, settings: { l2: 0.01 } };
  return measureLearningCurve(accuracy, chosen, { photos, targets: targetsOf(photos), split, groups }, context);
}

test.each([undefined, 5])('accuracy rises with the photos, with folds %s', async (folds) => {
  const problem = noisy(drawnProblem(600, 40));
  const groups = Int32Array.from({ length: 600 }, (_, i) => i);
  const split = splitOf(problem.labels, groups, folds);
  const curve = await measured(problem, split, groups);
  expect(curve?.points.map(({ photos }) => photos)).toEqual([30, 60, 120, 240, 480]);
  const values = curve?.points.map(({ score }) => score.value) ?? [];
  expect(values[4]).toBeGreaterThan(values[0] + 0.1);
  for (const { score } of curve?.points ?? []) {
    expect(score.lowest).toBeLessThanOrEqual(score.value + 1e-9);
    expect(score.highest).toBeGreaterThanOrEqual(score.value - 1e-9);
  }
  expect(curve?.expected.photos).toBe(1200);
  expect(await measured(problem, split, groups)).toEqual(curve);
});

test('nothing that is kept out is trained on', async () => {
  const problem = drawnProblem(600, 20);
  // Groups of three photos of a class; labels that are wrong on the test side alone must not be learnt.
  const groups = Int32Array.from({ length: 600 }, (_, i) => Math.floor(i / 9) * 3 + (i % 3));
  const split = splitOf(problem.labels, groups);
  if (split.kind !== 'holdout') throw new Error('a held-out part was expected');
  const labels = problem.labels.slice();
  for (const row of split.test) labels[row] = (labels[row] + 1) % 3;
  const right = await measured(problem, split, groups);
  const wrong = await measured({ ...problem, labels }, split, groups);
  expect(right?.points.at(-1)?.score.value).toBeGreaterThan(0.8);
  expect(wrong?.points.at(-1)?.score.value).toBeLessThan(0.2);
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
  const chosen = { head: sigmoid, settings: { l2: 0.01 } };
  const measure = (truth: Uint8Array) => {
    const photos = { ...problem, truth };
    const targets = severalOf(photos);
    return measureLearningCurve(meanAveragePrecision, chosen, { photos, targets, split, groups }, context);
  };

  test('mean average precision rises with the photos, up to that of all of them', async () => {
    const bits = several(() => 0);
    const curve = await measure(bits);
    const values = curve?.points.map(({ score }) => score.value) ?? [];
    expect(curve?.points.at(-1)?.photos).toBe(split.train.length);
    expect(values.length).toBe(5);
    expect(values[4]).toBeGreaterThan(values[0] + 0.05);
    expect(curve?.expected.photos).toBe(800);
    const weights = new Float32Array(labels.length);
    for (const row of split.train) weights[row] = 1;
    const whole = { ...problem, truth: bits };
    const fitted = await fitChosen(sigmoid, whole, [{ settings: { l2: 0.01 }, weights }], context);
    const [logits] = await predictLogits(sigmoid, fitted, whole, context);
    const targets = severalOf(whole);
    const outcomes = outcomesOf(meanAveragePrecision, gather(logits, split.test), targets, split.test);
    expect(values[4]).toBeCloseTo(figureOf(meanAveragePrecision, outcomes, targets, split.test), 3);
  });

  test('nothing that is kept out is trained on', async () => {
    const test = new Set(split.test);
    const right = await measure(several(() => 0));
    const wrong = await measure(several((row) => Number(test.has(row))));
    const last = (curve: typeof right) => curve?.points.at(-1)?.score.value ?? Number.NaN;
    expect(last(right)).toBeGreaterThan(last(wrong) + 0.2);
  });
});

test('too few photos give no curve', async () => {
  const problem = drawnProblem(9, 4);
  const groups = Int32Array.from({ length: 9 }, (_, i) => i);
  const split = splitOf(problem.labels, groups, 3);
  expect(await measured(problem, split, groups)).toBeUndefined();
});

test.each([undefined, 5])('the better of two is found on the same photos, with folds %s', (folds) => {
  const random = new Random('compare');
  const labels = Int32Array.from({ length: 400 }, () => random.int(3));
  const targets = { classes, labels };
  const answers = (right: number) => {
    const data = new Float32Array(1200);
    for (const [row, label] of labels.entries()) data[row * 3 + (row % 100 < right ? label : (label + 1) % 3)] = 1;
    return {
      rows: Int32Array.from(labels.keys()),
      outcomes: outcomesOf(accuracy, { rows: 400, columns: 3, data }, targets, Int32Array.from(labels.keys())),
      folds: folds === undefined ? undefined : Int32Array.from(labels, (_, row) => (row * 7) % folds),
      rowsPerRepeat: 400,
    };
  };
  const groups = Int32Array.from(labels.keys());
  const against = (a: number, b: number) => compare(accuracy, answers(a), answers(b), targets, groups, 0);
  expect(against(90, 80)).toMatchObject({ better: 'first' });
  expect(against(90, 80).difference.value).toBeCloseTo(0.1, 9);
  expect(against(80, 90)).toMatchObject({ better: 'second' });
  expect(against(85, 85)).toMatchObject({ better: 'tie', p: 1 });
});

test('a head that is slow to fit has a stand-in with settings of its own', async () => {
  const problem = noisy(drawnProblem(300, 20));
  const split = splitOf(problem.labels, Int32Array.from(problem.labels.keys()));
  const usual = headNamed('softmax');
  const own = await curveHead({ head: headNamed('svm'), settings: { l2: 7 } }, usual, problem, split, context);
  expect(own).toMatchObject({ head: { name: 'svm' }, settings: { l2: 7 } });
  const other = await curveHead({ head: headNamed('mlp'), settings: { epochs: 3 } }, usual, problem, split, context);
  expect(other.head.name).toBe('softmax');
  expect(other.settings).not.toEqual(softmax.defaults);
});
