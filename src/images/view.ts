/** Views: data augmentation, deterministic by photo and number. */

import * as z from 'zod/mini';
import { Random } from '../numerics/random.ts';
import type { Pixels } from '../runtime/platform.ts';
import { type Corruption, corruptions, type Effect, withEffect } from './corruptions.ts';
import { cropOffset } from './crop.ts';
import type { Preprocessing } from './preprocessing.ts';
import type { Size } from './targetSize.ts';

/** How far views may lie from the photo: the distortions of TensorFlow's retrain.py, and rotation. */
export const distortions = z.object({
  /** Mirror left and right, every other time. */
  flip: z.boolean(),
  /** Zoom in by so many percent, and look at any part of what is then there. */
  crop: z.number().check(z.minimum(0), z.maximum(100)),
  /** Zoom in by up to so many percent more. */
  scale: z.number().check(z.minimum(0), z.maximum(100)),
  /** Brighten or darken by up to so many percent. */
  brightness: z.number().check(z.minimum(0), z.maximum(100)),
  /** Turn by up to so many degrees, either way. */
  rotate: z.number().check(z.minimum(0), z.maximum(180)),
});
export type Distortions = z.infer<typeof distortions>;
export type SomeDistortions = { readonly [D in keyof Distortions]?: Distortions[D] | undefined };

/** What a user asks for: so many views of each photo, with these distortions. */
export interface ViewOptions extends SomeDistortions {
  readonly count: number;
}

/** What is taken where no distortion is named: a little of each that does not change what is on a photo. */
const gentle: Distortions = { flip: false, crop: 10, scale: 10, brightness: 10, rotate: 5 };
const none: Distortions = { flip: false, crop: 0, scale: 0, brightness: 0, rotate: 0 };

/** The distortions that a user's choice comes to. */
export function distortionsOf({ count: _, ...chosen }: ViewOptions): Distortions {
  const named = Object.entries(chosen).filter(([, value]) => value !== undefined && value !== false);
  return named.length === 0 ? gentle : distortions.parse({ ...none, ...Object.fromEntries(named) });
}

/** Views 1 to `count`. */
export function viewsOf(options: ViewOptions | undefined): View[] {
  if (!options) return [];
  const drawn = distortionsOf(options);
  return Array.from({ length: options.count }, (_, i) => ({ ...drawn, number: i + 1 }));
}

/** One view of every photo; 1 is the first, since view 0 is the photo itself. */
export interface View extends Distortions {
  readonly number: number;
  /** Quarter turns clockwise, besides what is drawn. */
  readonly turn?: 1 | 2 | 3;
  /** A photo that came out badly, instead of what is drawn. */
  readonly corruption?: Corruption;
  /** The photo as it is, mirrored, and nothing else. */
  readonly mirrored?: true;
}

/** A view of each photo for each way to come out badly. */
export const corruptedViews: readonly View[] = corruptions.map((corruption, i) => ({
  ...none,
  number: i + 1,
  corruption,
}));

/** Every photo turned by one, two and three quarters. */
export const quarterTurns: readonly View[] = ([1, 2, 3] as const).map((turn) => ({ ...none, number: turn, turn }));

/** The mirrored photo; its number is none of those that are drawn. */
export const mirrored: View = { ...none, number: -1, mirrored: true };

/** What was drawn for one view of one photo. */
export interface Distortion {
  readonly flip: boolean;
  readonly zoom: number;
  /** Where the window's middle lies from the photo's, in window widths and heights. */
  readonly right: number;
  readonly down: number;
  readonly brightness: number;
  /** Clockwise, in radians. */
  readonly angle: number;
  /** What is done to the pixels at last, with a random stream for it. */
  readonly effect?: { readonly name: Effect; readonly random: Random };
}

const plain: Distortion = { flip: false, zoom: 1, right: 0, down: 0, brightness: 1, angle: 0 };

