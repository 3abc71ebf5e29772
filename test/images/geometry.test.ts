import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crop, cropOffset } from '../../src/images/crop.ts';
import { targetSize } from '../../src/images/targetSize.ts';
import { drawPixels } from './draw.ts';

const side = fc.integer({ min: 1, max: 4000 });

describe('targetSize', () => {
  test.each([
    [500, 375, 256, 341, 256],
    [375, 500, 256, 256, 341],
    [300, 300, 256, 256, 256],
    [1, 1000, 224, 224, 224_000],
    [3024, 4032, 224, 224, 298],
  ])('%i x %i to a short edge of %i is %i x %i', (width, height, size, w, h) => {
    expect(targetSize(width, height, { rule: 'shortest-edge', size })).toEqual({ width: w, height: h });
  });

  test('squash sets both edges', () => {
    expect(targetSize(500, 30, { rule: 'squash', width: 7, height: 9 })).toEqual({ width: 7, height: 9 });
  });

  test('the short edge is met, the long one is floored, turning the photo turns the result', () => {
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 600 }), (width, height, size) => {
        const resize = { rule: 'shortest-edge', size } as const;
        const to = targetSize(width, height, resize);
        expect(Math.min(to.width, to.height)).toBe(size);
        const exact = (size * Math.max(width, height)) / Math.min(width, height);
        expect(exact - Math.max(to.width, to.height)).toBeGreaterThanOrEqual(0);
        expect(exact - Math.max(to.width, to.height)).toBeLessThan(1);
        expect(targetSize(height, width, resize)).toEqual({ width: to.height, height: to.width });
        // What has its size already keeps it, so that a resized photo passes the exported file unchanged.
        expect(targetSize(to.width, to.height, resize)).toEqual(to);
      }),
    );
  });
});

describe('contain', () => {
  test('the photo lies inside and touches an edge, its proportions are those of the photo, and it keeps its size', () => {
    const edge = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(side, side, edge, edge, (width, height, toWidth, toHeight) => {
        const resize = { rule: 'contain', width: toWidth, height: toHeight } as const;
        const to = targetSize(width, height, resize);
        expect(to.width <= toWidth && to.height <= toHeight && to.width > 0 && to.height > 0).toBe(true);
        expect(to.width === toWidth || to.height === toHeight).toBe(true);
        const scale = Math.min(toWidth / width, toHeight / height);
        expect(Math.abs(to.width - Math.max(1, width * scale))).toBeLessThanOrEqual(0.5 + 1e-9);
        expect(Math.abs(to.height - Math.max(1, height * scale))).toBeLessThanOrEqual(0.5 + 1e-9);
      }),
    );
  });

  test.each([
    [640, 480, 224, 168],
    [480, 640, 168, 224],
    [20, 400, 11, 224],
    [1, 5000, 1, 224],
    [224, 168, 224, 168],
  ])('%i x %i inside 224 x 224 is %i x %i', (width, height, w, h) => {
    expect(targetSize(width, height, { rule: 'contain', width: 224, height: 224 })).toEqual({ width: w, height: h });
  });
});

describe('crop', () => {
  test.each([
    [5, 3, 1],
    [6, 3, 1],
    [3, 3, 0],
    [3, 6, -2],
    [3, 5, -1],
  ])('of %i pixels keeps %i from %i on', (size, kept, offset) => {
    expect(cropOffset(size, kept)).toBe(offset);
  });

  test('is the centre, and black where the photo does not reach', () => {
    const edge = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(edge, edge, edge, edge, (width, height, toWidth, toHeight) => {
        const pixels = drawPixels(width, height);
        const { data, ...size } = crop(pixels, { width: toWidth, height: toHeight });
        expect(size).toEqual({ width: toWidth, height: toHeight });
        for (let y = 0; y < toHeight; y++)
          for (let x = 0; x < toWidth; x++) {
            const [fromX, fromY] = [x + cropOffset(width, toWidth), y + cropOffset(height, toHeight)];
            const inside = fromX >= 0 && fromX < width && fromY >= 0 && fromY < height;
            const from = (fromY * width + fromX) * 3;
            const at = (y * toWidth + x) * 3;
            expect([...data.subarray(at, at + 3)]).toEqual(
              inside ? [...pixels.data.subarray(from, from + 3)] : [0, 0, 0],
            );
          }
      }),
    );
  });
});
