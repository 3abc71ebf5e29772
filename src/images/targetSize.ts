/** The size after resizing. */

import type { Kernel, Resize } from './preprocessing.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** For pictures that people look at: shrunk to this long edge, never enlarged. */
export interface LongestEdge {
  readonly rule: 'longest-edge';
  readonly size: number;
}

/** For what a classifier's own graph resizes: shrunk to this short edge, never enlarged. */
export interface Bounded {
  readonly rule: 'at-most';
  readonly size: number;
}

/** How a whole photo is resized. */
export interface Resizing {
  readonly resize: Resize | LongestEdge | Bounded;
  readonly kernel: Kernel;
}

/**
 * The size of a whole photo after resizing, before the crop. With `shortest-edge` the long edge is
 * floor(size * long / short), as Hugging Face and torchvision have it.
 * @param width of the upright photo, in pixels
 */
export function targetSize(width: number, height: number, resize: Resizing['resize']): Size {
  if (resize.rule === 'longest-edge') {
    const shrink = Math.min(1, resize.size / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * shrink)), height: Math.max(1, Math.round(height * shrink)) };
  }
  if (resize.rule === 'squash') return { width: resize.width, height: resize.height };
  if (resize.rule === 'contain') {
    const inside = (edge: number, limit: number, other: number, otherLimit: number): number =>
      limit * other <= otherLimit * edge
        ? limit
        : Math.max(1, Math.floor((2 * edge * otherLimit + other) / (2 * other)));
    return {
      width: inside(width, resize.width, height, resize.height),
      height: inside(height, resize.height, width, resize.width),
    };
  }
  const short = Math.min(width, height);
  const size = resize.rule === 'at-most' ? Math.min(resize.size, short) : resize.size;
  return { width: Math.floor((size * width) / short), height: Math.floor((size * height) / short) };
}

/** No strip becomes larger than this: one that is 1 pixel high would become gigabytes. A panorama of 1:60 stays whole. */
const maxResizedPixels = 2 ** 22;

/** A part of a photo, in its own pixels. */
export interface Region extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * What of a photo is resized: all of it, unless it is a strip so long that no memory would hold it with its short edge at
 * the wanted size; then the middle of it, which is many times as long as any crop.
 */
export function resizedRegion(width: number, height: number, resize: Resizing['resize']): Region {
  const size = targetSize(width, height, resize);
  if (resize.rule !== 'shortest-edge' || size.width * size.height <= maxResizedPixels)
    return { left: 0, top: 0, width, height };
  const short = Math.min(width, height);
  const edge = Math.min(size.width, size.height);
  const kept = (length: number): number => {
    const most = Math.max(1, Math.floor((short * maxResizedPixels) / edge ** 2));
    // As many pixels go at either end.
    return length <= most ? length : most - ((length - most) % 2);
  };
  const part = { width: kept(width), height: kept(height) };
  return { ...part, left: (width - part.width) / 2, top: (height - part.height) / 2 };
}
