import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareFolds, compareHoldout, mcnemar, nearlyBest } from '../../src/metrics/compare.ts';
import { known } from '../evaluation/fixture.ts';

/** 0/1 answers of two classifiers: both right, only the first, only the second, neither. */
function answers(both: number, first: number, second: number, neither: number): [number[], number[]] {
  const repeat = (n: number, value: number) => Array<number>(n).fill(value);
  return [
    [...repeat(both + first, 1), ...repeat(second + neither, 0)],
    [...repeat(both, 1), ...repeat(first, 0), ...repeat(second, 1), ...repeat(neither, 0)],
  ];
}

describe('on held-out photos', () => {
  it.each(known.mcnemar)("McNemar's exact test of %i against %i is SciPy's", (b, c, p) => {
    expect(mcnemar(b, c)).toBeCloseTo(p, 9);
  });

  it.each([
    ['first', 70, 15, 2],
    ['second', 70, 2, 15],
    ['tie', 70, 8, 5],
    ['tie', 90, 0, 0],
  ] as const)('says %s for %i both right, %i and %i one alone', (better, both, first, second) => {
    const [a, b] = answers(both, first, second, 10);
    const single = Int32Array.from(a.keys());
    const comparison = compareHoldout(a, b, single, 1);
    expect(comparison.better).toBe(better);
    expect(comparison.difference.value).toBeCloseTo((first - second) / a.length, 12);
    expect(comparison.p).toBeCloseTo(mcnemar(first, second), 12);
  });

  it('counts a group once: six copies of a photo are no six arguments', () => {
    const [a, b] = answers(60, 12, 0, 0);
    const groups = Int32Array.from(a, (_, row) => (row < 60 ? row : 60 + Math.floor((row - 60) / 6)));
    expect(compareHoldout(a, b, Int32Array.from(a.keys()), 1).better).toBe('first');
    const grouped = compareHoldout(a, b, groups, 1);
    expect(grouped.better).toBe('tie');
    // Two groups: they agree in half of all sign flips.
    expect(grouped.p).toBeCloseTo(0.5, 1);
  });
});

describe('on folds', () => {
  it("is SciPy's t with the corrected variance", () => {
    const comparison = compareFolds(known.folds, known.otherFolds, 1 / 4);
    expect(comparison.p).toBeCloseTo(known.foldsP, 9);
    expect(comparison.better).toBe('first');
    expect(compareFolds(known.otherFolds, known.folds, 1 / 4).better).toBe('second');
  });

  it('calls equal figures a tie, and a constant difference none', () => {
    expect(compareFolds([0.9, 0.8], [0.9, 0.8], 0.25)).toMatchObject({ better: 'tie', p: 1 });
    expect(compareFolds([0.75, 0.5], [0.5, 0.25], 0.25)).toMatchObject({ better: 'first', p: 0 });
    expect(compareFolds([0.9], [0.1], 0.25)).toMatchObject({ better: 'tie', p: 1 });
  });

  it('is fair: exchanging both only changes the sign', () => {
    const fold = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fold, { minLength: 2, maxLength: 12 }), (folds) => {
        const a = folds.map(([x]) => x);
        const b = folds.map(([, y]) => y);
        const one = compareFolds(a, b, 0.25);
        const other = compareFolds(b, a, 0.25);
        expect(one.p).toBeCloseTo(other.p, 9);
        expect(one.difference.low).toBeCloseTo(-other.difference.high, 9);
      }),
    );
  });

  it('takes a loss for nearly the lowest within half a standard error', () => {
    const best = Array.from({ length: 100 }, (_, photo) => 0.3 + 0.001 * (photo % 7));
    // Differences of spread 0.1 about a mean: their standard error is 0.01.
    const above = (mean: number) => best.map((loss, photo) => loss + mean + 0.1 * (photo % 2 ? 1 : -1));
    const alone = [...best.keys()];
    expect(nearlyBest([above(0.0045), best], alone)).toEqual([true, true]);
    expect(nearlyBest([above(0.0055), best], alone)).toEqual([false, true]);
    expect(nearlyBest([best, best.map((loss) => loss + 1e-3)], alone)).toEqual([true, false]);
    expect(nearlyBest([[0.5]], [0])).toEqual([true]);
  });
});
