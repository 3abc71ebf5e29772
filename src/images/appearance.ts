/** How a photo came out: sharpness, light, clipping, colours, border. */

import * as z from 'zod';
import type { Pixels } from '../runtime/platform.ts';

/** What its pixels are like, whatever they show. */
export const photoAppearance = z.object({
  /** How fine its finest parts are, of 16: 1 where everything is smooth, about 4 at sharp edges. */
  sharpness: z.number(),
  /** 99th percentile of its grey values, 0 to 255: what is nearly the brightest in it. */
  brightest: z.number(),
  /** Share of the middle (half its width and height) where at least two colours are at their limit. */
  blown: z.number(),
  /** How many of 32,768 colours make up 95% of it. */
  colours: z.number(),
  /** Mean red, green and blue, 0 to 255. */
  mean: z.tuple([z.number(), z.number(), z.number()]),
  /** Share of it that is perfectly even: squares of 8 pixels in which nothing changes. */
  even: z.number(),
  /** The colour of its outermost pixels, where they are all of one. */
  border: z.enum(['none', 'white', 'black', 'other']),
});
export type PhotoAppearance = z.infer<typeof photoAppearance>;

/** Sharpness is measured on a photo of at most so many pixels along its shorter side, so that sizes can be compared. */
const sharpEdge = 128;
const block = 16;
/** Differences of neighbours, and of pixels this far apart. */
const lag = 4;
/** The share of blocks that is sharper than the figure: a photo is sharp where its subject is. */
const sharpest = 0.1;
/** What noise adds to a squared difference, so that even parts do not count as sharp. */
const noise = 50 / lag;
/** A colour at its limit; JPEG leaves it a little below. */
const limit = 253;
const share = 0.95;
const square = 8;
/** Within a square or a border, values that differ by no more than this are equal. */
const evenRange = 3;
const borderRange = 16;

/** All of it, of a whole photo as it was decoded. */
export function appearanceOf(pixels: Pixels): PhotoAppearance {
  const grey = greyOf(pixels);
  return {
    sharpness: rounded(16 * sharpnessOf(shrunk(grey, pixels.width, pixels.height))),
    brightest: percentile99(grey),
    blown: rounded(blownShare(pixels)),
    ...coloursOf(pixels),
    even: rounded(evenShare(grey, pixels.width, pixels.height)),
    border: borderOf(pixels),
  };
}

function rounded(value: number): number {
  return Math.round(1000 * value) / 1000;
}

/** ITU-R 601. */
function greyOf({ width, height, data }: Pixels): Float32Array {
  const grey = new Float32Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3)
    grey[i] = 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
  return grey;
}

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** The mean of each cell, first along rows, then along columns; a small photo stays as it is. */
function shrunk(grey: Float32Array, width: number, height: number): Grey {
  const factor = sharpEdge / Math.min(width, height);
  if (factor >= 1) return { width, height, data: grey };
  const [wide, high] = [Math.round(width * factor), Math.round(height * factor)];
  const rows = new Float32Array(wide * height);
  averaged(grey, width, wide, height, 1, width, rows, 1, wide);
  const data = new Float32Array(wide * high);
  averaged(rows, height, high, wide, wide, 1, data, wide, 1);
  return { width: wide, height: high, data };
}

/** Lines of `from` values become lines of `to` means; a step leads along a line, a stride to the next line. */
function averaged(
  source: Float32Array,
  from: number,
  to: number,
  lines: number,
  step: number,
  stride: number,
  target: Float32Array,
  targetStep: number,
  targetStride: number,
): void {
  for (let cell = 0; cell < to; cell++) {
    const [low, high] = [(cell * from) / to, ((cell + 1) * from) / to];
    const first = Math.floor(low);
    const last = Math.min(from, Math.ceil(high));
    for (let line = 0; line < lines; line++) {
      let sum = 0;
      for (let i = first; i < last; i++)
        sum += source[line * stride + i * step] * (Math.min(high, i + 1) - Math.max(low, i));
      target[line * targetStride + cell * targetStep] = sum / (high - low);
    }
  }
}

/**
 * Squared differences of neighbours against those of pixels four apart: a sharp edge gives a quarter, a slope a sixteenth. The
 * figure is that of the block which a tenth of all blocks exceed, so a blurred background does not count.
 */
