import { expect, test } from 'vitest';
import { growCurve } from '../../src/evaluation/growCurve.ts';
import { measureCurve } from '../../src/evaluation/measureCurve.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { context } from '../heads/drawn.ts';
import { type Drawn, drawn } from './problem.ts';

const problemOf = ({ features, photos, width, labels, classes }: Drawn) => ({
  features: { rows: photos, columns: width, data: features },
  labels,
  classes,
});

test('twins: the points of a curve are of as many pictures, however many copies there are', async () => {
  const far = { kind: 'holdout', pictures: 420, width: 30, classes: 3, apart: 0.35, seed: 'curve' } as const;
  const curveOf = async (times: number) => {
    const set = drawn({ ...far, times });
    const curve = await measureCurve(softmax, { l2: 0.1 }, problemOf(set), set.split, set.groups, context);
    return curve?.points ?? [];
  };
  const [alone, many] = [await curveOf(1), await curveOf(6)];
  expect(alone.length).toBe(5);
  expect(alone[4].accuracy.value).toBeGreaterThan(alone[0].accuracy.value + 0.15);
  for (const [k, { photos }] of many.entries()) expect(photos / alone[k].photos).toBeCloseTo(6, 0);
  // Where photos were drawn in place of pictures, few photos would be of nearly as many pictures.
  const early = (points: typeof alone) => (points[0].accuracy.value + points[1].accuracy.value) / 2;
  expect(Math.abs(early(many) - early(alone))).toBeLessThan(0.06);
});

test('what is said of twice as many photos is what the power law through the points says of twice as many', async () => {
  const set = drawn({ kind: 'holdout', pictures: 240, width: 6, classes: 3, seed: 'law' });
  const { split, groups, labels } = set;
  const grown = { settings: { l2: 0.1 }, problem: problemOf(set), split, groups, strata: labels };
  const errorAt = (photos: number) => 0.04 + 1.2 * photos ** -0.5;
  const sizes: number[] = [];
  /** Of the parts in the order in which they are judged. */
  const curveWith = (figures: readonly number[]) => {
    let part = 0;
    return growCurve(
      softmax,
      grown,
      () => {
        const figure = figures[part++ % figures.length];
        return { add: () => {}, figure: () => figure };
      },
      context,
    );
  };
  for (const { photos } of (await curveWith([0.5]))?.points ?? []) sizes.push(photos);
  const [last, ...others] = sizes.toReversed();
  const first = others.toReversed();
  const figures = [...first, last, ...first, ...first].map((photos) => 1 - errorAt(photos));
  const curve = await curveWith(figures);
  expect(curve?.points.map(({ figure }) => figure.value)).toEqual(
    sizes.map((size) => expect.closeTo(1 - errorAt(size), 6)),
  );
  const gain = errorAt(last) - errorAt(2 * last);
  expect(curve?.expected.photos).toBe(2 * set.photos);
  expect(curve?.expected.gain.value).toBeGreaterThan(0.9 * gain);
  expect(curve?.expected.gain.value).toBeLessThan(1.1 * gain);
});
