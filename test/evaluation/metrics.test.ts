import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chanceCalibrationError, expectedCalibrationError, reliabilityBins } from '../../src/metrics/calibration.ts';
import { classFigures, confusionCells, confusionMatrix } from '../../src/metrics/confusion.ts';
import {
  binomialInterval,
  correctedFolds,
  differenceInterval,
  foldDifference,
  foldInflation,
  foldShare,
  meanOverRepeats,
  shareInterval,
} from '../../src/metrics/intervals.ts';
import { logLoss, softmaxRows } from '../../src/metrics/softmaxRows.ts';
import { Random } from '../../src/numerics/random.ts';
import { fitTemperature } from '../../src/numerics/temperature.ts';
import { known, matrix } from './fixture.ts';

const logits = matrix(known.logits);
const truth = Int32Array.from(known.truth);
const predicted = Int32Array.from(known.logits, (row) => row.indexOf(Math.max(...row)));

const anyLogits = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 6 })).chain(([rows, columns]) =>
  fc.record({
    logits: fc
      .array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ rows, columns, data: Float32Array.from(values) })),
    labels: fc
      .array(fc.integer({ min: 0, max: columns - 1 }), { minLength: rows, maxLength: rows })
      .map((values) => Int32Array.from(values)),
  }),
);

describe('confusion, precision, recall, F1', () => {
  it('are those of scikit-learn, a class that is never answered included', () => {
    const cells = confusionCells(truth, predicted);
    expect(confusionMatrix(cells, 4)).toEqual(known.confusion);
    for (const [label, figures] of classFigures(cells, 4).entries()) {
      expect(figures.precision).toBeCloseTo(known.precision[label], 12);
      expect(figures.recall).toBeCloseTo(known.recall[label], 12);
      expect(figures.f1).toBeCloseTo(known.f1[label], 12);
    }
    const never = confusionCells(Int32Array.of(0, 0, 0, 1, 1), Int32Array.of(1, 1, 1, 1, 1));
    expect(classFigures(never, 3)).toEqual([
      { precision: null, recall: 0, f1: 0 },
      { precision: 2 / 5, recall: 1, f1: 4 / 7 },
      { precision: null, recall: null, f1: null },
    ]);
  });

  it('holds no more cells than photos, each once and in order; the whole matrix of so many classes alone as can be read', () => {
    const labels = fc.array(fc.tuple(fc.nat(9999), fc.nat(3)), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(labels, (pairs) => {
        const [of, as] = [Int32Array.from(pairs, ([label]) => label), Int32Array.from(pairs, ([, answer]) => answer)];
        const cells = confusionCells(of, as);
        const places = cells.map(({ truth: row, predicted: column }) => 10_000 * row + column);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        for (const { truth: row, predicted: column, count } of cells)
          expect(pairs.filter(([label, answer]) => label === row && answer === column)).toHaveLength(count);
        expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(pairs.length);
      }),
    );
    expect(confusionMatrix([], 101)).toBeUndefined();
    expect(confusionMatrix([{ truth: 99, predicted: 98, count: 2 }], 100)?.[99][98]).toBe(2);
  });
});

