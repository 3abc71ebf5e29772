import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClassCalibration } from '../../src/metrics/classCalibration.ts';
import { evaluate } from '../../src/metrics/evaluate.ts';
import { evaluation } from '../../src/metrics/evaluation.ts';
import type { OutOfFold } from '../../src/metrics/outOfFold.ts';
import { known, matrix } from './fixture.ts';

const rows = known.truth.length;
const classes = ['a', 'b', 'c', 'd'];
const each = Int32Array.from({ length: rows }, (_, i) => i);

/** Answers for photos, an entry a row. */
interface Judged extends Pick<OutOfFold<ClassCalibration>, 'logits' | 'folds' | 'rowsPerRepeat'> {
  readonly classes: readonly string[];
  readonly photos: Int32Array;
  readonly truth: Int32Array;
  readonly groups: Int32Array;
}

const judged: Judged = {
  classes,
  photos: each,
  truth: Int32Array.from(known.truth),
  logits: matrix(known.logits),
  groups: each,
  rowsPerRepeat: rows,
};
const paths = Array.from({ length: rows }, (_, i) => `photo-${i}.jpg`);
const right = known.confusion.reduce((sum, row, i) => sum + row[i], 0);

/** @param truth and `groups` are those of the photos */
function evaluated({ photos, truth, groups, classes: names, ...answers }: Judged) {
  const calibrations = Array.from(photos, () => ({ temperature: 2 }));
  const targets = { classes: names, labels: truth };
  return evaluate({ ...answers, rows: photos, calibrations }, targets, { paths, groups, heldOut: true, seed: 1 });
}

/** Both repeats of a two-fold cross-validation that gives the same answers twice. */
function twice(one: Judged): Judged {
  const folds = [...one.truth.keys()].map((row) => row % 2);
  return {
    ...one,
    photos: Int32Array.from([...one.photos, ...one.photos]),
    logits: { ...one.logits, rows: rows * 2, data: Float32Array.from([...one.logits.data, ...one.logits.data]) },
    folds: Int32Array.from([...folds, ...folds.map((fold) => 3 - fold)]),
  };
}

describe('evaluate', () => {
  const result = evaluated(judged);

  it("gives what its schema says, with scikit-learn's figures", () => {
    expect(evaluation.parse(result)).toEqual(result);
    expect(result.confusion).toMatchObject({ labels: classes, counts: known.confusion });
    expect(result.logLoss).toBeCloseTo(known.logLossAt2, 6);
    expect(result.ece.before).toBeCloseTo(known.ece, 6);
    expect(result.perClass.map(({ support }) => support)).toEqual(known.support);
    expect(result.perClass[1].f1).toBeCloseTo(known.f1[1], 12);
    expect(result.temperature).toBeCloseTo(2, 6);
    const most = Math.max(...known.support);
    expect(result.baseline).toEqual({ label: classes[known.support.indexOf(most)], accuracy: most / rows });
    expect(result.baseline.accuracy).toBeCloseTo(Math.max(...known.support) / rows, 12);
    expect(known.support[classes.indexOf(result.baseline.label)]).toBe(Math.max(...known.support));
  });

  it('lists every photo in its order, and the mistakes, the surest first', () => {
    expect(result.photos.map(({ path }) => path)).toEqual(paths);
    expect(result.mistakes).toHaveLength(rows - right);
    const sure = result.mistakes.map(({ probability }) => probability);
    expect(sure).toEqual([...sure].sort((a, b) => b - a));
    for (const { classes, probability, predicted } of result.photos)
      expect(classes[0]).toEqual({ label: predicted, probability });
  });

  it('shows the likeliest five and the true class of many', () => {
    const [photo] = evaluated({
      classes: [...'abcdefgh'],
      photos: Int32Array.of(0),
      truth: Int32Array.of(0),
      logits: matrix([[0, 1, 2, 3, 4, 5, 6, 7]]),
      groups: Int32Array.of(0),
      rowsPerRepeat: 1,
    }).photos;
    expect(photo.classes.map(({ label }) => label)).toEqual(['h', 'g', 'f', 'e', 'd', 'a']);
  });

  it.each([
    ['single photos', judged, '60 held-out photos; mid-P'],
    [
      'groups',
      { ...judged, groups: judged.groups.map((group) => group >> 1) },
      '60 held-out photos in 30 groups; mid-P interval for the effective number of photos in these groups.',
    ],
    [
      'folds',
      twice(judged),
      '2-fold cross-validation, run twice, 60 photos; mid-P interval, with 2.00 times the variance',
    ],
  ])('says how the interval was made: %s', (_, input, words) => {
    const { accuracy, method } = evaluated(input);
    expect(method).toContain(words);
    expect(accuracy.value).toBeCloseTo(right / rows, 12);
    expect(accuracy.low).toBeLessThan(accuracy.value);
    expect(accuracy.high).toBeGreaterThan(accuracy.value);
  });

  it('counts a photo once in the matrix, in lists and in the support, however often it was judged', () => {
    const repeated = evaluated(twice(judged));
    expect(repeated.confusion.counts).toEqual(known.confusion);
    expect(repeated.perClass).toEqual(result.perClass);
    expect(repeated.photos).toEqual(result.photos);
    expect(repeated.logLoss).toBeCloseTo(result.logLoss, 12);
    expect(repeated.temperature).toBeCloseTo(2, 6);
  });

  it('never claims certainty: all right in groups or folds still leaves room', () => {
    const perfect: Judged = {
      ...judged,
      logits: matrix(known.truth.map((label) => [0, 1, 2, 3].map((c) => (c === label ? 5 : 0)))),
    };
    for (const input of [perfect, twice(perfect), { ...perfect, groups: perfect.groups.map((group) => group >> 1) }]) {
      const { accuracy } = evaluated(input);
      expect(accuracy).toMatchObject({ value: 1, high: 1 });
      expect(accuracy.low).toBeLessThan(0.96);
    }
  });

  it('does not depend on the order of the photos', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...judged.truth.keys()], { minLength: rows }), (order) => {
        const shuffled = evaluated({
          ...judged,
          photos: Int32Array.from(order),
          logits: matrix(order.map((row) => known.logits[row])),
        });
        expect(shuffled.mistakes).toEqual(result.mistakes);
        expect(shuffled.confusion).toEqual(result.confusion);
        expect(shuffled.accuracy).toEqual(result.accuracy);
        expect(shuffled.ece.after).toBeCloseTo(result.ece.after, 10);
        expect(shuffled.logLoss).toBeCloseTo(result.logLoss, 10);
      }),
      { numRuns: 20 },
    );
  });
});
