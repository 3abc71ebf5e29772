import { expect, test } from 'vitest';
import { fitNoise } from '../../src/doctor/labelNoise.ts';
import { Random } from '../../src/numerics/random.ts';
import type { Matrix } from '../../src/runtime/platform.ts';

const classes = 4;

/** Logits whose probabilities, at temperature 1, are those of the right labels; some labels are then made wrong. */
function drawn({ photos = 1500, spread = 2.5, sharper = 1, wrong = 0, seed = 'noise' } = {}): {
  logits: Matrix;
  labels: Int32Array;
} {
  const random = new Random(seed);
  const data = Float32Array.from({ length: photos * classes }, () => spread * random.normal());
  const labels = Int32Array.from({ length: photos }, (_, row) => {
    const own = data.subarray(row * classes, (row + 1) * classes);
    const masses = Array.from(own, Math.exp);
    let left = random.uniform() * masses.reduce((a, b) => a + b, 0);
    let label = 0;
    while (label < classes - 1 && left > (masses[label] ?? 0)) left -= masses[label++] ?? 0;
    return row < wrong ? (label + 1 + random.int(classes - 1)) % classes : label;
  });
  return { logits: { rows: photos, columns: classes, data: data.map((value) => sharper * value) }, labels };
}

const fitted = (options?: Parameters<typeof drawn>[0]) => {
  const { logits, labels } = drawn(options);
  return fitNoise(logits, labels);
};

test('hard photos with right labels are no noise, however far the model overrates itself', () => {
  for (const sharper of [1, 3]) {
    const { share, temperature } = fitted({ sharper });
    expect(share?.low).toBe(0);
    expect(share?.value).toBeLessThan(0.01);
    expect(share?.high).toBeLessThan(0.04);
    expect(Math.abs(Math.log(temperature / sharper))).toBeLessThan(0.25);
  }
});

test.each([15, 75, 150])('%i wrong labels of 1,500 are counted among the hard ones', (wrong) => {
  const { share } = fitted({ wrong, sharper: 2 });
  expect(share?.low).toBeLessThanOrEqual(wrong / 1500);
  expect(share?.high).toBeGreaterThanOrEqual(wrong / 1500);
  expect(Math.abs((share?.value ?? 1) - wrong / 1500)).toBeLessThan(0.015);
});

test('the interval holds in nearly all draws', () => {
  const held = Array.from({ length: 40 }, (_, draw) => {
    const { share } = fitted({ photos: 400, wrong: 12, seed: `draw ${draw}` });
    return Number(share !== undefined && share.low <= 0.03 && share.high >= 0.03);
  });
  expect(held.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(37);
});

test('classes that most of their photos are not taken for are named; with fewer than two others there is no figure', () => {
  const { logits, labels } = drawn();
  for (const [row, label] of labels.entries()) if (label === 1) logits.data[row * classes + 1] = -20;
  expect(fitNoise(logits, labels).recognised).toEqual([true, false, true, true]);
  for (const [row] of labels.entries()) logits.data[row * classes + 3] = 50;
  const { share, recognised } = fitNoise(logits, labels);
  expect(share).toBeUndefined();
  expect(recognised).toEqual([false, false, false, true]);
});

test('photos of which nothing is known are left out', () => {
  const { logits, labels } = drawn({ photos: 200 });
  logits.data.fill(Number.NaN, 0, 400);
  const { share, temperature } = fitNoise(logits, labels);
  expect(share?.value).toBeLessThan(0.1);
  expect(temperature).toBeGreaterThan(0);
});
