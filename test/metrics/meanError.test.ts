import { expect, test } from 'vitest';
import { meanError } from '../../src/metrics/meanError.ts';
import { Random } from '../../src/numerics/random.ts';
import { mean, variance } from '../../src/numerics/statistics.ts';

const random = new Random('mean error');
const values = Array.from({ length: 40 }, () => random.normal());
const alone = [...values.keys()];

test('of single photos it is the usual standard error', () => {
  expect(meanError(values, alone)).toBeCloseTo(Math.sqrt(variance(values) / values.length), 12);
});

test('copies in their groups make no mean surer', () => {
  const copies = [...values, ...values, ...values];
  expect(meanError(copies, [...alone, ...alone, ...alone])).toBeCloseTo(meanError(values, alone), 12);
});

test('it is how much means of drawn groups vary', () => {
  const draw = () => {
    const own = Array.from({ length: 30 }, (_, group) => ({ size: 1 + (group % 5), centre: random.normal() }));
    return own.flatMap(({ size, centre }, group) =>
      Array.from({ length: size }, () => ({ group, value: centre + 0.5 * random.normal() })),
    );
  };
  const drawn = Array.from({ length: 400 }, draw);
  const means = drawn.map((photos) => mean(photos.map(({ value }) => value)));
  const errors = drawn.map((photos) =>
    meanError(
      photos.map(({ value }) => value),
      photos.map(({ group }) => group),
    ),
  );
  // The spread of 400 means is known within 4%.
  expect(mean(errors) / Math.sqrt(variance(means))).toBeGreaterThan(0.88);
  expect(mean(errors) / Math.sqrt(variance(means))).toBeLessThan(1.08);
});

test('one group tells nothing', () => {
  expect(meanError([1, 2, 3], [7, 7, 7])).toBe(Number.POSITIVE_INFINITY);
});
