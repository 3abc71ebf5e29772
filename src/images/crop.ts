/** The centre crop. */

import type { Pixels } from '../runtime/platform.ts';
import type { Preprocessing } from './preprocessing.ts';

/** Where a centred part of `crop` pixels begins in `size` pixels: floor((size - crop) / 2), negative if it is larger. */
export function cropOffset(size: number, crop: number): number {
  return Math.floor((size - crop) / 2);
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
