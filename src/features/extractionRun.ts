/** One run of feature extraction, photo by photo, view by view. */

import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import type { View } from '../images/view.ts';
import { fromFloat16 } from '../numerics/float16.ts';
import { compare, type ImageItem } from '../sets/imageSet.ts';
import { allDepths } from './allDepths.ts';
import { allFailed } from './allFailed.ts';
import { vectorSpace } from './cacheKey.ts';
import type { ExtractedPhoto, Extraction, ExtractionOptions, ExtractionPlatform } from './extraction.ts';
import { type MapTable, storedMaps } from './mapTable.ts';
import { type MapCut, mapCuts } from './network.ts';
import type { MapRecord, StoreEntry, VectorSpace } from './store.ts';
import { UnitRows } from './unitRows.ts';
import type { Outcome, PhotoFailure, WorkerPool } from './workerPool.ts';

/** Lookups before others get their turn: a few milliseconds. */
const lookupsInARow = 500;
/** The store gets what is new when so much has come together, or so much time has passed. */
const entriesInARow = 50;
const storeMilliseconds = 1000;

/** The spaces of the photos themselves, or of one view of them. */
interface Spaces {
  readonly view: View | undefined;
  readonly features: VectorSpace;
  readonly maps: ReadonlyMap<string, VectorSpace>;
}

/** What is not stored yet. */
interface Pending {
  readonly entries: StoreEntry[];
  readonly maps: Map<VectorSpace, Map<string, MapRecord>>;
}

