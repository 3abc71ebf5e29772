/** The centre crop. */

import type { Pixels } from '../runtime/platform.ts';
import type { Preprocessing } from './preprocessing.ts';

/** Where a centred part of `crop` pixels begins in `size` pixels: floor((size - crop) / 2), negative if it is larger. */
export function cropOffset(size: number, crop: number): number {
  return Math.floor((size - crop) / 2);
}

/** Mirrors left and right. */
export function mirrored({ width, height, data }: Pixels): Pixels {
  const out = new Uint8Array(data.length);
  for (let row = 0, to = 0; row < height; row++)
    for (let from = ((row + 1) * width - 1) * 3; from >= row * width * 3; from -= 3, to += 3)
      out.set(data.subarray(from, from + 3), to);
  return { width, height, data: out };
}

/** What a network sees of a photo that is resized: its centre, mirrored where that is asked for. */
export function seenBy(pixels: Pixels, { crop: size, mirror }: Pick<Preprocessing, 'crop' | 'mirror'>): Pixels {
  const seen = crop(pixels, size);
  return mirror ? mirrored(seen) : seen;
}

/**
 * The centre part of a photo. Where the part is larger than the photo, black surrounds the photo, as in torchvision
 * and Hugging Face (`center_crop` pads with zeros).
 */
export function crop(pixels: Pixels, { height, width }: Preprocessing['crop']): Pixels {
  if (pixels.height === height && pixels.width === width) return pixels;
  const top = cropOffset(pixels.height, height);
  const left = cropOffset(pixels.width, width);
  const from = Math.max(0, left);
  const to = Math.min(pixels.width, left + width);
  const data = new Uint8Array(height * width * 3);
  for (let row = Math.max(0, -top); row < height && row + top < pixels.height; row++) {
    const start = (row + top) * pixels.width;
    data.set(pixels.data.subarray((start + from) * 3, (start + to) * 3), (row * width + from - left) * 3);
  }
  return { width, height, data };
}
