/** The browser API that predicts: the same classifier files, run by onnxruntime-web. It carries no backbone. */

import { cardFromMetadata } from './classifier/card.ts';
import type { Prediction, PredictionOptions, Verification, WithFeatures } from './classifier/classifier.ts';
import { Classifier } from './classifier/classifier.ts';
import { type Detection, type DetectionOptions, Detector, type Heatmap } from './classifier/detector.ts';
import { abortable, CarafeError, ImageError } from './errors.ts';
import { decodePhoto, type WebPhoto } from './images/decode.web.ts';
import { resizingFor } from './images/framing.ts';
import { heatmapColours } from './images/heatmapColours.ts';
import { kindOf } from './images/pixels.ts';
import { readModel } from './onnx/read.ts';
import { fetchBytes } from './runtime/fetchBytes.ts';
import type { Pixels } from './runtime/platform.ts';
import { openSession } from './runtime/platform.web.ts';
import { version } from './version.ts';

export type { Card } from './classifier/card.ts';
export type { ErrorCode, ImageFailureCode } from './errors.ts';
export type {
  Detection,
  DetectionOptions,
  Heatmap,
  Pixels,
  Prediction,
  PredictionOptions,
  Verification,
  WebPhoto,
  WithFeatures,
};
export { CarafeError, Classifier, Detector, ImageError, version };

/** A classifier that takes what a page has: files, addresses, images, canvases, videos, bitmaps, pixels. */
export class PhotoClassifier extends Classifier {
  /** Classifies a photo. @throws ImageError if it cannot be decoded; CarafeError USAGE, INTERRUPTED */
  predict(photo: WebPhoto, options: PredictionOptions & { readonly features: true }): Promise<WithFeatures<Prediction>>;
  predict(photo: WebPhoto, options?: PredictionOptions): Promise<Prediction>;
  predict(photo: WebPhoto, options: PredictionOptions = {}): Promise<Prediction> {
    const read = async () => (await decodePhoto(photo, resizingFor(this.card.preprocessing), options.signal)).pixels;
    return this.answerTo(read, options);
  }
}

/** A one-class classifier that takes what a page has. */
export class PhotoDetector extends Detector {
  /** Scores how normal a photo is. @throws ImageError if it cannot be decoded; CarafeError USAGE, INTERRUPTED */
  detect(photo: WebPhoto, options: DetectionOptions & { readonly features: true }): Promise<WithFeatures<Detection>>;
  detect(photo: WebPhoto, options?: DetectionOptions): Promise<Detection>;
  detect(photo: WebPhoto, options: DetectionOptions = {}): Promise<Detection> {
    const read = async () => (await decodePhoto(photo, resizingFor(this.card.preprocessing), options.signal)).pixels;
    return this.answerTo(read, options);
  }

  /**
   * A heatmap in colours, one pixel per place, to be stretched over the photo: transparent where the photo is normal, yellow
   * to red where it is not.
   */
  heatmapImage(heatmap: Heatmap): ImageData {
    const { width, height, data } = heatmapColours(heatmap, this.card.heatmap ?? { usual: 0, high: 1 });
    const image = new ImageData(width, height);
    image.data.set(data);
    return image;
  }
}

/** A classifier's file: its address, or its bytes. */
export type ClassifierSource = string | URL | Uint8Array | ArrayBuffer | Blob;

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a classifier.onnx.
 * @throws CarafeError NOT_FOUND where the address gives no file; BAD_MODEL, NOT_A_CLASSIFIER, INTERRUPTED
 */
export function loadClassifier(source: ClassifierSource, { signal }: LoadOptions = {}): Promise<PhotoClassifier> {
  return abortable(signal, async () => {
    const { bytes, name } = await readSource(source, signal);
    return PhotoClassifier.open(bytes, name, openSession);
  });
}

/** Opens a one-class classifier.onnx. @throws as `loadClassifier` */
export function loadDetector(source: ClassifierSource, { signal }: LoadOptions = {}): Promise<PhotoDetector> {
  return abortable(signal, async () => {
    const { bytes, name } = await readSource(source, signal);
    return PhotoDetector.open(bytes, name, openSession);
  });
}

/** Opens a classifier.onnx of either kind. @throws as `loadClassifier` */
export function loadFile(
  source: ClassifierSource,
  { signal }: LoadOptions = {},
): Promise<PhotoClassifier | PhotoDetector> {
  return abortable(signal, async () => {
    const { bytes, name } = await readSource(source, signal);
    const { task } = cardFromMetadata(readModel(bytes, name).metadata, name);
    return task === 'one-class'
      ? PhotoDetector.open(bytes, name, openSession)
      : PhotoClassifier.open(bytes, name, openSession);
  });
}

async function readSource(source: ClassifierSource, signal?: AbortSignal) {
  if (typeof source === 'string' || source instanceof URL)
    return { bytes: await fetchBytes(source, signal), name: String(source) };
  const name = 'the classifier';
  if (source instanceof Uint8Array) return { bytes: source, name };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), name };
  if (source instanceof Blob) return { bytes: new Uint8Array(await source.arrayBuffer()), name };
  throw new CarafeError(
    'USAGE',
    `A classifier is an address or the bytes of its file, not ${kindOf(source)}.`,
    'Give a string, a URL, a Uint8Array, an ArrayBuffer or a Blob.',
  );
}
