import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import type { ImageItem } from '../images/imageSet.ts';
import type { Matrix } from '../platform.ts';
import type { Computer } from './cacheKey.ts';
import { vectorSpace } from './cacheKey.ts';
import type { FeatureStore, StoreEntry, VectorSpace } from './store.ts';
import type { Outcome, PhotoFailure, WorkerPool } from './workerPool.ts';

export interface ExtractionPlatform {
  readonly store: FeatureStore;
  readonly computer: Computer;
  readonly sha256: (text: string) => string;
  /** Changes whenever the file's content may have changed; undefined where the file cannot be looked at. */
  readonly stamp: (file: string) => string | undefined;
  /** Opens at most `count` workers for this backbone; all processor cores are used unless told. */
  readonly openWorkers: (backbone: Backbone, count: number | undefined) => WorkerPool;
}

export interface ExtractionProgress {
  readonly done: number;
  readonly total: number;
  readonly cached: number;
  readonly computed: number;
  readonly failed: number;
}

export interface ExtractionOptions {
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
}

export interface Extraction {
  /** One row a usable photo, in the order of the items. */
  readonly features: Matrix;
  /** The items behind the rows. */
  readonly items: readonly ImageItem[];
  /** The photos behind the rows. */
  readonly photos: readonly ExtractedPhoto[];
  /** What could not be used, in the order of the items. */
  readonly failed: readonly ({ readonly path: string } & PhotoFailure)[];
  readonly found: number;
  readonly cached: number;
  /** Photos for which the network was run; equal photos count once. */
  readonly computed: number;
}

/** Lookups before others get their turn: a few milliseconds. */
const lookupsInARow = 500;
/** The store gets what is new when so much has come together, or so much time has passed. */
const entriesInARow = 50;
const storeMilliseconds = 1000;

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

class ExtractionRun {
  readonly #items: readonly ImageItem[];
  readonly #backbone: Backbone;
  readonly #platform: ExtractionPlatform;
  readonly #options: ExtractionOptions;
  readonly #space: VectorSpace;
  /** A row for each item; rows of unusable photos are taken out at the end. */
  readonly #features: Float32Array;
  readonly #photos: (ExtractedPhoto | undefined)[];
  readonly #failures: (PhotoFailure | undefined)[];
  /** Item that is being computed, by the photo's SHA-256, and items with equal bytes that wait for it. */
  readonly #first = new Map<string, number>();
  readonly #copies: { readonly index: number; readonly first: number }[] = [];
  readonly #counts = { cached: 0, computed: 0, failed: 0 };
  #entries: StoreEntry[] = [];
  #stored = performance.now();

  constructor(
    items: readonly ImageItem[],
    backbone: Backbone,
    platform: ExtractionPlatform,
    options: ExtractionOptions,
  ) {
    this.#items = items;
    this.#backbone = backbone;
    this.#platform = platform;
    this.#options = options;
    this.#space = vectorSpace(backbone, platform.computer, platform.sha256);
    this.#features = new Float32Array(items.length * this.#space.width);
    this.#photos = new Array(items.length).fill(undefined);
    this.#failures = new Array(items.length).fill(undefined);
  }

