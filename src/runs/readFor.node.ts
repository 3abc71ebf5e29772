/** Reads and decodes a photo for a classifier. */

import { createHash } from 'node:crypto';
import type { Classifier } from '../classifier/classifier.ts';
import { CarafeError } from '../errors.ts';
import { decodePhoto, readPhoto } from '../images/decode.node.ts';
import { resizingFor } from '../images/framing.ts';
import type { Limits } from '../images/limits.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { remarksOn } from '../images/remarks.ts';
import { distorted, drawDistortion, enlarged, type View, viewsOf } from '../images/view.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { AboutPhoto } from './predictEach.ts';

/** Decodes and resizes a photo from a file, and says what its bytes are. */
export async function readHashed(
  preprocessing: Preprocessing,
  file: string,
  limits?: Partial<Limits>,
): Promise<AboutPhoto & { readonly pixels: Pixels }> {
  const bytes = await readPhoto(file, limits);
  const { pixels, remarks } = await decodePhoto(bytes, resizingFor(preprocessing), limits);
  return { pixels, sha256: sha256Of(bytes), remarks: remarksOn(pixels, remarks) };
}

/** A photo and views of it, each of the size that the file's own resizing leaves as it is. */
export async function readViews(
  preprocessing: Preprocessing,
  photo: string | Uint8Array,
  views: readonly View[],
  limits?: Partial<Limits>,
): Promise<AboutPhoto & { readonly all: readonly Pixels[] }> {
  const bytes = typeof photo === 'string' ? await readPhoto(photo, limits) : photo;
  const sha256 = sha256Of(bytes);
  const { resize } = preprocessing;
  const size = resize.rule === 'shortest-edge' ? { height: resize.size, width: resize.size } : resize;
  const plain = await decodePhoto(bytes, resizingFor(preprocessing), limits);
  const all = [plain.pixels];
  for (const view of views) {
    const distortion = drawDistortion(view, sha256);
    const { pixels } = await decodePhoto(bytes, enlarged(preprocessing, distortion), limits);
    all.push(distorted(pixels, size, distortion));
  }
  return { all, sha256, remarks: remarksOn(plain.pixels, plain.remarks) };
}

/** The views that a classifier was trained on. */
export function trainedViews({ card, source }: Classifier): View[] {
  const { views } = card.training;
  if (views) return viewsOf(views);
  throw new CarafeError(
    'USAGE',
    `\`averageViews\`: ${source} was trained without views.`,
    'Leave it out, or train with `views`.',
  );
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
