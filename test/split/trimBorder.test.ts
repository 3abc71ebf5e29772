import { expect, test } from 'vitest';
import { cellsAcross } from '../../src/images/greyCells.ts';
import { perceptualHash } from '../../src/images/perceptualHash.ts';
import { hashDistance, hashRadius, parseHashes } from '../../src/split/hashNeighbours.ts';
import { trimBorder } from '../../src/split/trimBorder.ts';
import { drawScene, framed, shoot } from './scenes.ts';

const hashOf = (cells: Uint8Array) => perceptualHash(Float64Array.from(cells));
const bits = (a: string, b: string) => hashDistance(parseHashes([a, b]), 0, 1);

test.each([
  ['a screenshot', { left: 0.04, right: 0.04, top: 0.12, bottom: 0.06 }, 242],
  ['a letterbox', { left: 0, right: 0, top: 0.15, bottom: 0.15 }, 0],
  ['a frame', { left: 0.1, right: 0.1, top: 0.1, bottom: 0.1 }, 255],
  ['bars at the sides', { left: 0.22, right: 0.2, top: 0, bottom: 0 }, 0],
])('the border of %s is cut off: what is left is nearly the photo', (_, border, grey) => {
  for (let seed = 0; seed < 6; seed++) {
    const photo = shoot(drawScene(seed));
    const bordered = framed(photo, border, grey);
    const found = trimBorder(bordered);
    expect(found?.aspect).toBeCloseTo(photo.aspect, 1);
    expect(bits(found?.hash ?? '', hashOf(photo.cells))).toBeLessThanOrEqual(hashRadius);
    // Scenes vary by about 40 grey levels.
    const off = Array.from(photo.cells, (value, at) => Math.abs(value - (found?.cells[at] ?? 0)));
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(10);
  }
});

test('a photo without a border, and a plain one, stay as they are', () => {
  for (let seed = 0; seed < 20; seed++) expect(trimBorder(shoot(drawScene(seed)))).toBeUndefined();
  expect(trimBorder({ cells: new Uint8Array(cellsAcross ** 2).fill(200), aspect: 1 })).toBeUndefined();
  // A small thing on white: more than half is plain, and is the picture.
  const small = framed(shoot(drawScene(1)), { left: 0.6, right: 0.6, top: 0.6, bottom: 0.6 }, 255);
  expect(trimBorder(small)).toBeUndefined();
});
