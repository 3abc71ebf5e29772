/** Pillow's resize, where sharp's differs. */

import type { Pixels } from '../runtime/platform.ts';
import type { Kernel } from './preprocessing.ts';
import type { Size } from './targetSize.ts';

/** For each output place, the first input place it reads and its weights, which sum to 1. */
interface Taps {
  readonly first: Int32Array;
  readonly count: number;
  readonly weights: Float32Array;
}

const kernels: Readonly<Record<Exclude<Kernel, 'nearest'>, { radius: number; at: (distance: number) => number }>> = {
  bilinear: { radius: 1, at: (t) => Math.max(0, 1 - t) },
  // Keys (1981) with a = -0.5.
  bicubic: {
    radius: 2,
    at: (t) => (t < 1 ? (1.5 * t - 2.5) * t * t + 1 : t < 2 ? -0.5 * (((t - 5) * t + 8) * t - 4) : 0),
  },
  lanczos3: { radius: 3, at: (t) => (t < 3 ? sinc(t) * sinc(t / 3) : 0) },
};

function sinc(t: number): number {
  return t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
}

function taps(from: number, to: number, kernel: Kernel): Taps {
  const step = from / to;
  if (kernel === 'nearest')
    return {
      first: Int32Array.from({ length: to }, (_, i) => Math.floor(((i + 0.5) * from) / to)),
      count: 1,
      weights: new Float32Array(to).fill(1),
    };
  const { radius, at } = kernels[kernel];
  const stretch = Math.max(1, step);
  const count = Math.min(from, Math.ceil(2 * radius * stretch) + 1);
  const first = new Int32Array(to);
  const weights = new Float32Array(to * count);
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to;
    first[i] = Math.min(Math.max(0, Math.floor(centre - radius * stretch)), from - count);
    const row = Array.from({ length: count }, (_, k) => at(Math.abs(first[i] + k + 0.5 - centre) / stretch));
    const sum = row.reduce((total, weight) => total + weight, 0);
    weights.set(
      row.map((weight) => weight / sum),
      i * count,
    );
  }
  return { first, count, weights };
}

/**
 * Resizes as Pillow's `Image.resize` and Carafe's own graph do: centres aligned, anti-aliased when it shrinks, rounded
 * once at the end. For enlarging, and for `nearest`: sharp enlarges half a pixel off (4 of 255 from Pillow), and
 * averages before it takes the nearest. For the rest sharp is as good and faster.
 */
export function resizePixels({ width, height, data }: Pixels, to: Size, kernel: Kernel): Pixels {
  const across = taps(width, to.width, kernel);
  const down = taps(height, to.height, kernel);
  const middle = new Float32Array(height * to.width * 3);
  for (let y = 0, out = 0; y < height; y++)
    for (let x = 0, w = 0; x < to.width; x++) {
      let at = (y * width + across.first[x]) * 3;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < across.count; k++, w++, at += 3) {
        const weight = across.weights[w];
        r += weight * data[at];
        g += weight * data[at + 1];
        b += weight * data[at + 2];
      }
      middle[out++] = r;
      middle[out++] = g;
      middle[out++] = b;
    }
  const stride = to.width * 3;
  const resized = new Uint8ClampedArray(to.height * stride);
  const row = new Float32Array(stride);
  for (let y = 0; y < to.height; y++) {
    row.fill(0);
    for (let k = 0; k < down.count; k++) {
      const weight = down.weights[y * down.count + k];
      const start = (down.first[y] + k) * stride;
      if (weight !== 0) for (let x = 0; x < stride; x++) row[x] += weight * middle[start + x];
    }
    // A clamped array rounds half to even, as the graph's Round does.
    resized.set(row, y * stride);
  }
  return { ...to, data: new Uint8Array(resized.buffer) };
}
