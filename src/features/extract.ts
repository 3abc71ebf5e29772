import type { Backbone } from '../backbone/backbone.ts';
import type { ImageItem } from '../images/imageSet.ts';
import type { Shot } from '../images/shot.ts';
import type { View } from '../images/view.ts';
import type { Computer } from './cacheKey.ts';
import { ExtractionRun } from './extractionRun.ts';
import type { Inputs } from './mapTable.ts';
import type { MapNeeds } from './network.ts';
import type { FeatureStore } from './store.ts';
import type { PhotoFailure, WorkerPool } from './workerPool.ts';

export interface ExtractionPlatform {
  readonly store: FeatureStore;
  readonly computer: Computer;
  readonly sha256: (text: string) => string;
  /** Changes whenever the file's content may have changed; undefined where the file cannot be looked at. */
  readonly stamp: (file: string) => string | undefined;
  /** Opens at most `count` workers for this backbone; all processor cores are used unless told. */
  readonly openWorkers: (backbone: Backbone, needs: MapNeeds, count: number | undefined) => WorkerPool;
}

/** Of photos; with views, of photos and views. */
export interface ExtractionProgress {
  readonly done: number;
  readonly total: number;
  readonly cached: number;
  readonly computed: number;
  readonly failed: number;
}

export interface ExtractionOptions {
  /** Maps that are wanted besides the features; what the backbone does not have is not given. */
  readonly needs?: MapNeeds | undefined;
  /** Views that are wanted besides the photos. */
  readonly views?: readonly View[] | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((state: ExtractionProgress) => void) | undefined;
}

/** A photo that can be used. */
export interface ExtractedPhoto {
  /** Of the photo's bytes, lowercase hex. */
  readonly sha256: string;
  /** Upright size in the file. */
  readonly width: number;
  readonly height: number;
  /** Perceptual hash, 16 hex digits. */
  readonly hash: string;
  /** When it was taken and by which camera, where the file says so. */
  readonly shot?: Shot | undefined;
}

/**
 * One row a usable photo, in the order of the items; then, view after view, one row of each photo in the same order.
 */
export interface Extraction extends Inputs {
  /** The items behind the first rows. */
  readonly items: readonly ImageItem[];
  /** The photos behind the first rows. */
  readonly photos: readonly ExtractedPhoto[];
  /** What could not be used, in the order of the items. */
  readonly failed: readonly ({ readonly path: string } & PhotoFailure)[];
  readonly found: number;
  /** Photos that were known. */
  readonly cached: number;
  /** Photos for which the network was run; equal photos count once. */
  readonly computed: number;
  /** The same of views. */
  readonly views: { readonly cached: number; readonly computed: number };
}

/**
 * The features of all photos: from the store where they are there, else computed by workers and stored.
 * A photo that cannot be used is listed and left out.
 * @throws CarafeError ALL_IMAGES_FAILED; INTERRUPTED after the signal, when what was done is stored
 */
export async function extractFeatures(
  items: readonly ImageItem[],
  backbone: Backbone,
  platform: ExtractionPlatform,
  options: ExtractionOptions = {},
): Promise<Extraction> {
  const run = new ExtractionRun(items, backbone, platform, options);
  const missing = await run.lookUp();
  if (missing.length > 0) await run.compute(missing);
  return run.result();
}
