import { decodePhoto, readPhoto } from './images/decode.node.ts';
import type { Preprocessing } from './images/preprocessing.ts';
import type { Pixels } from './platform.ts';

/** Decodes and resizes a photo, given as a path or as the bytes of an image file. */
export async function readFor(preprocessing: Preprocessing, photo: string | Uint8Array): Promise<Pixels> {
  const bytes = typeof photo === 'string' ? await readPhoto(photo) : photo;
  return (await decodePhoto(bytes, preprocessing)).pixels;
}
