/** Classifiers in Node, opened by path; they read photos by themselves. */

import { cardFromMetadata } from '../classifier/card.ts';
import { Classifier, type Prediction } from '../classifier/classifier.ts';
import { readClassifier } from '../classifier/find.node.ts';
import type { Limits } from '../images/limits.ts';
import { readModel } from '../onnx/read.ts';
import { availableCores } from '../runtime/cores.node.ts';
import { openSession } from '../runtime/platform.node.ts';
import type { Pixels } from '../runtime/platform.ts';
import { PhotoDetector } from './detect.node.ts';
import { readFor } from './readFor.node.ts';
import { requireOptions, requireText } from './requireOptions.ts';

/** A classifier that reads photos by itself. */
export class PhotoClassifier extends Classifier {
  /** How large a photo may be that it reads. */
  limits: Partial<Limits> = {};

  /** Names what is on a photo, given as a path or as the bytes of an image file. */
  async predict(photo: string | Uint8Array): Promise<Prediction> {
    return this.predictPixels(await this.read(photo));
  }

  /** Decodes and resizes a photo as training did. */
  read(photo: string | Uint8Array): Promise<Pixels> {
    return readFor(this.card.preprocessing, photo, this.limits);
  }
}

export interface LoadOptions {
  /** Processor cores to use; unless told all that this machine or container gives, at most 16. */
  readonly threads?: number | undefined;
  /** How large a photo may be: `{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` unless told. */
  readonly limits?: Partial<Limits> | undefined;
}

/** Opens a classifier.onnx that was trained on normal photos alone. */
export async function loadDetector(path: string, options: LoadOptions = {}): Promise<PhotoDetector> {
  const { file, bytes, threads } = await readToOpen(path, options);
  const detector = await PhotoDetector.open(bytes, file, openSession, { threads });
  return Object.assign(detector, { limits: options.limits ?? {} });
}

/** Opens a classifier.onnx of either kind, named as the file or as its folder. */
export async function loadFile(path: string, options: LoadOptions = {}): Promise<PhotoClassifier | PhotoDetector> {
  const { file, bytes } = await readToOpen(path, options);
  const { task } = cardFromMetadata(readModel(bytes, file).metadata, file);
  return task === 'one-class' ? loadDetector(file, options) : loadClassifier(file, options);
}

/** Opens a classifier.onnx. */
export async function loadClassifier(path: string, options: LoadOptions = {}): Promise<PhotoClassifier> {
  const { file, bytes, threads } = await readToOpen(path, options);
  const classifier = await PhotoClassifier.open(bytes, file, openSession, { threads });
  return Object.assign(classifier, { limits: options.limits ?? {} });
}

/** A classifier's bytes, and what to open them with. @throws CarafeError USAGE, NOT_FOUND, UNREADABLE */
export async function readToOpen(path: string, options: LoadOptions) {
  requireText('path', path);
  requireOptions(options);
  return { ...(await readClassifier(path)), threads: options.threads ?? availableCores() };
}
