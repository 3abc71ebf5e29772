/** Classifiers in Node, opened by path; they read photos by themselves. */

import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { cardFromMetadata } from '../classifier/card.ts';
import { Classifier, type Prediction, type PredictionOptions, type WithFeatures } from '../classifier/classifier.ts';
import { type FoundClassifier, readClassifier } from '../classifier/find.node.ts';
import { abortable, CarafeError } from '../errors.ts';
import type { Limits } from '../images/limits.ts';
import { type Photo, pixelsOf } from '../images/photo.node.ts';
import { kindOf } from '../images/pixels.ts';
import { readModel } from '../onnx/read.ts';
import { availableCores } from '../runtime/cores.node.ts';
import { fetchBytes } from '../runtime/fetchBytes.ts';
import { openSession } from '../runtime/platform.node.ts';
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
    const { limits } = this;
    const { signal } = options;
    return this.answerTo(() => pixelsOf(photo, this.card.preprocessing, { limits, signal }), options);
  }
}

export interface LoadOptions {
  /** Processor cores to use; unless told all that this machine or container gives, at most 16. */
  readonly threads?: number | undefined;
  /** How large a photo may be: `{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` unless told. */
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A classifier's file: its path or folder, its address (file:, https:), or its bytes. */
export type ClassifierSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Opens a classifier.onnx that was trained on normal photos alone. */
export async function loadDetector(source: ClassifierSource, options: LoadOptions = {}): Promise<PhotoDetector> {
  return abortable(options.signal, async () => openDetector(await readToOpen(source, options), options));
}

/** Opens a classifier.onnx of either kind. */
export async function loadFile(
  source: ClassifierSource,
  options: LoadOptions = {},
): Promise<PhotoClassifier | PhotoDetector> {
  return abortable(options.signal, async () => {
    const found = await readToOpen(source, options);
    const { task } = cardFromMetadata(readModel(found.bytes, found.file).metadata, found.file);
    return task === 'one-class' ? openDetector(found, options) : openClassifier(found, options);
  });
}

/** Opens a classifier.onnx. */
export async function loadClassifier(source: ClassifierSource, options: LoadOptions = {}): Promise<PhotoClassifier> {
  return abortable(options.signal, async () => openClassifier(await readToOpen(source, options), options));
}

type ToOpen = Awaited<ReturnType<typeof readToOpen>>;

async function openDetector({ file, bytes, threads }: ToOpen, { limits = {} }: LoadOptions): Promise<PhotoDetector> {
  return Object.assign(await PhotoDetector.open(bytes, file, openSession, { threads }), { limits });
}

async function openClassifier(
  { file, bytes, threads }: ToOpen,
  { limits = {} }: LoadOptions,
): Promise<PhotoClassifier> {
  return Object.assign(await PhotoClassifier.open(bytes, file, openSession, { threads }), { limits });
}

/** A classifier's bytes, and what to open them with. @throws CarafeError USAGE, NOT_FOUND, UNREADABLE */
export async function readToOpen(source: ClassifierSource, options: LoadOptions) {
  requireOptions(options);
  return { ...(await readSource(source, options.signal)), threads: options.threads ?? availableCores() };
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
