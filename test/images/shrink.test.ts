import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePhoto } from '../../src/images/decode.node.ts';
import { shrinkPixels } from '../../src/images/shrink.ts';
import { Random } from '../../src/numerics/random.ts';
import type { Pixels } from '../../src/runtime/platform.ts';
import { drawPixels } from './draw.ts';

const kernels = ['bilinear', 'bicubic', 'lanczos3'] as const;

function noise(width: number, height: number): Pixels {
  const random = new Random(`${width} ${height}`);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random.int(256)) };
}

async function bySharp({ width, height, data }: Pixels, to: { width: number; height: number }, kernel: string) {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  const resize = { rule: 'squash', ...to } as const;
  return new Uint8Array((await decodePhoto(png, { resize, kernel: kernel as (typeof kernels)[number] })).pixels.data);
}

test.each(kernels)('%s: a page shrinks to the very bytes that Node has', async (kernel) => {
  const length = fc.integer({ min: 1, max: 300 });
  const share = fc.double({ min: 0.02, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(length, length, share, share, async (width, height, across, down) => {
      const to = { width: Math.ceil(width * across), height: Math.ceil(height * down) };
      const pixels = noise(width, height);
      expect(shrinkPixels(pixels, to, kernel).data).toEqual(await bySharp(pixels, to, kernel));
    }),
    { numRuns: 25 },
  );
});

test.each(kernels)('%s: a large photo, shrunk by boxes first, is the same, too', async (kernel) => {
  const pixels = drawPixels(1601, 1203);
  const to = { width: 255, height: 192 };
  expect(shrinkPixels(pixels, to, kernel).data).toEqual(await bySharp(pixels, to, kernel));
});
