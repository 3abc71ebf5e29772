import { createHash } from 'node:crypto';
import { decodePhoto, readPhoto } from './images/decode.node.ts';
import type { Preprocessing } from './images/preprocessing.ts';
import { distorted, drawDistortion, enlarged, type View } from './images/view.ts';
import type { Pixels } from './platform.ts';

/** Decodes and resizes a photo, given as a path or as the bytes of an image file. */
export async function readFor(preprocessing: Preprocessing, photo: string | Uint8Array): Promise<Pixels> {
  const bytes = typeof photo === 'string' ? await readPhoto(photo) : photo;
  return (await decodePhoto(bytes, preprocessing)).pixels;
}

/** As `readFor`, from a file, with the SHA-256 of its bytes. */
export async function readHashed(
  preprocessing: Preprocessing,
  file: string,
): Promise<{ readonly pixels: Pixels; readonly sha256: string }> {
  const bytes = await readPhoto(file);
  return { pixels: await readFor(preprocessing, bytes), sha256: sha256Of(bytes) };
}

/** A photo and views of it, each of the size that the file's own resizing leaves as it is, and its SHA-256. */
export async function readViews(
  preprocessing: Preprocessing,
  photo: string | Uint8Array,
  views: readonly View[],
): Promise<{ readonly all: readonly Pixels[]; readonly sha256: string }> {
  const bytes = typeof photo === 'string' ? await readPhoto(photo) : photo;
  const sha256 = sha256Of(bytes);
  const { resize } = preprocessing;
  const size = resize.rule === 'squash' ? resize : { height: resize.size, width: resize.size };
  const all = [await readFor(preprocessing, bytes)];
  for (const view of views) {
    const distortion = drawDistortion(view, sha256);
    const { pixels } = await decodePhoto(bytes, enlarged(preprocessing, distortion));
    all.push(distorted(pixels, size, distortion));
  }
  return { all, sha256 };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
