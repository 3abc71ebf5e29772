import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { greyCells } from '../../src/images/greyCells.ts';
import { perceptualHash } from '../../src/images/perceptualHash.ts';
import { resizePixels } from '../../src/images/resize.ts';
import type { Pixels } from '../../src/runtime/platform.ts';
import { decodeWhole, drawPixels, drawScene, picture } from './draw.ts';

const hashOf = (pixels: Pixels): string => perceptualHash(greyCells(pixels));

/** In how many of their 64 bits two hashes differ. */
function hammingDistance(a: string, b: string): number {
  return (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll('0', '').length;
}

describe('perceptualHash', () => {
  const scene = drawScene(341, 256);
  const hash = hashOf(scene);

  test('is 16 hex digits, of photos of any size', () => {
    const edge = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(edge, edge, (width, height) => {
        expect(hashOf(drawPixels(width, height))).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
  });

  test('hardly changes with size, JPEG compression, brightness and contrast', async () => {
    const smaller = resizePixels(scene, { width: 200, height: 150 }, 'bilinear');
    expect(hammingDistance(hash, hashOf(smaller))).toBeLessThanOrEqual(4);
    const decoded = await decodeWhole(await picture(scene).jpeg({ quality: 40 }).toBuffer());
    expect(hammingDistance(hash, hashOf(decoded))).toBeLessThanOrEqual(4);
    const faded = { ...scene, data: scene.data.map((value) => 20 + value * 0.8) };
    expect(hammingDistance(hash, hashOf(faded))).toBeLessThanOrEqual(4);
  });

  test('differs for another picture and for the mirrored one', () => {
    expect(hammingDistance(hash, hashOf(drawPixels(341, 256)))).toBeGreaterThan(16);
    const mirrored = scene.data.map((_, at) => {
      const [pixel, channel] = [Math.floor(at / 3), at % 3];
      const [x, y] = [pixel % 341, Math.floor(pixel / 341)];
      return scene.data[(y * 341 + 340 - x) * 3 + channel];
    });
    expect(hammingDistance(hash, hashOf({ ...scene, data: mirrored }))).toBeGreaterThan(16);
  });

  test('a plain surface has no bits of chance', () => {
    fc.assert(
      fc.property(fc.nat(255), (grey) => {
        const data = new Uint8Array(50 * 41 * 3).fill(grey);
        expect(hashOf({ width: 50, height: 41, data })).toBe('0'.repeat(16));
      }),
    );
  });
});
