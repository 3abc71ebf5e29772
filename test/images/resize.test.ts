import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Kernel } from '../../src/images/preprocessing.ts';
import { resizePixels } from '../../src/images/resize.ts';
import { drawPixels, meanDifference } from './draw.ts';
import { pillow } from './pillow.ts';

const kernels: Kernel[] = ['nearest', 'bilinear', 'bicubic', 'lanczos3'];

describe('resizePixels', () => {
  // Pillow rounds and clips between its two passes, this only at the end: cubic and Lanczos overshoot there.
  test.each(pillow)('$from.width x $from.height to $to.width x $to.height, $kernel, is as Pillow has it', (known) => {
    const { data } = resizePixels(drawPixels(known.from.width, known.from.height), known.to, known.kernel);
    expect(meanDifference(data, known.pixels)).toBeLessThanOrEqual(known.kernel === 'nearest' ? 0 : 0.6);
  });

  const edge = fc.integer({ min: 1, max: 40 });
  const size = fc.record({ width: edge, height: edge });

  test.each(kernels)('%s: a plain surface stays plain, and the same size is the identity', (kernel) => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 255 }), (from, to, grey) => {
        const plain = { ...from, data: new Uint8Array(from.width * from.height * 3).fill(grey) };
        expect(resizePixels(plain, to, kernel).data).toEqual(new Uint8Array(to.width * to.height * 3).fill(grey));
        const drawn = drawPixels(from.width, from.height);
        expect(resizePixels(drawn, from, kernel)).toEqual(drawn);
      }),
    );
  });
});
