/** Format, JPEG quality, brightness and colour of a photo. */

import * as z from 'zod';
import type { Pixels } from '../runtime/platform.ts';
import { photoAppearance } from './appearance.ts';
import { readableFormats } from './formats/fileKind.ts';

/** What a photo's file and pixels are like, whatever they show. */
export const photoFacts = z.object({
  /** By the file's own bytes. */
  format: z.enum(readableFormats),
  /** Of a JPEG: 1 to 100, by its quantisation tables. */
  quality: z.number().optional(),
  /** Mean of all colours, 0 to 255. */
  brightness: z.number(),
  /** How far the colours of a pixel lie apart on average, 0 to 255: 0 is grey. */
  colour: z.number(),
  /** Photos that were cached before this was measured have none. */
  appearance: photoAppearance.optional(),
});
export type PhotoFacts = z.infer<typeof photoFacts>;

/** Brightness and colour; every fourth pixel is looked at. */
export function toneOf({ data }: Pixels): Pick<PhotoFacts, 'brightness' | 'colour'> {
  let count = 0;
  let light = 0;
  let colour = 0;
  for (let at = 0; at < data.length; at += 12, count++) {
    const red = data[at];
    const green = data[at + 1];
    const blue = data[at + 2];
    light += red + green + blue;
    colour += Math.max(red, Math.max(green, blue)) - Math.min(red, Math.min(green, blue));
  }
  return { brightness: rounded(light / count / 3), colour: rounded(colour / count) };
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}
