/** A photo as a network sees it, as a picture. */

import { seenBy } from './crop.ts';
import { decodePhoto, encodePicture, readPhoto } from './decode.node.ts';
import type { Preprocessing } from './preprocessing.ts';

/** The part of a photo that a network sees, as WebP. @throws ImageError where the photo cannot be read */
export async function pictureSeen(file: string, preprocessing: Preprocessing): Promise<Uint8Array> {
  return encodePicture(seenBy((await decodePhoto(await readPhoto(file), preprocessing)).pixels, preprocessing));
}
