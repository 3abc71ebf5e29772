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
  const row = new Float64Array(count);
  let most = 1;
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to;
    const start = Math.min(Math.max(0, Math.floor(centre - radius * stretch)), from - count);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      row[k] = at(Math.abs(start + k + 0.5 - centre) / stretch);
      sum += row[k];
    }
    let [low, high] = [0, count];
    while (low < high - 1 && row[low] === 0) low++;
    while (high > low + 1 && row[high - 1] === 0) high--;
    first[i] = start + low;
    for (let k = low; k < high; k++) weights[i * count + k - low] = row[k] / sum;
    most = Math.max(most, high - low);
  }
  return narrowed({ first, count, weights }, most, from);
}

/** The same with `count` taps, more than which nowhere weigh anything. */
function narrowed(wide: Taps, count: number, from: number): Taps {
  const first = wide.first.map((start) => Math.min(start, from - count));
  const weights = new Float32Array(first.length * count);
  for (let i = 0; i < first.length; i++) {
    const shift = wide.first[i] - first[i];
    for (let k = 0; k + shift < count; k++) weights[i * count + k + shift] = wide.weights[i * wide.count + k];
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
  const stride = to.width * 3;
  const middle = new Float32Array(height * stride);
  const { count, first, weights } = across;
  for (let y = 0, out = 0; y < height; y++)
    for (let x = 0, w = 0; x < to.width; x++) {
      let at = (y * width + first[x]) * 3;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let k = 0; k < count; k++, w++, at += 3) {
        const weight = weights[w];
        r += weight * data[at];
        g += weight * data[at + 1];
        b += weight * data[at + 2];
      }
      middle[out++] = r;
      middle[out++] = g;
      middle[out++] = b;
    }
  // A clamped array rounds half to even, as the graph's Round does.
  const resized = new Uint8ClampedArray(to.height * stride);
  for (let y = 0, out = 0; y < to.height; y++) {
    const start = down.first[y] * stride;
    const from = y * down.count;
    const own = down.weights.subarray(from, from + down.count);
    for (let x = 0; x < stride; x++, out++) {
      // In single precision, as the graph has it.
      let sum = 0;
      for (let k = 0, at = start + x; k < own.length; k++, at += stride) sum = Math.fround(sum + own[k] * middle[at]);
      resized[out] = sum;
    }
  }
  return { ...to, data: new Uint8Array(resized.buffer) };
}
