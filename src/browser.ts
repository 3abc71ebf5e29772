/** The browser API that predicts: the same classifier file, run by onnxruntime-web. It carries no backbone. */

import type { Prediction, Verification } from './classifier/classifier.ts';
import { Classifier } from './classifier/classifier.ts';
import { CarafeError, ImageError } from './errors.ts';
import { decodePhoto, type WebPhoto } from './images/decode.web.ts';
import type { Pixels } from './runtime/platform.ts';
import { fetchBytes, openSession } from './runtime/platform.web.ts';
import { version } from './version.ts';

export type { Card } from './classifier/card.ts';
export type { ErrorCode, ImageFailureCode } from './errors.ts';
export type { Pixels, Prediction, Verification, WebPhoto };
export { CarafeError, Classifier, ImageError, version };

/** A classifier that takes what a page has: files, images, canvases, videos, bitmaps, pixels. */
export class PhotoClassifier extends Classifier {
  /**
   * Names what is on a photo.
   * @throws ImageError where it cannot be decoded
   */
  async predict(photo: WebPhoto): Promise<Prediction> {
    return this.predictPixels((await decodePhoto(photo, this.card.preprocessing)).pixels);
  }
}

/**
 * Opens a classifier.onnx from its address or its bytes.
 * @throws CarafeError NOT_FOUND where the address gives no file; BAD_MODEL, NOT_A_CLASSIFIER
 */
export async function loadClassifier(file: string | URL | Uint8Array): Promise<PhotoClassifier> {
  const given = file instanceof Uint8Array;
  return PhotoClassifier.open(
    given ? file : await fetchBytes(file),
    given ? 'the classifier' : String(file),
    openSession,
  );
}
