/** The size after resizing. */

import { ImageError } from '../errors.ts';
import type { Resize } from './preprocessing.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** For pictures that people look at: shrunk to this long edge, never enlarged. */
export interface LongestEdge {
  readonly rule: 'longest-edge';
  readonly size: number;
}

/**
 * The size of a whole photo after resizing, before the crop. With `shortest-edge` the long edge is
 * floor(size * long / short), as Hugging Face and torchvision have it.
 * @param width of the upright photo, in pixels
 */
export function targetSize(width: number, height: number, resize: Resize | LongestEdge): Size {
  if (resize.rule === 'longest-edge') {
    const shrink = Math.min(1, resize.size / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
  }
  if (resize.rule === 'squash') return { width: resize.width, height: resize.height };
  const { size } = resize;
  const short = Math.min(width, height);
  return { width: Math.floor((size * width) / short), height: Math.floor((size * height) / short) };
}

/** No photo is enlarged beyond this: a strip 1 pixel high would become gigabytes. */
const maxResizedPixels = 2 ** 26;

/**
 * As `targetSize`, for a photo whose shape nobody has looked at.
 * @throws ImageError TOO_LARGE
 */
export function boundedTargetSize(width: number, height: number, resize: Resize | LongestEdge): Size {
  const size = targetSize(width, height, resize);
  if (size.width * size.height <= maxResizedPixels) return size;
  throw new ImageError('TOO_LARGE', `${width} x ${height} pixels is too long a strip to resize`);
}
