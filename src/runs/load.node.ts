/** Opens classifiers in Node by path; they read photos themselves. */

import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { Classifier, type Prediction, type PredictionOptions, type WithFeatures } from '../classifier/classifier.ts';
import { openFile } from '../classifier/file.ts';
import { type FoundClassifier, readClassifier } from '../classifier/find.node.ts';
import { abortable, CarafeError } from '../errors.ts';
import { resizingFor } from '../images/framing.ts';
import type { Limits } from '../images/limits.ts';
import { type Photo, pixelsOf } from '../images/photo.node.ts';
import { kindOf } from '../images/pixels.ts';
import { fetchBytes } from '../runtime/fetchBytes.ts';
import { openSession } from '../runtime/platform.node.ts';
import type { OpenSession } from '../runtime/platform.ts';
import { sessionsInThreads } from '../runtime/sessionPool.node.ts';
import { PhotoDetector } from './detect.node.ts';
import { requireOptions } from './requireOptions.ts';

/** A classifier that reads photos by itself. */
export class PhotoClassifier extends Classifier {
  /** How large a photo may be that it reads. */
  limits: Partial<Limits> = {};

  /** Names what is in a photo. @throws ImageError where it cannot be read; CarafeError USAGE, INTERRUPTED */
  predict(photo: Photo, options: PredictionOptions & { readonly features: true }): Promise<WithFeatures<Prediction>>;
  predict(photo: Photo, options?: PredictionOptions): Promise<Prediction>;
  predict(photo: Photo, options: PredictionOptions = {}): Promise<Prediction> {
    const { limits, isInThreads } = this;
    const { signal } = options;
    return this.answerTo(
      () => pixelsOf(photo, resizingFor(this.card.preprocessing), { limits, signal, aside: isInThreads }),
      options,
    );
  }
}

export interface LoadOptions {
  /**
   * Worker threads that run the network, so that the caller's event loop stays free and as many photos are answered at
   * once; unless told it runs in the caller's thread and blocks it, 10 ms a photo with the embedded network. Each takes
   * about 50 MB. What JavaScript would decode (HEIC, TIFF, BMP, PPM, Targa, inks) is decoded in a thread, too.
   */
  readonly workers?: number | undefined;
  /** Threads inside one run of the network; 1 unless told. More answer one photo sooner, and cost more processor time. */
  readonly threads?: number | undefined;
  /**
   * Whether the runtime first makes the network faster; true unless told. That takes as long as dozens of photos, so for one photo
   * `false` answers sooner.
   */
  readonly optimize?: boolean | undefined;
  /** How large a photo may be: `{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` unless told. */
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A classifier's file: its path or folder, its address (file:, https:), or its bytes. */
export type ClassifierSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/**
 * Opens a classifier.onnx that was trained on normal photos alone.
 * @throws CarafeError as `loadClassifier` does
 */
export async function loadDetector(source: ClassifierSource, options: LoadOptions = {}): Promise<PhotoDetector> {
  return abortable(options.signal, async () => openDetector(await readToOpen(source, options), options));
}

/** Opens a classifier.onnx of either kind. @throws CarafeError as `loadClassifier` does */
export async function loadFile(
  source: ClassifierSource,
  options: LoadOptions = {},
): Promise<PhotoClassifier | PhotoDetector> {
  return abortable(options.signal, async () => openAny(await readToOpen(source, options), options));
}

/** Opens a file of either kind from its bytes. @throws CarafeError BAD_MODEL, NOT_A_CLASSIFIER */
export async function openAny(
  { file, bytes }: FoundClassifier,
  options: LoadOptions,
): Promise<PhotoClassifier | PhotoDetector> {
  const { session, card } = await openFile(bytes, file, (any) => any, openerFor(options), {});
  const opened =
    card.task === 'one-class' ? new PhotoDetector(session, card, file) : new PhotoClassifier(session, card, file);
  return Object.assign(opened, { limits: options.limits ?? {} });
}

/**
 * Opens a classifier.onnx.
 * @throws CarafeError NOT_FOUND, UNREADABLE, UNAVAILABLE of the file; NOT_A_CLASSIFIER, BAD_MODEL of what is in it; USAGE;
 * INTERRUPTED by `signal`
 */
export async function loadClassifier(source: ClassifierSource, options: LoadOptions = {}): Promise<PhotoClassifier> {
  return abortable(options.signal, async () => openClassifier(await readToOpen(source, options), options));
}

async function openDetector({ file, bytes }: FoundClassifier, options: LoadOptions): Promise<PhotoDetector> {
  const detector = await PhotoDetector.open(bytes, file, openerFor(options));
  return Object.assign(detector, { limits: options.limits ?? {} });
}

async function openClassifier({ file, bytes }: FoundClassifier, options: LoadOptions): Promise<PhotoClassifier> {
  const classifier = await PhotoClassifier.open(bytes, file, openerFor(options));
  return Object.assign(classifier, { limits: options.limits ?? {} });
}

function openerFor({ workers, threads = 1, optimize = true }: LoadOptions): OpenSession {
  const open = workers === undefined ? openSession : sessionsInThreads(workers);
  return (model, options) => open(model, { threads, optimize, ...options });
}

/** A classifier's bytes. @throws CarafeError USAGE, NOT_FOUND, UNREADABLE */
export function readToOpen(source: ClassifierSource, options: LoadOptions): Promise<FoundClassifier> {
  requireOptions(options);
  return readSource(source, options.signal);
}

async function readSource(source: ClassifierSource, signal?: AbortSignal): Promise<FoundClassifier> {
  if (typeof source === 'string' && source !== '') return readClassifier(source);
  if (source instanceof URL) {
    if (source.protocol === 'file:') return readClassifier(fileURLToPath(source));
    return { file: source.href, bytes: await fetchBytes(source, signal) };
  }
  const file = 'the classifier';
  // Not by instanceof: test runners and other realms have constructors of their own.
  if (types.isUint8Array(source)) return { file, bytes: source };
  if (types.isAnyArrayBuffer(source)) return { file, bytes: new Uint8Array(source) };
  if (source instanceof Blob) return { file, bytes: new Uint8Array(await source.arrayBuffer()) };
  throw new CarafeError(
    'USAGE',
    `A classifier is a path, a URL or the bytes of its file, not ${kindOf(source)}.`,
    'Give a string, a URL, a Uint8Array, an ArrayBuffer or a Blob.',
  );
}
