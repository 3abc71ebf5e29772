/** Classifiers in Node, opened by path; they read photos by themselves. */
import { cardFromMetadata } from './classifier/card.ts';
import { Classifier, type Prediction } from './classifier/classifier.ts';
import { readClassifier } from './classifier/find.node.ts';
import { availableCores } from './cores.node.ts';
import { PhotoDetector } from './detect.node.ts';
import type { Limits } from './images/limits.ts';
import { readModel } from './onnx/read.ts';
import { openSession } from './platform.node.ts';
import type { Pixels } from './platform.ts';
import { readFor } from './readFor.node.ts';

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
  /** Processor cores to use; all unless told. */
  readonly threads?: number | undefined;
  /** How large a photo may be: `{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` unless told. */
  readonly limits?: Partial<Limits> | undefined;
}

/** Opens a classifier.onnx that was trained on normal photos alone. */
export async function loadDetector(path: string, { threads, limits = {} }: LoadOptions = {}): Promise<PhotoDetector> {
  const { file, bytes } = await readClassifier(path);
  const detector = await PhotoDetector.open(bytes, file, openSession, { threads: threads ?? availableCores() });
  return Object.assign(detector, { limits });
}

/** Opens a classifier.onnx of either kind, named as the file or as its folder. */
export async function loadFile(path: string, options: LoadOptions = {}): Promise<PhotoClassifier | PhotoDetector> {
  const { file, bytes } = await readClassifier(path);
  const { task } = cardFromMetadata(readModel(bytes, file).metadata, file);
  return task === 'one-class' ? loadDetector(file, options) : loadClassifier(file, options);
}

/** Opens a classifier.onnx. */
export async function loadClassifier(
  path: string,
  { threads, limits = {} }: LoadOptions = {},
): Promise<PhotoClassifier> {
  const { file, bytes } = await readClassifier(path);
  const classifier = await PhotoClassifier.open(bytes, file, openSession, {
    threads: threads ?? availableCores(),
  });
  return Object.assign(classifier, { limits });
}