describe('temperature', () => {
  it('gives the log-loss of scikit-learn', () => {
    expect(logLoss(logits, truth)).toBeCloseTo(known.logLoss, 6);
    expect(logLoss(logits, truth, 2)).toBeCloseTo(known.logLossAt2, 6);
    expect(logLoss(logits, truth, new Float32Array(60).fill(2))).toBeCloseTo(known.logLossAt2, 6);
  });

  it('is the minimum that SciPy finds, and near that of the plain log-loss', () => {
    expect(fitTemperature(logits, truth)).toBeCloseTo(known.temperature, 6);
    expect(fitTemperature(logits, truth, Float32Array.from(known.weights))).toBeCloseTo(known.weightedTemperature, 6);
    expect(Math.abs(Math.log(known.temperature / known.plainTemperature))).toBeLessThan(0.1);
  });

  it('takes back any scaling of the logits', () => {
    const scaled = { ...logits, data: logits.data.map((z) => z * 8) };
    expect(fitTemperature(scaled, truth) / fitTemperature(logits, truth)).toBeCloseTo(8, 5);
  });

  it('stays moderate where every answer is right: one doubtful photo is imagined', () => {
    const right = matrix(Array.from({ length: 50 }, (_, i) => (i % 2 ? [5, 0] : [0, 5])));
    const labels = Int32Array.from({ length: 50 }, (_, i) => (i % 2 ? 0 : 1));
    const heat = fitTemperature(right, labels);
    // Half of the 51st photo is wrong: 1 / 102.
    expect(softmaxRows(right, heat).data[0]).toBeCloseTo(1 / 102, 5);
  });

  it.each([
    ['no photos', matrix([]), 1],
    ['equal logits say nothing', matrix([[2, 2]]), 1],
    [
      'always wrong: as doubtful as it gets',
      matrix([
        [9, 0],
        [9, 0],
      ]),
      100,
    ],
    [
      'tiny logits, always right: bounded',
      matrix([
        [0, 1e-9],
        [0, 1e-9],
      ]),
      0.01,
    ],
  ] as const)('%s', (_, rows, expected) => {
    expect(fitTemperature(rows, new Int32Array(rows.rows).fill(1))).toBeCloseTo(expected, 6);
  });

  it('is never worse than leaving the logits alone, and always within its bounds', () => {
    fc.assert(
      fc.property(anyLogits, ({ logits, labels }) => {
        const heat = fitTemperature(logits, labels);
        expect(heat).toBeGreaterThanOrEqual(0.01);
        expect(heat).toBeLessThanOrEqual(100);
        const guess = 1 / (logits.rows + 1);
        const loss = (t: number) => {
          let spread = 0;
          for (let c = 0; c < logits.columns; c++) spread += logLoss(logits, new Int32Array(logits.rows).fill(c), t);
          return (1 - guess) * logLoss(logits, labels, t) + (guess * spread) / logits.columns;
        };
        for (const other of [0.1, 0.5, 1, 2, 10]) expect(loss(heat)).toBeLessThanOrEqual(loss(other) + 1e-6);
      }),
    );
  });

  it('gives probabilities that sum to 1 and keep the order of the logits', () => {
    fc.assert(
      fc.property(anyLogits, fc.double({ min: 0.01, max: 100, noNaN: true }), ({ logits }, heat) => {
        const { data, columns, rows } = softmaxRows(logits, heat);
        for (let row = 0; row < rows; row++) {
          const p = data.subarray(row * columns, (row + 1) * columns);
          const z = logits.data.subarray(row * columns, (row + 1) * columns);
          expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
          for (let c = 1; c < columns; c++) if (z[c] > z[0]) expect(p[c]).toBeGreaterThanOrEqual(p[0]);
        }
      }),
    );
  });
});