  /** Settles what the store knows, without reading a photo; gives the indexes of the rest. */
  async lookUp(): Promise<number[]> {
    const missing: number[] = [];
    for (const [index, { file }] of this.#items.entries()) {
      const stamp = this.#platform.stamp(file);
      const sha256 = stamp && this.#platform.store.sha256At(file, stamp);
      if (!sha256 || !this.#settleFromStore(index, sha256)) missing.push(index);
      if (index % lookupsInARow === lookupsInARow - 1) {
        this.#report();
        await new Promise((resolve) => setTimeout(resolve));
        this.#throwIfAborted();
      }
    }
    this.#report();
    this.#throwIfAborted();
    return missing;
  }

  /** Has workers compute what is missing, whichever is done first. */
  async compute(missing: readonly number[]): Promise<void> {
    const { threads, signal } = this.#options;
    const pool = this.#platform.openWorkers(this.#backbone, threads);
    const queue = missing.values();
    let broken: { error: unknown } | undefined;
    const lane = async (): Promise<void> => {
      for (const index of queue) {
        if (broken || signal?.aborted) return;
        try {
          await this.#process(index, pool);
        } catch (error) {
          broken ??= { error };
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(pool.capacity, missing.length) }, lane));
    } finally {
      this.#write();
      await pool.close();
    }
    if (broken) throw broken.error;
    this.#throwIfAborted();
    for (const { index, first } of this.#copies) this.#copy(index, first);
    this.#report();
  }

  result(): Extraction {
    const { width } = this.#space;
    const failed = this.#items.flatMap(({ path }, index) => {
      const failure = this.#failures[index];
      return failure ? [{ path, ...failure }] : [];
    });
    if (failed.length > 0 && failed.length === this.#items.length) throw allFailed(failed);
    const items: ImageItem[] = [];
    const photos: ExtractedPhoto[] = [];
    for (const [index, photo] of this.#photos.entries()) {
      if (!photo) continue;
      // Closing the gaps in place: a second matrix would double the memory.
      if (items.length < index) this.#features.copyWithin(items.length * width, index * width, (index + 1) * width);
      items.push(this.#items[index]);
      photos.push(photo);
    }
    const features = { rows: items.length, columns: width, data: this.#features.subarray(0, items.length * width) };
    const { cached, computed } = this.#counts;
    return { features, items, photos, failed, found: this.#items.length, cached, computed };
  }

  async #process(index: number, pool: WorkerPool): Promise<void> {
    const { file } = this.#items[index];
    // Taken before the photo is read: if it changes meanwhile, the next run meets another stamp and reads it again.
    const stamp = this.#platform.stamp(file);
    const outcome = await pool.process(file, (sha256) => this.#isWanted(index, sha256));
    this.#settle(index, outcome);
    if (outcome.kind !== 'unread') this.#keep(outcome, stamp === undefined ? undefined : { file, stamp });
    this.#report();
  }

  /** A photo whose bytes are known: perhaps it is in the store under another name, or under way already. */
  #isWanted(index: number, sha256: string): boolean {
    const first = this.#first.get(sha256);
    if (first !== undefined) this.#copies.push({ index, first });
    if (first !== undefined || this.#settleFromStore(index, sha256)) return false;
    this.#first.set(sha256, index);
    return true;
  }

  #settleFromStore(index: number, sha256: string): boolean {
    const { store, computer } = this.#platform;
    const photo = store.photo(sha256);
    if (!photo) return false;
    if ('failure' in photo) {
      if (photo.decoder === computer.decoder) this.#fail(index, photo.failure);
      return photo.decoder === computer.decoder;
    }
    const hash = store.readVector(this.#space, sha256, this.#row(index));
    if (!hash) return false;
    this.#photos[index] = { sha256, width: photo.width, height: photo.height, hash };
    this.#counts.cached++;
    return true;
  }

  #settle(index: number, outcome: Outcome): void {
    if (outcome.kind === 'computed') {
      const { sha256, features, width, height, hash } = outcome;
      this.#row(index).set(features);
      this.#photos[index] = { sha256, width, height, hash };
      this.#counts.computed++;
    } else if (outcome.kind !== 'skipped') this.#fail(index, outcome.failure);
  }

  #copy(index: number, first: number): void {
    const failure = this.#failures[first];
    if (failure) this.#fail(index, failure);
    else {
      this.#row(index).set(this.#row(first));
      this.#photos[index] = this.#photos[first];
      this.#counts.cached++;
    }
  }

  #fail(index: number, failure: PhotoFailure): void {
    this.#failures[index] = failure;
    this.#counts.failed++;
  }

  #row(index: number): Float32Array {
    const { width } = this.#space;
    return this.#features.subarray(index * width, (index + 1) * width);
  }

  #keep(outcome: Exclude<Outcome, { kind: 'unread' }>, at: StoreEntry['at']): void {
    const entry = { sha256: outcome.sha256, ...(at ? { at } : {}) };
    if (outcome.kind === 'computed') {
      const { width, height, features, hash } = outcome;
      this.#entries.push({ ...entry, photo: { width, height }, vector: { features, hash } });
    } else if (outcome.kind === 'failed')
      this.#entries.push({ ...entry, photo: { failure: outcome.failure, decoder: this.#platform.computer.decoder } });
    else if (at) this.#entries.push(entry);
    if (this.#entries.length >= entriesInARow || performance.now() - this.#stored > storeMilliseconds) this.#write();
  }

  #write(): void {
    if (this.#entries.length > 0) this.#platform.store.write(this.#space, this.#entries);
    this.#entries = [];
    this.#stored = performance.now();
  }

  #report(): void {
    const { cached, computed, failed } = this.#counts;
    this.#options.progress?.({
      done: cached + computed + failed,
      total: this.#items.length,
      cached,
      computed,
      failed,
    });
  }

  #throwIfAborted(): void {
    if (this.#options.signal?.aborted)
      throw new CarafeError(
        'INTERRUPTED',
        'Extraction was interrupted.',
        'Start it again: it goes on where it stopped, since the features of all photos done so far are kept.',
      );
  }
}

const examples = 3;

function allFailed(failed: Extraction['failed']): CarafeError {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of failed) byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
  const reasons = [...byReason].map(([reason, paths]) => {
    const more = paths.length - examples;
    const shown = paths.slice(0, examples).join(', ') + (more > 0 ? ` and ${more} more` : '');
    return `${reason} (${shown})`;
  });
  return new CarafeError(
    'ALL_IMAGES_FAILED',
    `None of the ${failed.length} photos can be used: ${reasons.join('; ')}`,
    'Check that the folder or list names JPEG, PNG, WebP, AVIF, GIF or TIFF files that open in an image viewer.',
  );
}