/** A unit of work is a photo or a view of one: unit u is item u % items, in view floor(u / items). */
export class ExtractionRun {
  readonly #items: readonly ImageItem[];
  readonly #backbone: Backbone;
  readonly #platform: ExtractionPlatform;
  readonly #options: ExtractionOptions;
  readonly #views: readonly (View | undefined)[];
  /** The spaces of each view, by what decoded the photo. */
  readonly #spaces = new Map<string, readonly Spaces[]>();
  readonly #units: number;
  /** A row for each unit; rows of unusable photos are taken out at the end. */
  readonly #features: UnitRows;
  /** The same of pooled maps; of no width where none are wanted. */
  readonly #depths: UnitRows;
  readonly #photos: (ExtractedPhoto | undefined)[];
  readonly #failures: (PhotoFailure | undefined)[];
  /** Unit that is being computed, by view and the photo's SHA-256, and units with equal bytes that wait for it. */
  readonly #first = new Map<string, number>();
  readonly #copies: { readonly unit: number; readonly first: number }[] = [];
  /** Units whose features were found, though not all of their maps. */
  readonly #known = new Set<number>();
  readonly #counts = { photos: { cached: 0, computed: 0 }, views: { cached: 0, computed: 0 }, failed: 0 };
  #pending = new Map<Spaces, Pending>();
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
    this.#views = [undefined, ...(options.views ?? [])];
    this.#units = items.length * this.#views.length;
    const { width, pooled } = backbone.network;
    this.#features = new UnitRows(this.#units, width, platform.openRows);
    this.#depths = new UnitRows(this.#units, options.needs?.depths && pooled ? pooled.channels : 0, platform.openRows);
    this.#photos = new Array(this.#units).fill(undefined);
    this.#failures = new Array(this.#units).fill(undefined);
  }

  /** Settles what the store knows, without reading a photo; gives the units that are left. */
  async lookUp(): Promise<number[]> {
    const missing: number[] = [];
    for (let unit = 0; unit < this.#units; unit++) {
      const { file } = this.#itemOf(unit);
      const stamp = this.#platform.stamp(file);
      const sha256 = stamp && (await this.#platform.store.sha256At(file, stamp));
      if (!sha256 || !(await this.#settleFromStore(unit, sha256))) missing.push(unit);
      if (unit % lookupsInARow === lookupsInARow - 1) {
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
    const { needs = {}, threads, limits, signal } = this.#options;
    const pool = this.#platform.openWorkers(this.#backbone, needs, threads, limits);
    const queue = missing.values();
    let broken: { error: unknown } | undefined;
    const lane = async (): Promise<void> => {
      for (const unit of queue) {
        if (broken || signal?.aborted) return;
        try {
          await this.#process(unit, pool);
        } catch (error) {
          broken ??= { error };
        }
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(pool.capacity, missing.length) }, lane));
    } finally {
      await this.#write();
      await pool.close();
    }
    if (broken) throw broken.error;
    this.#throwIfAborted();
    for (const { unit, first } of this.#copies) this.#copy(unit, first);
    this.#report();
  }

  /** What could not be used, in the order of the items. */
  get failed(): Extraction['failed'] {
    return this.#items.flatMap(({ path }, index) => {
      const failure = this.#failureOf(index);
      return failure ? [{ path, ...failure }] : [];
    });
  }

  /** @throws CarafeError ALL_IMAGES_FAILED */
  async result(): Promise<Extraction> {
    const { failed } = this;
    if (failed.length > 0 && failed.length === this.#items.length && !this.#options.mayAllFail)
      throw allFailed(failed, this.#items[0].file);
    const usable = this.#inOrder([...this.#items.keys()].filter((index) => !this.#failureOf(index)));
    const units = this.#views.flatMap((_, view) => usable.map((index) => view * this.#items.length + index));
    const { photos, views } = this.#counts;
    const features = this.#features.take(units);
    const maps = await this.#maps(units);
    const all = this.#depths.width > 0 ? allDepths(features, this.#depths.take(units)) : undefined;
    return {
      features,
      ...maps,
      ...(all ? { representations: new Map([['all', { features: all, ...maps }]]) } : {}),
      items: usable.map((index) => this.#items[index]),
      photos: usable.flatMap((index) => this.#photos[index] ?? []),
      failed,
      found: this.#items.length,
      ...photos,
      views,
    };
  }

  /** By class and content, so that nothing that is learned or drawn by chance depends on what photos are called. */
  #inOrder(indexes: readonly number[]): number[] {
    const keys = this.#items.map(({ labels, split }, index) =>
      [...labels, this.#photos[index]?.sha256, split].join('\n'),
    );
    return indexes.toSorted((a, b) => compare(keys[a], keys[b]));
  }

  /** A photo that cannot be used has no views either, and one that changed while it was read in some view is not used. */
  #failureOf(index: number): PhotoFailure | undefined {
    for (let unit = index; unit < this.#units; unit += this.#items.length)
      if (this.#failures[unit]) return this.#failures[unit];
    return undefined;
  }

  /** The maps of the given units, a row each, read from the store when they are needed. */
  async #maps(units: readonly number[]): Promise<Pick<Extraction, 'spatial' | 'maps' | 'stage'>> {
    const tables = await Promise.all(
      Array.from(
        mapCuts(this.#backbone, { ...this.#options.needs, depths: false }),
        async ([name, { channels }]): Promise<[string, MapTable]> => {
          const recordAt = async (row: number) => {
            const unit = units[row];
            const photo = this.#photos[unit];
            const space = photo && this.#spacesOf(unit, photo.decoder).maps.get(name);
            return space && this.#platform.store.readMap(space, photo.sha256);
          };
          return [name, await storedMaps(units.length, recordAt, channels)];
        },
      ),
    );
    const named = new Map(tables);
    const maps = tables.flatMap(([name, table]) => (name === 'spatial' || name === 'stage' ? [] : [table]));
    return { spatial: named.get('spatial'), stage: named.get('stage'), ...(maps.length > 0 ? { maps } : {}) };
  }

  #itemOf(unit: number): ImageItem {
    return this.#items[unit % this.#items.length];
  }

  #viewOf(unit: number): View | undefined {
    return this.#views[Math.floor(unit / this.#items.length)];
  }

  /** @param decoder what decoded the photo; undefined: the usual one */
  #spacesOf(unit: number, decoder = this.#platform.computer.decoder): Spaces {
    const { computer, sha256 } = this.#platform;
    let spaces = this.#spaces.get(decoder);
    if (!spaces) {
      spaces = this.#views.map((view) => {
        const space = (map?: MapCut) => vectorSpace(this.#backbone, { ...computer, decoder }, sha256, { view, map });
        const maps = [...mapCuts(this.#backbone, this.#options.needs ?? {})];
        return { view, features: space(), maps: new Map(maps.map(([name, cut]) => [name, space(cut)])) };
      });
      this.#spaces.set(decoder, spaces);
    }
    return spaces[Math.floor(unit / this.#items.length)];
  }

  /** What decodes, all of it: what one cannot read, another may. */
  get #allDecoders(): string {
    return [this.#platform.computer.decoder, ...(this.#platform.rareDecoders ?? [])].join('; ');
  }

  #countsOf(unit: number): { cached: number; computed: number } {
    return unit < this.#items.length ? this.#counts.photos : this.#counts.views;
  }

  async #process(unit: number, pool: WorkerPool): Promise<void> {
    const { file } = this.#itemOf(unit);
    // Taken before the photo is read: if it changes meanwhile, the next run meets another stamp and reads it again.
    const stamp = this.#platform.stamp(file);
    const outcome = await pool.process(file, this.#viewOf(unit), (sha256) => this.#isWanted(unit, sha256));
    this.#settle(unit, outcome);
    if (outcome.kind !== 'unread') await this.#keep(unit, outcome, stamp === undefined ? undefined : { file, stamp });
    this.#report();
  }

  /** A photo whose bytes are known: perhaps it is in the store under another name, or under way already. */
  async #isWanted(unit: number, sha256: string): Promise<boolean> {
    const key = `${this.#viewOf(unit)?.number ?? 0} ${sha256}`;
    const first = this.#first.get(key);
    // What was found by its place may have changed since.
    this.#known.delete(unit);
    if (first !== undefined) {
      this.#copies.push({ unit, first });
      return false;
    }
    // Before the store is asked: equal bytes that come meanwhile wait for this unit.
    this.#first.set(key, unit);
    return !(await this.#settleFromStore(unit, sha256));
  }

  async #settleFromStore(unit: number, sha256: string): Promise<boolean> {
    const { store, rareDecoders = [], isRare } = this.#platform;
    const photo = await store.photo(sha256);
    if (!photo) return false;
    if ('failure' in photo) {
      if (photo.decoder === this.#allDecoders) this.#fail(unit, photo.failure);
      return photo.decoder === this.#allDecoders;
    }
    if (this.#options.appearance && photo.facts && !photo.facts.appearance) return false;
    const { decoder } = photo;
    if (decoder === undefined ? isRare?.(this.#itemOf(unit).file) : !rareDecoders.includes(decoder)) return false;
    const { features, maps } = this.#spacesOf(unit, decoder);
    const vector = new Float32Array(this.#features.width);
    const look = await store.readVector(features, sha256, vector);
    if (!look || !this.#features.set(unit, vector)) return false;
    this.#known.add(unit);
    for (const [name, space] of maps) {
      const map = await store.readMap(space, sha256);
      if (!map || (name === 'depths' && !this.#depths.set(unit, fromFloat16(map.data)))) return false;
    }
    this.#photos[unit] = { sha256, ...photo, ...look };
    this.#countsOf(unit).cached++;
    return true;
  }

  #settle(unit: number, outcome: Outcome): void {
    if (outcome.kind === 'computed') {
      const { sha256, features, maps, width, height, hash, cells, decoder, remarks, shot, facts } = outcome;
      // What is stored stays what it is, whatever is computed beside it.
      if (!this.#known.has(unit)) this.#features.set(unit, features);
      const pooled = maps.get('depths');
      if (pooled) this.#depths.set(unit, fromFloat16(pooled.data));
      this.#photos[unit] = { sha256, width, height, hash, cells, decoder, remarks, shot, facts };
      this.#countsOf(unit).computed++;
    } else if (outcome.kind !== 'skipped') this.#fail(unit, outcome.failure);
  }

  #copy(unit: number, first: number): void {
    const failure = this.#failures[first];
    if (failure) this.#fail(unit, failure);
    else {
      this.#features.copy(unit, first);
      this.#depths.copy(unit, first);
      this.#photos[unit] = this.#photos[first];
      this.#countsOf(unit).cached++;
    }
  }

  #fail(unit: number, failure: PhotoFailure): void {
    this.#failures[unit] = failure;
    this.#counts.failed++;
  }

  async #keep(unit: number, outcome: Exclude<Outcome, { kind: 'unread' }>, at: StoreEntry['at']): Promise<void> {
    const spaces = this.#spacesOf(unit, outcome.kind === 'computed' ? outcome.decoder : undefined);
    const pending: Pending = this.#pending.get(spaces) ?? { entries: [], maps: new Map() };
    this.#pending.set(spaces, pending);
    const entry = { sha256: outcome.sha256, ...(at ? { at } : {}) };
    if (outcome.kind === 'computed') {
      const { sha256, width, height, features, hash, cells, maps, decoder, remarks, shot, facts } = outcome;
      const vector = this.#known.has(unit) ? {} : { vector: { features, hash, cells } };
      pending.entries.push({ ...entry, photo: { width, height, decoder, remarks, shot, facts }, ...vector });
      for (const [name, space] of spaces.maps) {
        const map = maps.get(name);
        if (map) pending.maps.set(space, (pending.maps.get(space) ?? new Map()).set(sha256, map));
      }
    } else if (outcome.kind === 'failed')
      pending.entries.push({ ...entry, photo: { failure: outcome.failure, decoder: this.#allDecoders } });
    else if (at) pending.entries.push(entry);
    if (pending.entries.length >= entriesInARow || performance.now() - this.#stored > storeMilliseconds)
      await this.#write();
  }

  async #write(): Promise<void> {
    const pending = this.#pending;
    this.#pending = new Map();
    this.#stored = performance.now();
    for (const [{ features }, { entries, maps }] of pending) {
      // Whoever finds a photo's place finds all that belongs to it.
      for (const [space, records] of maps) await this.#platform.store.writeMaps(space, records);
      await this.#platform.store.write(features, entries);
    }
  }

  #report(): void {
    const { photos, views, failed } = this.#counts;
    const cached = photos.cached + views.cached;
    const computed = photos.computed + views.computed;
    this.#options.progress?.({ done: cached + computed + failed, total: this.#units, cached, computed, failed });
  }

  #throwIfAborted(): void {
    const { signal } = this.#options;
    const hint = 'Start it again: it resumes where it stopped, since the features of all photos so far are kept.';
    if (signal?.aborted)
      throw new CarafeError('INTERRUPTED', 'Extraction was interrupted.', hint, { cause: signal.reason });
  }
}