function sharpnessOf({ width, height, data }: Grey): number {
  const [across, down] = [Math.max(1, Math.floor(width / block)), Math.max(1, Math.floor(height / block))];
  const near = new Float64Array(across * down);
  const far = new Float64Array(across * down);
  for (let y = 0; y < Math.min(height, down * block); y++)
    for (let x = 0; x < Math.min(width, across * block); x++) {
      const own = Math.min(down - 1, Math.floor(y / block)) * across + Math.min(across - 1, Math.floor(x / block));
      const at = y * width + x;
      if (x + lag < width) {
        near[own] += (data[at + 1] - data[at]) ** 2;
        far[own] += (data[at + lag] - data[at]) ** 2;
      }
      if (y + lag < height) {
        near[own] += (data[at + width] - data[at]) ** 2;
        far[own] += (data[at + lag * width] - data[at]) ** 2;
      }
    }
  const ratios = near.map((value, i) => value / (far[i] + noise * block * block)).sort();
  return ratios[Math.max(0, Math.ceil(ratios.length * (1 - sharpest)) - 1)];
}

function percentile99(grey: Float32Array): number {
  const counts = new Uint32Array(256);
  for (const value of grey) counts[Math.round(value)]++;
  let left = grey.length * 0.01;
  for (let value = 255; value > 0; value--) {
    left -= counts[value];
    if (left < 0) return value;
  }
  return 0;
}

function blownShare({ width, height, data }: Pixels): number {
  const [left, top] = [width >> 2, height >> 2];
  let [count, blown] = [0, 0];
  for (let y = top; y < height - top; y++)
    for (let x = left, at = (y * width + left) * 3; x < width - left; x++, at += 3, count++)
      if (Number(data[at] >= limit) + Number(data[at + 1] >= limit) + Number(data[at + 2] >= limit) >= 2) blown++;
  return blown / count;
}

/** Five bits a colour; every fourth pixel is looked at. */
function coloursOf({ data }: Pixels): Pick<PhotoAppearance, 'colours' | 'mean'> {
  const counts = new Uint32Array(1 << 15);
  let [red, green, blue, count] = [0, 0, 0, 0];
  for (let at = 0; at < data.length; at += 12, count++) {
    red += data[at];
    green += data[at + 1];
    blue += data[at + 2];
    counts[((data[at] >> 3) << 10) | ((data[at + 1] >> 3) << 5) | (data[at + 2] >> 3)]++;
  }
  const common = counts.filter((value) => value > 0).sort();
  let [colours, left] = [0, share * count];
  for (let i = common.length - 1; i >= 0 && left > 0; i--, colours++) left -= common[i];
  return { colours, mean: [rounded(red / count), rounded(green / count), rounded(blue / count)] };
}

function evenShare(grey: Float32Array, width: number, height: number): number {
  let [squares, even] = [0, 0];
  for (let top = 0; top + square <= height; top += square)
    for (let left = 0; left + square <= width; left += square, squares++) {
      let [low, high] = [255, 0];
      for (let y = top; y < top + square && high - low <= evenRange; y++)
        for (let at = y * width + left; at < y * width + left + square; at++) {
          if (grey[at] < low) low = grey[at];
          if (grey[at] > high) high = grey[at];
        }
      if (high - low <= evenRange) even++;
    }
  return squares === 0 ? 0 : even / squares;
}

/** Of the pixels along its four sides all but a fiftieth must agree: a line of text may cross the edge. */
function borderOf({ width, height, data }: Pixels): PhotoAppearance['border'] {
  const edge: number[] = [];
  for (let x = 0; x < width; x++) edge.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) edge.push(y * width, y * width + width - 1);
  const usual = [0, 1, 2].map((colour) => {
    const values = Uint8Array.from(edge, (pixel) => data[3 * pixel + colour]).sort();
    return values[values.length >> 1];
  });
  const others = edge.filter((pixel) => usual.some((value, c) => Math.abs(data[3 * pixel + c] - value) > borderRange));
  if (others.length > edge.length / 50) return 'none';
  if (usual.every((value) => value >= 255 - borderRange)) return 'white';
  return usual.every((value) => value <= borderRange) ? 'black' : 'other';
}
