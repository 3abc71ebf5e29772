/** Pixels that a decoder sets one after another. */

import { ImageError } from '../../errors.ts';
import type { Pixels } from '../../runtime/platform.ts';

/** Pixels that a decoder sets one by one, upright and in sRGB; what is not set is white. */
export class Canvas implements Pixels {
  readonly width: number;
  readonly height: number;
  /** Made with the first pixel: a header alone, whatever it claims, costs nothing. */
  #data: Uint8Array | undefined;

  /** @throws ImageError BROKEN without a size, TOO_LARGE beyond `maxPixels` */
  constructor(width: number, height: number, maxPixels: number) {
    requireSize(width, height, maxPixels);
    this.width = width;
    this.height = height;
  }

  get data(): Uint8Array {
    this.#data ??= new Uint8Array(this.width * this.height * 3).fill(255);
    return this.#data;
  }

  /** Sets a pixel, over white; all values of 255. */
  set(x: number, y: number, red: number, green: number, blue: number, opacity = 255): void {
    const at = (y * this.width + x) * 3;
    const over = (value: number): number =>
      opacity === 255 ? value : Math.round((value * opacity + 255 * (255 - opacity)) / 255);
    const data = this.#data ?? this.data;
    data[at] = over(red);
    data[at + 1] = over(green);
    data[at + 2] = over(blue);
  }
}

/** @throws ImageError BROKEN without a size, TOO_LARGE beyond `maxPixels` */
export function requireSize(width: number, height: number, maxPixels: number): void {
  if (!(width >= 1 && height >= 1)) throw new ImageError('BROKEN', `it claims to be ${width} x ${height} pixels large`);
  if (width * height > maxPixels)
    throw new ImageError(
      'TOO_LARGE',
      `it has ${width} x ${height} pixels, more than ${Math.floor(maxPixels / 1e6)} million`,
    );
}

/** @throws ImageError TRUNCATED unless the file is so long */
export function requireBytes(bytes: Uint8Array, needed: number, format: string): void {
  if (bytes.length < needed) throw cutShort(format);
}

export function cutShort(format: string): ImageError {
  return new ImageError('TRUNCATED', `the ${format} file is cut short; copy or download it again`);
}
