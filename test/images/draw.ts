import type { Sharp } from 'sharp';
import sharp from 'sharp';
import type { Pixels } from '../../src/runtime/platform.ts';

/** A drawn picture with waves, a bar with hard edges and a fine grid; test/fixtures/images/make.py draws the same. */
export function drawPixels(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const wave = 255 - Math.abs(((x * (5 + 4 * c) + y * (11 - 3 * c)) % 510) - 255);
        const bar = Math.abs(2 * x - width) * 5 < width;
        const grid = (x * 7 + y * 13) % 5 === 0;
        data[at++] = grid ? 255 - wave : bar ? 30 + 90 * c : wave;
      }
  return { width, height, data };
}

/** A drawn scene as a photo has it: soft shading and shapes a good many pixels wide. */
export function drawScene(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  const unit = Math.min(width, height);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / unit, y / unit];
      const disc = Math.hypot(u - 0.45, v - 0.5) < 0.3 ? 70 : 0;
      for (let c = 0; c < 3; c++)
        data[at++] = 90 + 40 * Math.sin(9 * u + 2 * c) + 40 * Math.cos((7 - c) * v + u) + (c === 1 ? -disc : disc);
    }
  return { width, height, data };
}

/** A sharp pipeline over pixels, to be encoded. */
export function picture({ width, height, data }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Mean absolute difference, of 255. */
export function meanDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i] - b[i]);
  return sum / a.length;
}

/** A whole image file as pixels, without resizing. */
export async function decodeWhole(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
