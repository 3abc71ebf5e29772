import type { Classifier, Prediction } from './classifier/classifier.ts';
import { CarafeError, ImageError } from './errors.ts';
import type { Pixels } from './platform.ts';
import type { FailedImage } from './report/trainResult.ts';

/** How many photos are decoded ahead of the network: enough to keep it busy, few enough for the memory. */
const lookAhead = 4;

/** A photo's name and what reads it. */
export interface PhotoSource {
  readonly path: string;
  readonly read: () => Promise<Pixels>;
}

export type PhotoAnswer = { readonly path: string; readonly prediction: Prediction } | FailedImage;

/** Answers for photos in their order; decoding runs ahead of the network. A photo that cannot be read is an answer too. */
export async function* predictEach(
  classifier: Classifier,
  photos: Iterable<PhotoSource>,
  signal?: AbortSignal,
): AsyncGenerator<PhotoAnswer> {
  const waiting: { path: string; pixels: Promise<Pixels | ImageError> }[] = [];
  const iterator = photos[Symbol.iterator]();
  for (;;) {
    while (waiting.length < lookAhead) {
      const next = iterator.next();
      if (next.done) break;
      waiting.push({ path: next.value.path, pixels: next.value.read().catch(imageError) });
    }
    const first = waiting.shift();
    if (!first) return;
    if (signal?.aborted) throw new CarafeError('INTERRUPTED', 'Interrupted.', 'Run the command again.');
    const { path, pixels } = first;
    const decoded = await pixels;
    if (decoded instanceof ImageError) yield { path, code: decoded.code, reason: decoded.reason };
    else yield { path, prediction: await classifier.predictPixels(decoded) };
  }
}

function imageError(error: unknown): ImageError {
  if (error instanceof ImageError) return error;
  throw error;
}