describe('calibration error', () => {
  const probabilities = softmaxRows(logits, 1);
  const confidence = Float32Array.from(predicted, (label, row) => probabilities.data[row * 4 + label]);
  const correct = predicted.map((label, row) => Number(label === truth[row]));

  it('is that of NumPy', () => {
    expect(expectedCalibrationError(confidence, correct)).toBeCloseTo(known.ece, 6);
  });

  it('has the known values', () => {
    expect(expectedCalibrationError([0.8, 0.8, 0.8, 0.8, 0.8], [1, 1, 1, 1, 0])).toBeCloseTo(0);
    expect(expectedCalibrationError([1, 1, 1, 1], [1, 0, 1, 0])).toBeCloseTo(0.5);
    expect(expectedCalibrationError([], [])).toBe(0);
  });

  it('keeps its laws: every photo in one bin, bounds, no matter the order', () => {
    const answers = fc.array(fc.record({ p: fc.double({ min: 0, max: 1, noNaN: true }), right: fc.nat(1) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(answers, (list) => {
        // Coarse values, so that there are ties.
        const p = list.map((a) => Math.round(a.p * 8) / 8);
        const right = list.map((a) => a.right);
        const bins = reliabilityBins(p, right);
        expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(list.length);
        expect(bins.length).toBeLessThanOrEqual(15);
        const error = expectedCalibrationError(p, right);
        expect(error).toBeGreaterThanOrEqual(0);
        expect(error).toBeLessThanOrEqual(1);
        expect(expectedCalibrationError([...p].reverse(), [...right].reverse())).toBeCloseTo(error, 10);
        // A refinement of one single bin: never less than the difference of the means.
        const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
        if (list.length > 0) expect(error).toBeGreaterThanOrEqual(Math.abs(mean(p) - mean(right)) - 1e-12);
      }),
    );
  });
});

describe('what chance alone makes of a calibration error', () => {
  it('is nearly all of it where answers of perfect probabilities are few, and hardly any where they are many', () => {
    const random = new Random('chance');
    const of = (photos: number) => {
      const sure = Float64Array.from({ length: photos }, () => 0.4 + 0.5 * random.uniform());
      const right = sure.map((p) => Number(random.uniform() < p));
      const units = Int32Array.from({ length: photos }, (_, row) => row);
      return { measured: expectedCalibrationError(sure, right), chance: chanceCalibrationError(sure, units, 1) };
    };
    const few = of(60);
    expect(few.chance).toBeGreaterThan(0.1);
    expect(Math.abs(few.measured - few.chance)).toBeLessThan(0.07);
    expect(of(20_000).chance).toBeLessThan(0.015);
  });

  it('is larger where photos stand in groups', () => {
    const sure = new Float64Array(600).map((_, row) => 0.5 + (row % 30) / 100);
    const alone = Int32Array.from(sure.keys());
    expect(
      chanceCalibrationError(
        sure,
        alone.map((row) => row % 30),
        1,
      ),
    ).toBeGreaterThan(1.5 * chanceCalibrationError(sure, alone, 1));
  });
});

it('of a class without photos nothing is said', () => {
  const cells = confusionCells(Int32Array.of(1, 1, 1), Int32Array.of(0, 0, 1));
  expect(classFigures(cells, 2)[0]).toEqual({ precision: null, recall: null, f1: null });
});

describe('intervals', () => {
  it.each([
    // Roots of scipy.stats.binom.cdf(x - 1, n, p) + binom.pmf(x, n, p) / 2 = 0.025 and their mirror images (SciPy 1.10).
    [18, 20, 0.707138, 0.982882],
    [335, 362, 0.894789, 0.949255],
    [95, 100, 0.892679, 0.981452],
    [1, 100, 0.0005, 0.04832],
    // The rule of three: 1 - 0.05 ^ (1 / 10).
    [0, 10, 0, 0.258866],
    [10, 10, 0.741134, 1],
    [0, 0, 0, 1],
  ])('mid-P for %i of %i', (right, total, low, high) => {
    const interval = binomialInterval(right, total);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  });

  it('of folds leaves room above for a classifier that learned from all photos, and a third root at most', () => {
    const values = Array.from({ length: 100 }, (_, i) => Number(i < 80));
    const alone = Int32Array.from(values.keys());
    // That of 80 photos with 80% right, each end missing what Imbens and Manski leave it: Φ(z + bias) - Φ(-z) = 0.95 at
    // z = 1.8246, where the bias is (1 - 0.8 ^ (1 / 3)) * 0.2 over a standard error of sqrt(0.16 / 80). Then less errors by
    // the third root of 5/4.
    const folds = shareInterval(values, alone, foldInflation(5));
    expect(folds.low).toBeCloseTo(0.708945, 6);
    expect(folds.high).toBeCloseTo(0.881325, 6);
    const sure = shareInterval(new Float64Array(50).fill(1), alone.subarray(0, 50), foldInflation(2));
    expect(sure.high).toBe(1);
    expect(sure.low).toBeCloseTo(binomialInterval(25, 25).low, 12);
  });

  it('corrects the variance of folds', () => {
    const { value, low, high } = correctedFolds(known.folds, 1 / 4);
    expect(value - low).toBeCloseTo(known.foldsHalfWidth, 10);
    expect(high - value).toBeCloseTo(known.foldsHalfWidth, 10);
    expect(correctedFolds([0.9], 1)).toEqual({ value: 0.9, low: -Infinity, high: Infinity });
  });

  const tenth = Int32Array.from({ length: 400 }, (_, i) => (i % 10 === 0 ? 0 : 1));
  const alone = Int32Array.from(tenth.keys());

  it('is the binomial one for single photos, and as wide when each photo is there three times', () => {
    expect(shareInterval(tenth, alone)).toEqual(binomialInterval(360, 400));
    const thrice = [0, 1, 2].flatMap(() => [...tenth]);
    const { low, high } = shareInterval(thrice, Int32Array.from([0, 1, 2].flatMap(() => [...alone])));
    expect(low).toBeCloseTo(binomialInterval(360, 400).low, 9);
    expect(high).toBeCloseTo(binomialInterval(360, 400).high, 9);
  });

  it('is wider where photos of a group share their fate, and never narrower than as many photos as groups', () => {
    const together = Int32Array.from(tenth, (right, i) => (right ? Math.floor(i / 10) : 1000 + Math.floor(i / 100)));
    expect(shareInterval(tenth, together).low).toBeLessThan(binomialInterval(360, 400).low - 0.02);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(9)), { minLength: 2, maxLength: 60 }), (photos) => {
        const values = photos.map(([right]) => right);
        const groups = Int32Array.from(photos, ([, group]) => group);
        const { value, low, high } = shareInterval(values, groups);
        const count = new Set(groups).size;
        fc.pre(count > 1);
        const least = binomialInterval(value * count, count);
        expect(low).toBeLessThanOrEqual(least.low + 1e-9);
        expect(high).toBeGreaterThanOrEqual(least.high - 1e-9);
        expect(low).toBeGreaterThanOrEqual(0);
        // No certainty beyond what was seen.
        expect(high === 1).toBe(value === 1);
        expect(low === 0).toBe(value === 0);
      }),
    );
  });

  it('never has no width, however equal folds are', () => {
    for (const [right, total] of [
      [190, 200],
      [124, 127],
      [40, 60],
    ] as const) {
      const values = Array.from({ length: total }, (_, i) => Number(i < right));
      const once = shareInterval(values, Int32Array.from(values.keys()), foldInflation(5));
      const least = binomialInterval(right, total);
      expect(once.low).toBeLessThan(least.low);
      expect(once.high).toBeGreaterThan(least.high);
      const folds = foldShare(Array<number>(5).fill(right / total), 1 / 4, total);
      expect(folds.low).toBeLessThan(least.low);
      expect(folds.high).toBeGreaterThan(least.high);
    }
    expect(foldDifference([0, 0, 0, 0, 0], 1 / 4, 60)).toEqual({ value: 0, low: -0.05, high: 0.05 });
  });

  it('of pairs with one right each is that of as many photos as pairs, however sums are rounded', () => {
    const groups = Int32Array.from({ length: 24 }, (_, i) => i >> 1);
    const fifth = Float64Array.from(groups, (_, i) => (i % 2 ? 0.2 + 0.2 + 0.2 : 0.4));
    const { low, high } = shareInterval(fifth, groups);
    expect(low).toBeCloseTo(binomialInterval(6, 12).low, 6);
    expect(high).toBeCloseTo(binomialInterval(6, 12).high, 6);
    const { p, interval } = differenceInterval(
      fifth.map((value) => 2 * value - 1),
      groups,
    );
    expect(p).toBeCloseTo(1, 6);
    expect(interval.low).toBeGreaterThan(-0.6);
  });

  it('one group says nothing', () => {
    expect(shareInterval([1, 0, 1], Int32Array.of(4, 4, 4))).toEqual({ value: 2 / 3, low: 0, high: 1 });
    expect(differenceInterval([1, 0, 1], Int32Array.of(4, 4, 4))).toMatchObject({
      interval: { low: -1, high: 1 },
      p: 1,
    });
  });

  it('of paired differences: open where none differs, the sign alone changes when both are exchanged', () => {
    const none = differenceInterval(
      new Float64Array(50),
      Int32Array.from({ length: 50 }, (_, i) => i),
    );
    expect(none.interval.value).toBe(0);
    expect(none.interval.high).toBeGreaterThan(0.03);
    expect(none.interval.low).toBeCloseTo(-none.interval.high, 12);
    const values = Array.from({ length: 90 }, (_, i) => (i < 12 ? 1 : i < 15 ? -1 : 0));
    const groups = Int32Array.from(values, (_, i) => i >> 1);
    const one = differenceInterval(values, groups);
    const other = differenceInterval(
      values.map((value) => -value),
      groups,
    );
    expect(other.interval.low).toBeCloseTo(-one.interval.high, 12);
    expect(other.p).toBeCloseTo(one.p, 12);
    expect(one.p < 0.05).toBe(one.interval.low > 0);
  });

  it('averages the repeats of each photo', () => {
    expect([...meanOverRepeats([1, 0, 1, 1], 2)]).toEqual([1, 0.5]);
  });
});
