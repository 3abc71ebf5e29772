/** Shrinks pixels in libvips's arithmetic, so that a page sees the same pixels as Node. */

import type { Pixels } from '../runtime/platform.ts';
import type { Kernel } from './preprocessing.ts';
import type { Size } from './targetSize.ts';

type Smooth = Exclude<Kernel, 'nearest'>;

/** As libvips writes them: weights are cut to whole numbers, so that the last bit of a product counts. */
const kernels: Readonly<Record<Smooth, { radius: number; at: (distance: number) => number }>> = {
  bilinear: { radius: 1, at: (t) => Math.max(0, 1 - t) },
  // Keys (1981) with a = -0.5.
  bicubic: {
    radius: 2,
    at: (t) => {
      const [square, cube] = [t * t, t * (t * t)];
      return t <= 1 ? (9 * cube - 15 * square + 6) / 6 : t <= 2 ? (-3 * cube + 15 * square - 24 * t + 12) / 6 : 0;
    },
  },
  lanczos3: { radius: 3, at: (t) => (t <= 3 ? sinc(t) * sinc(t / 3) : 0) },
};

function sinc(t: number): number {
  return t === 0 ? 1 : Math.sin(Math.PI * t) / (Math.PI * t);
}

/** Weights are whole numbers of 1/4096. */
const weightBits = 12;
/** Places between two pixels for which there are weights. */
const places = 64;
/** Boxes are averaged first, until no more than this is left for the kernel. */
const boxGap = 2;

/** Bytes seen along one axis of a picture: `outer` blocks of `length` runs of `inner` bytes. */
interface Axis {
  readonly data: Uint8Array;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Output runs whose places are counted on from the first of them. */
  readonly inARow: number;
}

/** libvips hands rows on ten at a time. */
const rowsAtOnce = 10;

/**
 * As sharp shrinks with `fit: 'fill'` and no shrink-on-load: first down, then across; boxes are averaged to twice the size
 * and more, then the kernel is applied in fixed point at the nearest of 64 places; bytes in between.
 * @param to no larger than the pixels on either side
 */
export function shrinkPixels({ width, height, data }: Pixels, to: Size, kernel: Smooth): Pixels {
  const rows = shrunk({ data, outer: 1, length: height, inner: 3 * width, inARow: rowsAtOnce }, to.height, kernel);
  const across = { data: rows, outer: to.height, length: width, inner: 3, inARow: to.width };
  return { ...to, data: shrunk(across, to.width, kernel) };
}

function shrunk(axis: Axis, to: number, kernel: Smooth): Uint8Array {
  // Twice the inverse, as it is handed down: only so do the same sums come out.
  const whole = 1 / (1 / (axis.length / to));
  const extra = to * whole - axis.length;
  const by = Math.max(1, Math.floor(axis.length / to / boxGap));
  const boxes = by > 1 ? averaged(axis, by) : axis;
  const shrink = whole / by;
  return shrink === 1 ? boxes.data : reduced(boxes, to, kernel, shrink, extra / by);
}

/** Means of `by` runs; where the last box has fewer, its last run is repeated. */
function averaged({ data, outer, length, inner, inARow }: Axis, by: number): Axis {
  const count = Math.ceil(length / by);
  const out = new Uint8Array(outer * count * inner);
  const sums = new Uint32Array(inner);
  const multiplier = Math.floor(2 ** 24 / by);
  for (let block = 0, to = 0; block < outer; block++)
    for (let box = 0; box < count; box++, to += inner) {
      sums.fill(by >> 1);
      for (let k = 0; k < by; k++) {
        const from = (block * length + Math.min(length - 1, box * by + k)) * inner;
        for (let x = 0; x < inner; x++) sums[x] += data[from + x];
      }
      for (let x = 0; x < inner; x++) out[to + x] = Math.imul(sums[x], multiplier) >>> 24;
    }
  return { data: out, outer, length: count, inner, inARow };
}

/** @param extra pixels that `to` times `shrink` has more than there are */
function reduced(
  { data, outer, length, inner, inARow }: Axis,
  to: number,
  kernel: Smooth,
  shrink: number,
  extra: number,
): Uint8Array {
  const { radius } = kernels[kernel];
  const count = 2 * halfToEven(radius * shrink) + 1;
  const weights = weightsOf(kernel, count, shrink);
  const before = Math.ceil(count / 2) - 1;
  const offset = (1 + extra) / 2 - 1;
  const out = new Uint8Array(outer * to * inner);
  const sums = new Int32Array(inner);
  for (let block = 0, at = 0; block < outer; block++)
    for (let i = 0, centre = 0; i < to; i++, at += inner) {
      // Each is the one before it and a step: what so rounds may be the next of the 64 places.
      centre = i % inARow === 0 ? (i + 0.5) * shrink - 0.5 - offset : centre + shrink;
      const first = Math.trunc(centre) - before;
      const place = ((Math.trunc(centre * places * 2) & (2 * places - 1)) + 1) >> 1;
      sums.fill(1 << (weightBits - 1));
      for (let k = 0; k < count; k++) {
        const weight = weights[place * count + k];
        const from = (block * length + Math.min(length - 1, Math.max(0, first + k))) * inner;
        for (let x = 0; x < inner; x++) sums[x] += weight * data[from + x];
      }
      for (let x = 0; x < inner; x++) out[at + x] = Math.min(255, Math.max(0, sums[x] >> weightBits));
    }
  return out;
}

/** The weights of each place, a row each: what they sum to is not mended, as libvips does not. */
function weightsOf(kernel: Smooth, count: number, shrink: number): Int16Array {
  const { at } = kernels[kernel];
  const weights = new Int16Array((places + 1) * count);
  const own = new Float64Array(count);
  for (let place = 0; place <= places; place++) {
    const half = place / places + count / 2 - 1;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      own[k] = at(Math.abs(k - half) / shrink);
      sum += own[k];
    }
    for (let k = 0; k < count; k++) weights[place * count + k] = Math.trunc((own[k] / sum) * 2 ** weightBits);
  }
  return weights;
}

function halfToEven(value: number): number {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low & 1) : Math.round(value);
}
