import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averagePrecisions } from '../../src/metrics/averagePrecisions.ts';
import { compare, compareBySamples } from '../../src/metrics/compare.ts';
import { meanAveragePrecision } from '../../src/metrics/metric.ts';
import { averagePrecision } from '../../src/metrics/ranking.ts';
import { Random } from '../../src/numerics/random.ts';
import type { Matrix } from '../../src/runtime/platform.ts';

const columns = 2;
const random = new Random('compare labels');
const truth = Uint8Array.from({ length: 120 * columns }, () => Number(random.uniform() < 0.3));
const rows = truth.length / columns;
const each = Int32Array.from({ length: rows }, (_, row) => row);
/** Probabilities that know the truth, but for noise of this size. */
const ranked = (noise: number, of = truth, seed = noise) => {
  const own = new Random(`noise ${seed}`);
  return {
    rows: of.length / columns,
    columns,
    data: Float32Array.from(of, (has) => 0.3 + 0.4 * has + noise * (own.uniform() - 0.5)),
  };
};

const targetsOf = (bits: Uint8Array) => ({ classes: ['a', 'b'], labels: new Int32Array(rows), truth: bits });

/** Mean average precision of rows that are counted as often as told. */
const figureOf = (matrix: Matrix, bits: Uint8Array) => meanAveragePrecision.of(matrix, targetsOf(bits), each);

const compareRankings = (first: Matrix, second: Matrix, bits: Uint8Array, groups: Int32Array, seed: number) =>
  compareBySamples(figureOf(first, bits), figureOf(second, bits), groups, columns, seed);

test('average precision counts rows as often as told: as if they stood there so often', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ score: fc.integer({ min: 0, max: 5 }), has: fc.boolean(), times: fc.nat(3) }), {
        minLength: 1,
        maxLength: 30,
      }),
      (photos) => {
        const ranking = { rows: photos.length, columns: 1, data: Float32Array.from(photos, ({ score }) => score) };
        const bits = Uint8Array.from(photos, ({ has }) => Number(has));
        const [found] = averagePrecisions(ranking, bits)(Float64Array.from(photos, ({ times }) => times));
        const copies = photos.flatMap((photo) => Array.from({ length: photo.times }, () => photo));
        if (copies.some(({ has }) => has))
          expect(found).toBeCloseTo(
            averagePrecision(
              copies.map(({ score }) => score),
              copies.map(({ has }) => Number(has)),
            ),
            6,
          );
        else expect(found).toBeNaN();
      },
    ),
  );
});

describe('on a held-out part', () => {
  test('the better ranking is better, the other way round worse, and the difference is that of the figures', () => {
    const [good, poor] = [ranked(0.6), ranked(1.5)];
    const whole = new Float64Array(rows).fill(1);
    const { difference, p, better } = compareRankings(good, poor, truth, each, 1);
    expect(better).toBe('first');
    expect(p).toBeLessThan(0.05);
    expect(difference.value).toBe(figureOf(good, truth)(whole) - figureOf(poor, truth)(whole));
    expect(difference.low).toBeGreaterThan(0);
    const turned = compareRankings(poor, good, truth, each, 1);
    expect(turned.better).toBe('second');
    expect(turned.difference.low).toBeCloseTo(-difference.high, 12);
    expect(turned.p).toBe(p);
  });

  test('equal answers are a tie without any doubt', () => {
    const same = compareRankings(ranked(0.6), ranked(0.6), truth, each, 1);
    expect(same).toEqual({ difference: { value: 0, low: 0, high: 0 }, p: 1, better: 'tie' });
  });

  test('equally good answers are a tie in about 95 of 100 draws', () => {
    const verdicts = Array.from({ length: 60 }, (_, draw) => {
      const own = new Random(`truth ${draw}`);
      const bits = Uint8Array.from(truth, () => Number(own.uniform() < 0.3));
      return compareRankings(ranked(1.2, bits, draw), ranked(1.2, bits, draw + 1000), bits, each, draw).better;
    });
    expect(verdicts.filter((verdict) => verdict !== 'tie').length).toBeLessThan(9);
  });

  test('a group counts once: few large groups say less than as many photos that are apart', () => {
    const [good, poor] = [ranked(0.6), ranked(1.5)];
    const width = (groups: Int32Array) => {
      const { low, high } = compareRankings(good, poor, truth, groups, 1).difference;
      return high - low;
    };
    // Photos of a group are all as good, or as bad, as the first of them.
    const copied = (data: Float32Array | Uint8Array) => (_: unknown, at: number) =>
      data[Math.floor(at / columns / 10) * 10 * columns + (at % columns)];
    const groups = each.map((row) => Math.floor(row / 10));
    const bits = Uint8Array.from(truth, copied(truth));
    const [a, b] = [good, poor].map((matrix) => ({
      ...matrix,
      data: Float32Array.from(matrix.data, copied(matrix.data)),
    }));
    const grouped = compareRankings(a, b, bits, groups, 1).difference;
    expect(grouped.high - grouped.low).toBeGreaterThan(1.5 * width(each));
  });
});

test('on folds, each fold has a figure, and both are compared fold by fold', () => {
  const folds = each.map((row) => row % 5);
  const judged = (noise: number) => ({ rows: each, outcomes: ranked(noise), folds, rowsPerRepeat: rows });
  const { difference, better } = compare(meanAveragePrecision, judged(0.6), judged(1.5), targetsOf(truth), each, 1);
  expect(better).toBe('first');
  const figure = (noise: number, fold: number) =>
    figureOf(ranked(noise), truth)(Float64Array.from(folds, (own) => Number(own === fold)));
  const expected = [0, 1, 2, 3, 4].map((fold) => figure(0.6, fold) - figure(1.5, fold));
  expect(difference.value).toBeCloseTo(expected.reduce((sum, value) => sum + value, 0) / 5, 12);
  expect(compare(meanAveragePrecision, judged(0.6), judged(0.6), targetsOf(truth), each, 1)).toMatchObject({
    better: 'tie',
    p: 1,
  });
});

test('rows of repeats find the truth of their photo', () => {
  const judged = (noise: number, repeats: number) => {
    const all = Array.from({ length: repeats }, () => [...each]).flat();
    const { data } = ranked(noise);
    const outcomes = {
      rows: all.length,
      columns,
      data: Float32Array.from(all.flatMap((row) => [...data.subarray(row * columns, (row + 1) * columns)])),
    };
    const folds = Int32Array.from(all, (row, i) => (row % 4) + 4 * Math.floor(i / rows));
    return { rows: Int32Array.from(all), outcomes, folds, rowsPerRepeat: rows };
  };
  const [once, twice] = [1, 2].map((repeats) =>
    compare(meanAveragePrecision, judged(0.6, repeats), judged(1.5, repeats), targetsOf(truth), each, 1),
  );
  expect(twice.difference.value).toBeCloseTo(once.difference.value, 12);
  expect(once.difference.value).toBeGreaterThan(0);
});
