import { expect, test } from 'vitest';
import { conformalThreshold } from '../../src/metrics/conformalThreshold.ts';
import { aboveOthers, tailThreshold } from '../../src/metrics/tailThreshold.ts';
import { Random } from '../../src/numerics/random.ts';
import { mean } from '../../src/numerics/statistics.ts';

const own = (length: number) => Int32Array.from({ length }, (_, i) => i);

/** Scores with a tail like that of distances: roots of sums of squares. */
function drawn(count: number, seed: string): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => Math.hypot(...Array.from({ length: 6 }, () => random.normal())));
}

test.each([
  [60, 0.016],
  [150, 0.013],
  [1000, 0.012],
])('of fresh scores about the wanted share lies above, set by %s', (count, most) => {
  const fresh = drawn(20_000, 'fresh');
  const shares = Array.from({ length: 60 }, (_, draw) => {
    const { threshold } = tailThreshold(drawn(count, `draw ${draw}`), own(count), 0.01);
    return mean(fresh.map((score) => Number(score > threshold)));
  });
  expect(mean(shares)).toBeGreaterThan(0.006);
  expect(mean(shares)).toBeLessThan(most);
});

test('copies count once: the threshold, its promise, and who lies above', () => {
  const scores = drawn(150, 'copies');
  const groups = own(150);
  const twice = Int32Array.from([...groups, ...groups]);
  const one = tailThreshold(scores, groups, 0.01);
  const two = tailThreshold([...scores, ...scores], twice, 0.01);
  expect(two.threshold).toBeCloseTo(one.threshold, 9);
  expect(two.guaranteed).toBe(one.guaranteed);
  const above = aboveOthers(scores, groups, 0.05);
  expect([...aboveOthers([...scores, ...scores], twice, 0.05)]).toEqual([...above, ...above]);
});

test('a photo does not set the threshold that it is held against', () => {
  const scores = drawn(100, 'odd');
  scores[7] = 1000;
  expect(aboveOthers(scores, own(100), 0.01)[7]).toBe(1);
  const others = scores.toSpliced(7, 1);
  const fair = scores.map((score, i) => {
    const rest = scores.toSpliced(i, 1);
    return Number(score > tailThreshold(rest, own(99), 0.01).threshold);
  });
  expect([...aboveOthers(scores, own(100), 0.01)]).toEqual(fair);
  expect(tailThreshold(others, own(99), 0.01).threshold).toBeLessThan(10);
});

test('very few scores, very many, and scores that are all equal give an order statistic', () => {
  for (const count of [3, 12, 4000]) {
    const scores = drawn(count, 'order');
    expect(tailThreshold(scores, own(count), 0.01)).toMatchObject(conformalThreshold(scores, 0.01));
  }
  expect(tailThreshold(Array(60).fill(2), own(60), 0.01).threshold).toBe(2);
  expect(tailThreshold([], own(0), 0.01).guaranteed).toBe(1);
});

test.each([
  [3, 0.01, true],
  [60, 0.01, true],
  [245, 0.01, true],
  [2499, 0.01, true],
  [2500, 0.01, false],
  [245, 0.04, true],
  [245, 0.11, false],
  [12, 0.2, false],
])('set by %s for %s: the threshold is estimated: %s', (count, share, estimated) => {
  const scores = drawn(count, 'estimated');
  const set = tailThreshold(scores, own(count), share);
  expect(set.estimated).toBe(estimated);
  // What is counted is one of the scores.
  if (!estimated) expect(scores).toContain(set.threshold);
  // Copies make no photos.
  const groups = Int32Array.from({ length: 4 * count }, (_, i) => i % count);
  expect(tailThreshold([...scores, ...scores, ...scores, ...scores], groups, share).estimated).toBe(estimated);
});
