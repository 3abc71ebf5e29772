import { expect, test } from 'vitest';
import { corruptions, withEffect } from '../../src/images/corruptions.ts';
import { corruptedViews, distorted, drawDistortion } from '../../src/images/view.ts';
import { Random } from '../../src/numerics/random.ts';
import { mean } from '../../src/numerics/statistics.ts';

const [width, height] = [64, 48];
const photo = {
  width,
  height,
  data: Uint8Array.from(
    { length: width * height * 3 },
    (_, at) => 128 + 60 * Math.sin(at / 17) + 30 * Math.cos(at / 5),
  ),
};
const seen = (corruption: (typeof corruptions)[number]) => {
  const view = corruptedViews.find((one) => one.corruption === corruption);
  if (!view) throw new TypeError('a view is wanted');
  return distorted(photo, { width, height }, drawDistortion(view, 'ab'.repeat(32)));
};
const away = (data: Uint8Array) => mean(Float64Array.from(data, (value, at) => Math.abs(value - photo.data[at])));

test('each corruption changes a photo in a way of its own, the same every time', () => {
  const all = corruptions.map((corruption) => seen(corruption).data);
  for (const [k, data] of all.entries()) {
    // The middle of a larger photo needs a larger photo.
    if (corruptions[k] !== 'crop') expect(away(data)).toBeGreaterThan(1);
    expect(seen(corruptions[k]).data).toEqual(data);
  }
  expect(new Set(all.filter((_, k) => corruptions[k] !== 'crop').map((data) => data.join())).size).toBe(7);
  expect(new Set(corruptedViews.map(({ number }) => number)).size).toBe(corruptions.length);
});

test('dark and bright are shares of the light, grey has no colour', () => {
  expect(mean(seen('dark').data) / mean(photo.data)).toBeCloseTo(0.4, 1);
  expect(mean(seen('bright').data)).toBeGreaterThan(1.4 * mean(photo.data));
  const { data } = seen('grey');
  for (let at = 0; at < data.length; at += 3) expect(new Set(data.subarray(at, at + 3)).size).toBe(1);
});

test('noise has its level, blur keeps the mean and evens out', () => {
  const flat = { width, height, data: new Uint8Array(width * height * 3).fill(128) };
  const noisy = withEffect(flat, 'noise', new Random('noise')).data;
  expect(Math.sqrt(mean(Float64Array.from(noisy, (value) => (value - 128) ** 2)))).toBeCloseTo(25, 0);
  expect(withEffect(flat, 'blur', new Random('')).data).toEqual(flat.data);
  const spread = (values: Uint8Array) => mean(Float64Array.from(values, (value) => (value - 128) ** 2));
  const data = Uint8Array.from({ length: 224 * 224 * 3 }, (_, at) => (Math.floor(at / 3) % 2 ? 228 : 28));
  const blurred = withEffect({ width: 224, height: 224, data }, 'blur', new Random('')).data;
  expect(spread(blurred)).toBeLessThan(0.5 * spread(data));
});

test('JPEG quality 20 leaves flat blocks as they are, near their colour', () => {
  const flat = { width: 13, height: 9, data: new Uint8Array(13 * 9 * 3).fill(148) };
  const { data } = withEffect(flat, 'jpeg', new Random(''));
  expect(new Set(data).size).toBe(1);
  // The mean of a block is kept in steps of 40 / 8.
  expect(Math.abs(data[0] - 148)).toBeLessThanOrEqual(3);
});
