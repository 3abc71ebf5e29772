/** The browser API that trains: photos that a page has become a classifier file; nothing leaves the page. */

import { resolveBackbone } from './backbone/resolve.web.ts';
import { abortable, CarafeError } from './errors.ts';
import { memoryStore } from './features/memoryStore.ts';
import { extractionPlatform } from './features/platform.web.ts';
import type { FeatureStore } from './features/store.ts';
import { seenBy } from './images/crop.ts';
import { decodePhoto, type WebPhoto } from './images/decode.web.ts';
import type { TrainResult } from './results/trainResult.ts';
import type { TrainOptions } from './runs/options.ts';
import { requireOptions } from './runs/requireOptions.ts';
import { train as trainOn } from './runs/train.ts';
import { fetchBytes } from './runtime/fetchBytes.ts';
import { openSession } from './runtime/platform.web.ts';
import type { ImageItem } from './sets/imageSet.ts';
import { imageSet } from './sets/imageSet.ts';
import { version } from './version.ts';

export type { ErrorCode } from './errors.ts';
export type { FeatureStore, TrainResult, WebPhoto };
export { CarafeError, memoryStore, version };

/** A training photo with its labels. */
export interface LabelledPhoto {
  readonly photo: WebPhoto;
  readonly label: string;
  /** Name in the report; by default the file's own. */
  readonly name?: string;
}

export interface WebTrainOptions
  extends Partial<
    Omit<
      TrainOptions,
      'out' | 'tensorboard' | 'compareWith' | 'backbone' | 'groupBy' | 'threads' | 'device' | 'onDownload'
    >
  > {
  /**
   * Address of an .onnx file, with its .json beside it or `preprocessing` given; the one that comes with the package
   * unless told.
   */
  readonly backbone?: string | URL;
  /** Feature cache between trainings: pass the same one (from `memoryStore`) each time. */
  readonly store?: FeatureStore;
}

export interface WebTraining {
  /** The bytes of classifier.onnx. */
  readonly classifier: Uint8Array;
  /** The text of report.html. */
  readonly report: string;
  readonly result: TrainResult;
}

/** Feature maps that a page's memory holds: three quarters of a `memoryStore`. */
const mapBytes = 192e6;
const embeddedBackbone = new URL('../backbone/carafe-s.onnx', import.meta.url);

/**
 * Trains a classifier on a page's photos; nothing leaves the page. The work runs in the calling thread, photo by photo, so
 * call it in a worker if the page must stay responsive.
 * @throws CarafeError for everything that a user can fix
 */
export function train(photos: readonly LabelledPhoto[], options: WebTrainOptions = {}): Promise<WebTraining> {
  return abortable(options.signal, () => trainPhotos(photos, options));
}

async function trainPhotos(photos: readonly LabelledPhoto[], options: WebTrainOptions): Promise<WebTraining> {
  const { backbone = embeddedBackbone, store = memoryStore(), ...others } = options;
  requireOptions(others);
  const set = imageSet('photos', items(photos));
  const written = new Map<string, Uint8Array | string>();
  const result = await trainOn(
    set.source,
    {
      out: 'carafe-out',
      balance: false,
      refit: false,
      falsePositiveRate: 0.01,
      ...others,
      backbone: String(backbone),
    },
    {
      ...extractionPlatform(store, (file) => photos[Number(file)]!.photo),
      openSession,
      cores: 1,
      freeBytes: async () => mapBytes,
      findImageSet: async () => set,
      resolveBackbone,
      prepare: async (pixels, preprocessing) =>
        seenBy((await decodePhoto(pixels, preprocessing)).pixels, preprocessing),
      ensureFolder: async () => {},
      readClassifier: async (address) => ({ file: address, bytes: await fetchBytes(address) }),
      write: async (path, content) => {
        written.set(path, content);
      },
      // Only event files grow, and a page has none.
      append: async () => {},
    },
  );
  if (result.task !== 'single-label') throw new TypeError('each photo has one label here');
  const classifier = written.get(result.files.classifier);
  const report = written.get(result.files.report);
  if (!(classifier instanceof Uint8Array) || typeof report !== 'string') throw new TypeError('nothing was written');
  return { classifier, report, result };
}

/** Items as a folder would give them; photos of equal names are numbered. */
function items(photos: readonly LabelledPhoto[]): ImageItem[] {
  const taken = new Set<string>();
  return photos.map(({ photo, label, name }, index) => {
    const wanted = `${label}/${name ?? (photo instanceof File ? photo.name : index + 1)}`;
    let path = wanted;
    for (let copy = 2; taken.has(path); copy++) path = `${wanted} (${copy})`;
    taken.add(path);
    return { path, file: String(index), labels: [label] };
  });
}
