import { expect, test } from 'vitest';
import { gainOrder, measureClassGains } from '../../src/evaluation/classGains.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { context } from '../heads/drawn.ts';
import { targetsOf } from '../judging.ts';
import { type Drawn, drawn } from '../protocol/problem.ts';

const chosen = { head: softmax, settings: { l2: 0.1 } };

function gainsOf({ features, photos: rows, width, labels, classes, split, groups }: Drawn) {
  const photos = { features: { rows, columns: width, data: features }, labels, classes };
  return measureClassGains(chosen, { photos, targets: targetsOf(photos), split, groups }, context);
}

const usual = { pictures: 150, width: 20, classes: 3, apart: 0.5, seed: 'gains' } as const;

test.each(['folds', 'holdout'] as const)(
  'every class has its gain in its interval, the largest first, with %s',
  async (kind) => {
    const gains = await gainsOf(drawn({ ...usual, kind }));
    expect(gains).toMatchObject({ photos: 10, left: [] });
    const values = gains?.classes.map(({ gain }) => gain.value) ?? [];
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(values).toHaveLength(3);
    for (const { gain, now } of gains?.classes ?? []) {
      expect(gain.low).toBeLessThanOrEqual(gain.value);
      expect(gain.value).toBeLessThanOrEqual(gain.high);
      expect(now).toBeGreaterThan(30);
      expect(now).toBeLessThan(50);
    }
  },
);

test('twins: copies neither narrow an interval nor add photos that were not seen', async () => {
  const widths = async (times: number) =>
    (await gainsOf(drawn({ ...usual, kind: 'folds', times })))?.classes.map(({ gain }) => gain.high - gain.low) ?? [];
  const [alone, many] = [await widths(1), await widths(4)];
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  // Ten photos are fewer pictures there, so a fourth of the gain is expected; the lost halves are as uncertain as before.
  expect(total(many)).toBeGreaterThan(0.15 * total(alone));
});

test('a class that is never mistaken gains nothing, and those that are mistaken for each other mend that', async () => {
  const near = drawn({ kind: 'folds', pictures: 120, width: 30, classes: 3, apart: 0.4, seed: 'near' });
  const features = near.features.map((value, at) => value + (near.labels[Math.floor(at / 30)] === 2 ? 12 : 0));
  const gains = await gainsOf({ ...near, features });
  const [first, second, last] = gains?.classes ?? [];
  expect(last).toMatchObject({ label: 'class 2', gain: { value: 0 }, mends: null });
  expect(first.gain.value).toBeGreaterThan(0);
  for (const { mends } of [first, second])
    if (mends) expect(new Set([mends.label, mends.takenFor])).toEqual(new Set(['class 0', 'class 1']));
  expect(first.mends).not.toBeNull();
});

test('a class with too few separate photos is left', async () => {
  const problem = drawn({ ...usual, kind: 'folds' });
  const groups = problem.groups.map((group, row) => (problem.labels[row] === 1 ? 1000 + (group % 3) : group));
  const gains = await gainsOf({ ...problem, groups });
  expect(gains?.left).toEqual(['class 1']);
});

test('a class stands out only where the interval lies above nothing', () => {
  const one = (label: string, value: number, low: number, high: number) => ({
    ...{ label, now: 20, mends: null, gain: { value, low, high } },
  });
  const gains = { photos: 10, left: [] };
  const unclear = gainOrder({ ...gains, classes: [one('a', 0.02, -0.01, 0.05), one('b', 0, -0.02, 0.06)] });
  expect(unclear).toEqual({ best: undefined, most: 0.06 });
  const { best } = gainOrder({ ...gains, classes: [one('a', 0.02, -0.01, 0.05), one('b', 0.01, 0.002, 0.03)] });
  expect(best?.label).toBe('b');
});
