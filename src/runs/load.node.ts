/** Classifiers in Node, opened by path; they read photos by themselves. */

import { Classifier, type Prediction } from '../classifier/classifier.ts';
import { openFile } from '../classifier/file.ts';
import { readClassifier } from '../classifier/find.node.ts';
import type { Limits } from '../images/limits.ts';
import { openSession } from '../runtime/platform.node.ts';
import type { OpenSession, Pixels } from '../runtime/platform.ts';
import { sessionsInThreads } from '../runtime/sessionPool.node.ts';
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
  /**
   * Worker threads that run the network, so that the caller's event loop stays free and as many photos are answered at
   * once; unless told it runs in the caller's thread and blocks it, 10 ms a photo with the embedded network. Each takes
   * about 50 MB.
   */
  readonly workers?: number | undefined;
  /** Threads inside one run of the network; 1 unless told. More answer one photo sooner, and cost more processor time. */
  readonly threads?: number | undefined;
  /** How large a photo may be: `{ maxBytes: 512e6, maxPixels: 16383 ** 2 }` unless told. */
  readonly limits?: Partial<Limits> | undefined;
}

/** Opens a classifier.onnx that was trained on normal photos alone. */
export async function loadDetector(path: string, options: LoadOptions = {}): Promise<PhotoDetector> {
  const { file, bytes } = await readToOpen(path, options);
  const detector = await PhotoDetector.open(bytes, file, openerFor(options));
  return Object.assign(detector, { limits: options.limits ?? {} });
}

/** Opens a classifier.onnx of either kind, named as the file or as its folder. */
export async function loadFile(path: string, options: LoadOptions = {}): Promise<PhotoClassifier | PhotoDetector> {
  const { file, bytes } = await readToOpen(path, options);
  const { session, card } = await openFile(bytes, file, (any) => any, openerFor(options), {});
  const opened =
    card.task === 'one-class' ? new PhotoDetector(session, card, file) : new PhotoClassifier(session, card, file);
  return Object.assign(opened, { limits: options.limits ?? {} });
}

/** Opens a classifier.onnx. */
export async function loadClassifier(path: string, options: LoadOptions = {}): Promise<PhotoClassifier> {
  const { file, bytes } = await readToOpen(path, options);
  const classifier = await PhotoClassifier.open(bytes, file, openerFor(options));
  return Object.assign(classifier, { limits: options.limits ?? {} });
}

function openerFor({ workers, threads = 1 }: LoadOptions): OpenSession {
  const open = workers === undefined ? openSession : sessionsInThreads(workers);
  return (model) => open(model, { threads });
}

/** A classifier's bytes. @throws CarafeError USAGE, NOT_FOUND, UNREADABLE */
export function readToOpen(path: string, options: LoadOptions) {
  requireText('path', path);
  requireOptions(options);
  return readClassifier(path);
}
