import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curveSizes, errorAt, expectedGain, fitPowerLaw } from '../../src/metrics/powerLaw.ts';

const sizes = [50, 100, 200, 400, 800];

describe('learning curve', () => {
  it.each([
    [20, 320, 5, [20, 40, 80, 160, 320]],
    [30, 100, 3, [30, 55, 100]],
    [7, 7, 4, [7]],
  ])('is measured at sizes of equal ratio: %i to %i', (smallest, all, count, expected) => {
    expect(curveSizes(smallest, all, count)).toEqual(expected);
  });

  it.each([
    { floor: 0.05, scale: 1, rate: 0.5 },
    { floor: 0, scale: 2, rate: 0.8 },
    { floor: 0.2, scale: 0, rate: 1 },
  ])('finds the law that made the errors: %o', (law) => {
    const found = fitPowerLaw(
      sizes,
      sizes.map((n) => errorAt(law, n)),
    );
    for (const n of [50, 1600, 6400]) expect(errorAt(found, n)).toBeCloseTo(errorAt(law, n), 6);
  });

  it('never rises, never falls below zero, whatever was measured', () => {
    const errors = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(errors, (measured) => {
        const law = fitPowerLaw(sizes, measured);
        const curve = [50, 100, 1000, 10_000].map((n) => errorAt(law, n));
        expect(curve).toEqual([...curve].sort((a, b) => b - a));
        expect(curve[3]).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('says what more photos are worth', () => {
    const law = { floor: 0.05, scale: 1, rate: 0.5 };
    const repeats = [-0.01, -0.005, 0, 0.005, 0.01].map((shift) => sizes.map((n) => errorAt(law, n) + shift));
    const gain = expectedGain(sizes, repeats, 1600);
    expect(gain).toBeCloseTo(errorAt(law, 800) - errorAt(law, 1600), 6);
    expect(expectedGain(sizes, repeats, 800)).toBe(0);
  });
});
