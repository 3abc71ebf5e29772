/** Preprocesses drawn pixels in the same way as photos. */

import sharp from 'sharp';
import type { Pixels } from '../runtime/platform.ts';
import { seenBy } from './crop.ts';
import { decodePhoto } from './decode.node.ts';
import type { Preprocessing } from './preprocessing.ts';

/** Resizes and crops upright pixels as a photo would be: by way of a PNG, so that the path is the photo's own. */
export async function prepare(pixels: Pixels, preprocessing: Preprocessing): Promise<Pixels> {
  const { width, height, data } = pixels;
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return seenBy((await decodePhoto(png, preprocessing)).pixels, preprocessing);
}
