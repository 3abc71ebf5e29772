import { expect, test } from 'vitest';
import { crop } from '../../src/images/crop.ts';
import { distorted, drawDistortion, enlarged, type View } from '../../src/images/view.ts';
import type { Pixels } from '../../src/runtime/platform.ts';

const still: View = { number: 1, flip: false, crop: 0, scale: 0, brightness: 0, rotate: 0 };
const lively: View = { number: 1, flip: true, crop: 10, scale: 20, brightness: 30, rotate: 5 };
const content = (n: number) => n.toString(16).padStart(64, '0');

function drawn(width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i >> 6) * 31) % 200);
  return { width, height, data };
}

/** Left is red, right is blue; the upper part is bright. */
function quarters(size: number): Pixels {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) data[(y * size + x) * 3 + (x < size / 2 ? 0 : 2)] = y < size / 2 ? 200 : 100;
  return { width: size, height: size, data };
}
const at = ({ width, data }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

test('without distortions a view is the photo, crop and all', () => {
  const distortion = drawDistortion(still, content(1));
  const photo = drawn(41, 30);
  for (const size of [
    { width: 24, height: 20 },
    { width: 41, height: 30 },
  ])
    expect(distorted(photo, size, distortion).data).toEqual(crop(photo, size).data);
});

test('content and number decide what is drawn, and nothing else', () => {
  expect(drawDistortion(lively, content(1))).toEqual(drawDistortion({ ...lively }, content(1)));
  expect(drawDistortion(lively, content(1))).not.toEqual(drawDistortion(lively, content(2)));
  expect(drawDistortion(lively, content(1))).not.toEqual(drawDistortion({ ...lively, number: 2 }, content(1)));
});

test('what is drawn fills the range that was asked for, and stays in it', () => {
  const all = Array.from({ length: 2000 }, (_, i) => drawDistortion(lively, content(i)));
  const range = (values: number[]) => [Math.min(...values), Math.max(...values)];
  const expected: [(d: (typeof all)[number]) => number, number, number][] = [
    [({ zoom }) => zoom, 1.1, 1.32],
    [({ right }) => right, -0.05, 0.05],
    [({ down }) => down, -0.05, 0.05],
    [({ brightness }) => brightness, 0.7, 1.3],
    [({ angle }) => angle, -Math.PI / 36, Math.PI / 36],
  ];
  for (const [value, low, high] of expected) {
    const [least, most] = range(all.map(value));
    const slack = (high - low) / 50;
    expect(least).toBeGreaterThanOrEqual(low);
    expect(least).toBeLessThan(low + slack);
    expect(most).toBeLessThanOrEqual(high);
    expect(most).toBeGreaterThan(high - slack);
  }
  const flipped = all.filter(({ flip }) => flip).length;
  expect(Math.abs(flipped - 1000)).toBeLessThan(150);
});

test('the zoom is asked of the decoder, so that nothing is enlarged from small pixels', () => {
  const distortion = { ...drawDistortion(still, content(1)), zoom: 1.25 };
  const preprocessing = { kernel: 'bilinear', crop: { height: 224, width: 224 } } as const;
  const rest = {
    scale: 1,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    channels: 'rgb',
    layout: 'nchw',
    input: 'float32',
  } as const;
  const shortest = { ...preprocessing, ...rest, resize: { rule: 'shortest-edge', size: 256 } } as const;
  const squash = { ...preprocessing, ...rest, resize: { rule: 'squash', height: 100, width: 200 } } as const;
  expect(enlarged(shortest, distortion).resize).toEqual({ rule: 'shortest-edge', size: 320 });
  expect(enlarged(squash, distortion).resize).toEqual({ rule: 'squash', height: 125, width: 250 });
  expect(enlarged(shortest, undefined)).toEqual({ kernel: 'bilinear', resize: shortest.resize });
});

test('flips, brightens and turns', () => {
  const plain = drawDistortion(still, content(1));
  const photo = quarters(40);
  const size = { width: 20, height: 20 };
  expect(at(distorted(photo, size, plain), 2, 2)).toEqual([200, 0, 0]);
  expect(at(distorted(photo, size, { ...plain, flip: true }), 2, 2)).toEqual([0, 0, 200]);
  expect(at(distorted(photo, size, { ...plain, brightness: 0.5 }), 2, 2)).toEqual([100, 0, 0]);
  expect(at(distorted(photo, size, { ...plain, brightness: 2 }), 2, 2)).toEqual([255, 0, 0]);
  // A quarter turn clockwise brings what was below on the left to the upper left.
  expect(at(distorted(photo, size, { ...plain, angle: Math.PI / 2 }), 2, 2)).toEqual([100, 0, 0]);
  expect(at(distorted(photo, size, { ...plain, right: 0.4 }), 2, 2)).toEqual([0, 0, 200]);
});
