import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auroc, averagePrecision, detectionFigures, f1 } from '../../src/metrics/ranking.ts';
import { known } from '../evaluation/fixture.ts';

const groups = Int32Array.from(known.scores.keys());

describe('AUROC, average precision, F1', () => {
  it('are those of scikit-learn, with ties', () => {
    expect(auroc(known.scores, known.positive)).toBeCloseTo(known.auroc, 12);
    expect(averagePrecision(known.scores, known.positive)).toBeCloseTo(known.averagePrecision, 12);
    expect(
      f1(
        known.scores.map((score) => Number(score >= 0)),
        known.positive,
      ),
    ).toBeCloseTo(known.f1At0, 12);
  });

  it('are not defined where a kind is missing', () => {
    expect(auroc([1, 2], [0, 0])).toBeNaN();
    expect(auroc([1, 2], [1, 1])).toBeNaN();
    expect(averagePrecision([1, 2], [0, 0])).toBeNaN();
    expect(f1([0, 0], [0, 0])).toBeNaN();
  });

  it('depend on the order of scores alone, and turn about with it', () => {
    const scored = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.nat(1)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(scored, (list) => {
        const scores = list.map(([score]) => score);
        const positive = list.map(([, kind]) => kind);
        fc.pre(positive.includes(0) && positive.includes(1));
        const area = auroc(scores, positive);
        expect(auroc(scores.map(Math.atan), positive)).toBeCloseTo(area, 12);
        expect(
          auroc(
            scores.map((score) => -score),
            positive,
          ),
        ).toBeCloseTo(1 - area, 12);
        const precision = averagePrecision(scores, positive);
        expect(averagePrecision(scores.map(Math.atan), positive)).toBeCloseTo(precision, 12);
        expect(precision).toBeGreaterThan(0);
        expect(precision).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe('detection figures', () => {
  it('hold their values between their bounds', () => {
    const figures = detectionFigures({
      scores: known.scores,
      positive: known.positive,
      threshold: -0.05,
      groups,
    });
    expect(figures.auroc.value).toBeCloseTo(known.auroc, 12);
    expect(figures.f1.value).toBeCloseTo(known.f1At0, 12);
    const abnormal = known.positive.filter((kind) => kind === 1).length;
    const missed = known.scores.filter((score, row) => known.positive[row] === 1 && score <= -0.05).length;
    expect(figures.falseNegativeRate.value).toBeCloseTo(missed / abnormal, 12);
    for (const { value, low, high } of Object.values(figures)) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
    }
  });

  it('are wider for photos in groups', () => {
    const one = { scores: known.scores, positive: known.positive, threshold: 0 };
    const copies = (values: number[]) => values.flatMap((value) => [value, value, value]);
    const copied = { ...one, scores: copies(known.scores), positive: copies(known.positive) };
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const grouped = detectionFigures({ ...copied, groups: Int32Array.from(copies([...groups])) });
    expect(grouped.auroc.low).toBeCloseTo(detectionFigures({ ...one, groups }).auroc.low, 9);
    const claimed = detectionFigures({ ...copied, groups: Int32Array.from(copied.scores.keys()) });
    expect(width(claimed.auroc)).toBeLessThan(width(grouped.auroc));
  });

  it('never claim certainty from a few photos', () => {
    const figures = detectionFigures({
      scores: [0, 1, 2, 5, 6, 7, 8],
      positive: [0, 0, 0, 1, 1, 1, 1],
      threshold: 3,
      groups: Int32Array.from(Array(7).keys()),
    });
    expect(figures.auroc.value).toBe(1);
    expect(figures.auroc.low).toBeGreaterThan(0.05);
    expect(figures.auroc.low).toBeLessThan(0.6);
    expect(figures.auroc.high).toBe(1);
    expect(figures.falseNegativeRate).toMatchObject({ value: 0, low: 0 });
    expect(figures.falseNegativeRate.high).toBeCloseTo(1 - 0.05 ** (1 / 4), 6);
  });
});
