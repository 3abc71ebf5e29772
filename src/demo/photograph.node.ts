/** A drawing as a JPEG, with blur and noise. */

import sharp from 'sharp';
import { Random } from '../numerics/random.ts';
import type { SamplePicture } from './drawSample.ts';

/** Renders a drawn picture, with the lens's blur and the sensor's noise, as a JPEG. Same picture, same bytes. */
export async function photograph(picture: SamplePicture): Promise<Buffer> {
  const { path, svg, backdrop, width, height, backdropBlur, blur, noise, quality } = picture;
  const raw = { width, height, channels: 3 } as const;
  const behind = await sharp(Buffer.from(backdrop))
    .flatten()
    .blur(backdropBlur)
    .png({ compressionLevel: 1 })
    .toBuffer();
  const whole = svg.replace('backdrop.png', `data:image/png;base64,${behind.toString('base64')}`);
  let pixels = await sharp(Buffer.from(whole)).flatten().raw().toBuffer();
  if (blur) pixels = await sharp(pixels, { raw }).blur(blur).raw().toBuffer();
  if (noise) addNoise(pixels, noise, new Random(`${svg.length}/${path}`));
  return sharp(pixels, { raw }).jpeg({ quality }).toBuffer();
}

/** Noise of about the given standard deviation, from a table: drawing a normal number for each pixel takes long. */
function addNoise(pixels: Uint8Array, deviation: number, random: Random): void {
  const table = Float32Array.from({ length: 4096 }, () => random.normal() * deviation);
  for (let i = 0; i < pixels.length; i += 3) {
    const word = random.word();
    for (let c = 0; c < 3; c++) {
      // The channels have their noise in part in common.
      const value = pixels[i + c]! + table[word & 4095]! + 0.4 * table[(word >>> (12 + 4 * c)) & 4095]!;
      pixels[i + c] = value < 0 ? 0 : value > 255 ? 255 : value + 0.5;
    }
  }
}
