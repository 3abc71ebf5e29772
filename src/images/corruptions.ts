/** Ways in which photos come out badly, each at one strength, to see what a classifier loses by them. */

import type { Random } from '../numerics/random.ts';
import type { Pixels } from '../runtime/platform.ts';

export const corruptions = ['blur', 'dark', 'bright', 'noise', 'jpeg', 'rotate', 'crop', 'grey'] as const;
export type Corruption = (typeof corruptions)[number];

/** What each is, for people. */
export const corruptionWords: Readonly<Record<Corruption, string>> = {
  blur: 'out of focus',
  dark: 'too dark (40%)',
  bright: 'too bright (180%)',
  noise: 'noise',
  jpeg: 'JPEG quality 20',
  rotate: 'turned by 15°',
  crop: 'middle 70% only',
  grey: 'grey',
};

/** What is done to the pixels themselves; the others are ways to look at a photo. */
export type Effect = Extract<Corruption, 'blur' | 'noise' | 'jpeg' | 'grey'>;

/** Width of the blur, as a share of the shorter edge: 2 pixels of 224. */
const blurShare = 1 / 112;
/** Standard deviation of the noise, of 255. */
const noiseLevel = 25;

/** The same pixels with an effect; the random stream decides the noise. */
export function withEffect(pixels: Pixels, effect: Effect, random: Random): Pixels {
  const { width, height, data } = pixels;
  const changed = {
    blur: () => blurred(pixels, blurShare * Math.min(width, height)),
    noise: () => Uint8Array.from(data, (value) => clamped(value + noiseLevel * random.normal())),
    jpeg: () => compressed(pixels),
    grey: () => greyed(data),
  }[effect]();
  return { width, height, data: changed };
}

function clamped(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

/** Rec. 601 luma. */
function luma(data: Uint8Array, at: number): number {
  return 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
}

function greyed(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 3) out.fill(clamped(luma(data, at)), at, at + 3);
  return out;
}

/** Gaussian, one direction after the other; edges are repeated. */
function blurred({ width, height, data }: Pixels, sigma: number): Uint8Array {
  const reach = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
  const mass = kernel.reduce((sum, value) => sum + value, 0);
  const along = (
    from: ArrayLike<number>,
    count: number,
    step: number,
    starts: (line: number) => number,
    lines: number,
  ) => {
    const out = new Float64Array(from.length);
    for (let line = 0; line < lines; line++)
      for (let i = 0; i < count; i++)
        for (let channel = 0; channel < 3; channel++) {
          let sum = 0;
          for (const [k, weight] of kernel.entries()) {
            const place = Math.min(count - 1, Math.max(0, i + k - reach));
            sum += weight * from[starts(line) + place * step + channel];
          }
          out[starts(line) + i * step + channel] = sum / mass;
        }
    return out;
  };
  const rows = along(data, width, 3, (row) => row * width * 3, height);
  return Uint8Array.from(
    along(rows, height, width * 3, (column) => column * 3, width),
    clamped,
  );
}

/** The luminance table of Annex K of the JPEG standard, at quality 20. */
const table = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
].map((row) => row.map((value) => Math.min(255, 2.5 * value)));

/** cosines[u][x] of the 8-point DCT, orthonormal. */
const cosines = Array.from({ length: 8 }, (_, u) =>
  Array.from({ length: 8 }, (_, x) => Math.sqrt((u === 0 ? 1 : 2) / 8) * Math.cos(((2 * x + 1) * u * Math.PI) / 16)),
);

/** What JPEG loses at quality 20: DCT coefficients of blocks of 8 x 8, quantised; each channel by the table of luminance. */
function compressed({ width, height, data }: Pixels): Uint8Array {
  const out = new Uint8Array(data.length);
  const at = (x: number, y: number, channel: number) =>
    (Math.min(height - 1, y) * width + Math.min(width - 1, x)) * 3 + channel;
  for (let top = 0; top < height; top += 8)
    for (let left = 0; left < width; left += 8)
      for (let channel = 0; channel < 3; channel++) {
        const block = grid((x, y) => data[at(left + x, top + y, channel)] - 128);
        const spectrum = transformed(block, (u, x) => cosines[u][x]);
        const kept = grid((u, v) => Math.round(spectrum[v][u] / table[v][u]) * table[v][u]);
        const back = transformed(kept, (x, u) => cosines[u][x]);
        for (let y = 0; y < 8 && top + y < height; y++)
          for (let x = 0; x < 8 && left + x < width; x++)
            out[at(left + x, top + y, channel)] = clamped(back[y][x] + 128);
      }
  return out;
}

function grid(value: (x: number, y: number) => number): number[][] {
  return Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => value(x, y)));
}

/** M block Mᵀ */
function transformed(block: readonly (readonly number[])[], weight: (to: number, from: number) => number): number[][] {
  const rows = grid((u, y) => block[y].reduce((sum, value, x) => sum + weight(u, x) * value, 0));
  return grid((u, v) => rows.reduce((sum, row, y) => sum + weight(v, y) * row[u], 0));
}
