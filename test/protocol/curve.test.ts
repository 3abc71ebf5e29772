import { expect, test } from 'vitest';
import { measureLearningCurve } from '../../src/evaluation/learningCurve.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { accuracy, type Metric } from '../../src/metrics/metric.ts';
import type { Targets } from '../../src/sets/targets.ts';
import { context } from '../heads/drawn.ts';
import { targetsOf } from '../judging.ts';
import { type Drawn, drawn } from './problem.ts';

const chosen = { head: softmax, settings: { l2: 0.1 } };

function curveOf({ features, photos: rows, width, labels, classes, split, groups }: Drawn, metric = accuracy) {
  const photos = { features: { rows, columns: width, data: features }, labels, classes };
  return measureLearningCurve(metric, chosen, { photos, targets: targetsOf(photos), split, groups }, context);
}

test('twins: the points of a curve are of as many pictures, however many copies there are', async () => {
  const far = { kind: 'holdout', pictures: 420, width: 30, classes: 3, apart: 0.35, seed: 'curve' } as const;
  const pointsOf = async (times: number) => (await curveOf(drawn({ ...far, times })))?.points ?? [];
  const [alone, many] = [await pointsOf(1), await pointsOf(6)];
  expect(alone.length).toBe(5);
  expect(alone[4].score.value).toBeGreaterThan(alone[0].score.value + 0.15);
  for (const [k, { photos }] of many.entries()) expect(photos / alone[k].photos).toBeCloseTo(6, 0);
  // Where photos were drawn in place of pictures, few photos would be of nearly as many pictures.
  const early = (points: typeof alone) => (points[0].score.value + points[1].score.value) / 2;
  expect(Math.abs(early(many) - early(alone))).toBeLessThan(0.06);
});

test('what is said of twice as many photos is what the power law through the points says of twice as many', async () => {
  const set = drawn({ kind: 'holdout', pictures: 240, width: 6, classes: 3, seed: 'law' });
  const errorAt = (photos: number) => 0.04 + 1.2 * photos ** -0.5;
  const sizes: number[] = [];
  /** Of the parts in the order in which they are judged. */
  const curveWith = (figures: readonly number[]) => {
    let part = 0;
    const metric: Metric<Targets> = {
      ...accuracy,
      of() {
        const figure = figures[part++ % figures.length];
        return () => figure;
      },
    };
    return curveOf(set, metric);
  };
  for (const { photos } of (await curveWith([0.5]))?.points ?? []) sizes.push(photos);
  const [last, ...others] = sizes.toReversed();
  const first = others.toReversed();
  const figures = [...first, last, ...first, ...first].map((photos) => 1 - errorAt(photos));
  const curve = await curveWith(figures);
  expect(curve?.points.map(({ score }) => score.value)).toEqual(
    sizes.map((size) => expect.closeTo(1 - errorAt(size), 6)),
  );
  const gain = errorAt(last) - errorAt(2 * last);
  expect(curve?.expected.photos).toBe(2 * set.photos);
  expect(curve?.expected.gain?.value).toBeGreaterThan(0.9 * gain);
  expect(curve?.expected.gain?.value).toBeLessThan(1.1 * gain);
});