/** Each at one strength, so that photos lose the same. */
function corruptionOf(corruption: Corruption, sha256: string): Distortion {
  const effect = (name: Effect) => ({ ...plain, effect: { name, random: new Random(`${sha256}/${name}`) } });
  return {
    blur: () => effect('blur'),
    dark: () => ({ ...plain, brightness: 0.4 }),
    bright: () => ({ ...plain, brightness: 1.8 }),
    noise: () => effect('noise'),
    jpeg: () => effect('jpeg'),
    rotate: () => ({ ...plain, angle: Math.PI / 12 }),
    crop: () => ({ ...plain, zoom: 1 / 0.7 }),
    grey: () => effect('grey'),
  }[corruption]();
}

/** The photo's content and the view's number decide, and nothing else: so a view is cached like any photo. */
export function drawDistortion(view: View, sha256: string): Distortion {
  const { flip, crop, scale, brightness, rotate, number, turn, corruption } = view;
  if (corruption) return corruptionOf(corruption, sha256);
  if (view.mirrored) return { flip: true, zoom: 1, right: 0, down: 0, brightness: 1, angle: 0 };
  const random = new Random(`${sha256}/view ${number}`);
  const around = (reach: number): number => reach * (2 * random.uniform() - 1);
  return {
    flip: flip && random.uniform() < 0.5,
    zoom: (1 + crop / 100) * (1 + (scale / 100) * random.uniform()),
    right: around(crop / 200),
    down: around(crop / 200),
    brightness: 1 + around(brightness / 100),
    angle: around(rotate * (Math.PI / 180)) + (turn ?? 0) * (Math.PI / 2),
  };
}

/** The resizing that gives a photo at a distortion's zoom; the plain one without a distortion. */
export function enlarged(
  { resize, kernel }: Preprocessing,
  distortion: Distortion | undefined,
): Pick<Preprocessing, 'resize' | 'kernel'> {
  const zoomed = (edge: number): number => Math.round(edge * (distortion?.zoom ?? 1));
  return resize.rule === 'shortest-edge'
    ? { kernel, resize: { rule: resize.rule, size: zoomed(resize.size) } }
    : { kernel, resize: { rule: resize.rule, height: zoomed(resize.height), width: zoomed(resize.width) } };
}

/**
 * The window of `size` that a distortion sees in a photo which `enlarged` gave. Turned windows are sampled bilinearly;
 * what lies outside the photo repeats its edge.
 */
export function distorted(pixels: Pixels, { width, height }: Size, distortion: Distortion): Pixels {
  const { flip, right, down, brightness, angle, effect } = distortion;
  const left = shifted(cropOffset(pixels.width, width), right * width, pixels.width - width);
  const top = shifted(cropOffset(pixels.height, height), down * height, pixels.height - height);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const middle = { x: (width - 1) / 2, y: (height - 1) / 2 };
  const data = new Uint8Array(width * height * 3);
  for (let row = 0, to = 0; row < height; row++) {
    const dy = row - middle.y;
    for (let column = 0; column < width; column++, to += 3) {
      const dx = (flip ? width - 1 - column : column) - middle.x;
      const x = left + middle.x + cos * dx + sin * dy;
      const y = top + middle.y - sin * dx + cos * dy;
      sample(pixels, x, y, brightness, data, to);
    }
  }
  const seen = { width, height, data };
  return effect ? withEffect(seen, effect.name, effect.random) : seen;
}

/** An offset that is moved, but not out of the photo. */
function shifted(offset: number, by: number, last: number): number {
  return last <= 0 ? offset : Math.min(last, Math.max(0, Math.round(offset + by)));
}

/** The colour at (x, y), bilinearly between the four pixels around it, times the brightness. */
function sample(pixels: Pixels, x: number, y: number, brightness: number, target: Uint8Array, to: number): void {
  const { width, height, data } = pixels;
  const cx = Math.min(width - 1, Math.max(0, x));
  const cy = Math.min(height - 1, Math.max(0, y));
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [fx, fy] = [cx - x0, cy - y0];
  const upper = (y0 * width + x0) * 3;
  const lower = upper + (y0 + 1 < height ? width * 3 : 0);
  const next = x0 + 1 < width ? 3 : 0;
  for (let channel = 0; channel < 3; channel++) {
    const a = data[upper + channel] * (1 - fx) + data[upper + next + channel] * fx;
    const b = data[lower + channel] * (1 - fx) + data[lower + next + channel] * fx;
    target[to + channel] = Math.min(255, Math.round((a * (1 - fy) + b * fy) * brightness));
  }
}
