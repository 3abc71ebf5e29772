import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitSets, setFiguresOf, setOf } from '../../src/metrics/predictionSets.ts';

const alone = (count: number) => Int32Array.from({ length: count }, (_, i) => i);
const holds = (own: number, threshold: number) => Math.fround(own) >= threshold;

test('sets of a fresh photo hold its class as often as was asked for, whatever the probabilities', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 60 }),
      fc.double({ min: 0.5, max: 0.99, noNaN: true }),
      (values, coverage) => {
        const own = values.map((value) => value / 50);
        // Each photo in turn is the fresh one.
        const covered = own.filter((fresh, i) => {
          const rule = fitSets(own.toSpliced(i, 1), alone(own.length - 1), coverage);
          return rule !== undefined && holds(fresh, rule.threshold);
        });
        const { guaranteed = 1 } = fitSets(own.slice(1), alone(own.length - 1), coverage) ?? {};
        expect(covered.length / own.length).toBeGreaterThanOrEqual(guaranteed - 1e-9);
      },
    ),
  );
});

test('the threshold is the order statistic of split conformal prediction', () => {
  const own = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);
  // The fifth lowest of 99: (99 + 1) 95% of them lie at it or above.
  expect(fitSets(own, alone(99), 0.95)).toEqual({ coverage: 0.95, guaranteed: 0.95, threshold: Math.fround(0.05) });
  expect(fitSets([0.9, 0.4, 0.7], alone(3), 0.95)).toEqual({
    coverage: 0.95,
    guaranteed: 0.75,
    threshold: Math.fround(0.4),
  });
  expect(fitSets([], alone(0), 0.95)).toBeUndefined();
});

test('copies of photos, however many of each, change nothing', () => {
  const photo = fc.record({ own: fc.double({ min: 0, max: 1, noNaN: true }), copies: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(
      fc.array(photo, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0.5, max: 0.99 }),
      (photos, share) => {
        const copied = photos.flatMap(({ own, copies }, group) =>
          Array.from({ length: copies }, () => ({ own, group })),
        );
        const once = fitSets(
          photos.map(({ own }) => own),
          alone(photos.length),
          share,
        );
        const many = fitSets(
          copied.map(({ own }) => own),
          Int32Array.from(copied, ({ group }) => group),
          share,
        );
        expect(many).toEqual(once);
      },
    ),
  );
});

test('a set begins with the likeliest class, is never empty, and holds what is probable enough', () => {
  expect(setOf([0.1, 0.6, 0.3], { threshold: 0.2 })).toEqual([1, 2]);
  expect(setOf([0.1, 0.6, 0.3], { threshold: 0.9 })).toEqual([1]);
  expect(setOf([0.1, 0.6, 0.3], { threshold: 0 })).toEqual([1, 2, 0]);
});

test('figures count a group as one photo, and each photo once by size', () => {
  const figures = setFiguresOf(
    { coverage: 0.9, guaranteed: 0.8 },
    {
      classes: ['ants', 'bees', 'moths'],
      truth: Int32Array.of(0, 0, 0, 1, 0, 0, 0, 1),
      covered: Uint8Array.of(1, 1, 1, 0, 1, 1, 1, 0),
      sizes: Int32Array.of(1, 1, 2, 1, 1, 1, 2, 3),
      groups: Int32Array.of(7, 7, 7, 2, 7, 7, 7, 2),
      rowsPerRepeat: 4,
      folds: 2,
    },
  );
  expect(figures).toMatchObject({
    coverage: 0.9,
    guaranteed: 0.8,
    covered: { value: 0.5 },
    size: 1.5,
    sizes: [
      { size: 1, photos: 3 },
      { size: 2, photos: 1 },
    ],
    perClass: [
      { label: 'ants', covered: 1 },
      { label: 'bees', covered: 0 },
      { label: 'moths', covered: null },
    ],
  });
});
