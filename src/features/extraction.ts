/** Input and output of feature extraction. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Limits } from '../images/limits.ts';
import type { View } from '../images/view.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import type { Computer } from './cacheKey.ts';
import type { Inputs } from './mapTable.ts';
import type { MapNeeds } from './network.ts';
import type { FeatureStore, KnownPhoto, Look } from './store.ts';
import type { OpenRows } from './unitRows.ts';
import type { PhotoFailure, WorkerPool } from './workerPool.ts';

export interface ExtractionPlatform {
  readonly store: FeatureStore;
  readonly computer: Computer;
  /** What decodes photos that `computer.decoder` does not; the features of these lie in spaces of their own. */
  readonly rareDecoders?: readonly string[];
  /** Whether a photo of this name is decoded by one of them, so that a record which does not say so is out of date. */
  readonly isRare?: (file: string) => boolean;
  readonly sha256: (text: string) => string;
  /** Changes whenever the file's content may have changed; undefined where the file cannot be looked at. */
  readonly stamp: (file: string) => string | undefined;
  /** Where features lie that are too many for the memory; without it, all lie there. */
  readonly openRows?: OpenRows;
  /** Opens at most `count` workers for this backbone; all processor cores are used unless told. */
  readonly openWorkers: (
    backbone: Backbone,
    needs: MapNeeds,
    count: number | undefined,
    limits?: Partial<Limits>,
  ) => WorkerPool;
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
  /** Look again at photos that were cached before their appearance was measured. */
  readonly appearance?: boolean | undefined;
  /** Go on where no photo can be used. */
  readonly mayAllFail?: boolean | undefined;
  readonly threads?: number | undefined;
  /** How large a photo may be. */
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((state: ExtractionProgress) => void) | undefined;
  /** Told, once, what is odd about photos that can be used. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** A photo that can be used. */
export interface ExtractedPhoto extends Look, KnownPhoto {
  /** Of the photo's bytes, lowercase hex. */
  readonly sha256: string;
}

/**
 * One row a usable photo, in an order that does not depend on what photos are called: by class, then by content. Then,
 * view after view, one row of each photo in the same order.
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
