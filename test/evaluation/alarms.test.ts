import { expect, test } from 'vitest';
import type { Line } from '../../src/metrics/conformalThreshold.ts';
import { alarmsOf } from '../../src/metrics/oneClassFigures.ts';

/** 8 normal photos with scores 1 to 8, and 4 abnormal ones with 4.5, 6.5, 8.5 and 10.5. */
const scores = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 4.5, 6.5, 8.5, 10.5);
const normal = Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
const photos = { scores, normal, labels: [], groups: Int32Array.from(scores.keys()), seed: 0 };
const rows = Int32Array.from(scores.keys());
const line = (target: number, guaranteed: number, threshold: number): Line => {
  return { target, guaranteed, threshold, thresholds: new Float64Array(12).fill(threshold) };
};

test('each threshold stands with its false alarms and what it catches, with intervals', () => {
  const found = alarmsOf([line(0.1, 0.125, 8), line(0.25, 0.25, 6)], photos, rows);
  expect(
    found.map(({ threshold, falsePositiveRate, caught }) => [threshold, falsePositiveRate.value, caught.value]),
  ).toEqual([
    [8, 0, 0.5],
    [6, 0.25, 0.75],
  ]);
  for (const { falsePositiveRate, caught } of found)
    for (const { value, low, high } of [falsePositiveRate, caught]) {
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThan(value);
    }
});

test('thresholds that few photos cannot tell apart stand there once; without abnormal photos there is nothing to tell', () => {
  const same = [line(0.01, 1 / 9, 8), line(0.02, 1 / 9, 8), line(0.2, 0.2, 7)];
  expect(alarmsOf(same, photos, rows).map(({ target }) => target)).toEqual([0.02, 0.2]);
  expect(alarmsOf(same, photos, rows.subarray(0, 8))).toEqual([]);
});
