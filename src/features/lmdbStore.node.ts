/** The feature cache on disk (LMDB). */

import { existsSync, utimesSync } from 'node:fs';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import { memoryStore } from './memoryStore.ts';
import * as records from './records.node.ts';
import type { FeatureStore, Look, MapRecord, StoreEntry, VectorSpace } from './store.ts';
import { Table } from './table.node.ts';
import { tableFolders } from './tableFolders.node.ts';

const overlayBytes = 64 * 2 ** 20;

export interface StoreOptions {
  /** Unless told, `$CARAFE_CACHE` or the platform's place for caches. */
  readonly folder?: string | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * The feature cache on disk. Where it can only be read it is only read; where it cannot be used at
 * all, or the disk fills up on the way, `onWarning` hears of it once and the run goes on in memory.
 */
export function openStore({ folder, onWarning = () => {} }: StoreOptions = {}): FeatureStore {
  return new LmdbStore(cacheFolder(folder), onWarning);
}

type Entry = [key: Uint8Array, ...value: Uint8Array[]];

class LmdbStore implements FeatureStore {
  readonly #folder: string;
  readonly #onWarning: (text: string) => void;
  readonly #folders: ReturnType<typeof tableFolders>;
  /** By folder; undefined: not there, or not usable. */
  readonly #tables = new Map<string, Table | undefined>();
  /** Takes what the disk does not, and is asked first. */
  #overlay: FeatureStore | undefined;

  constructor(folder: string, onWarning: (text: string) => void) {
    this.#folder = folder;
    this.#onWarning = onWarning;
    this.#folders = tableFolders(folder);
    for (const table of [this.#folders.paths, this.#folders.photos, this.#folders.thumbnails]) this.#create(table);
  }

  async sha256At(file: string, stamp: string): Promise<string | undefined> {
    const inMemory = await this.#overlay?.sha256At(file, stamp);
    if (inMemory) return inMemory;
    const value = this.#get(this.#folders.paths, records.pathKey(file));
    const place = value && records.readPlace(value);
    return place?.stamp === stamp ? place.sha256 : undefined;
  }

  async *files(): AsyncGenerator<string> {
    const inMemory = new Set<string>();
    for await (const file of this.#overlay?.files() ?? []) inMemory.add(file);
    yield* inMemory;
    for (const { value } of this.#tables.get(this.#folders.paths)?.entries() ?? []) {
      const file = value && records.readPlace(value).file;
      if (file && !inMemory.has(file)) yield file;
    }
  }

  async photo(sha256: string) {
    const inMemory = await this.#overlay?.photo(sha256);
    if (inMemory) return inMemory;
    const value = this.#get(this.#folders.photos, records.photoKey(sha256));
    return value && records.readPhoto(value);
  }

  async thumbnail(sha256: string): Promise<Uint8Array | undefined> {
    const inMemory = await this.#overlay?.thumbnail(sha256);
    if (inMemory) return inMemory;
    const value = this.#get(this.#folders.thumbnails, records.photoKey(sha256));
    return value && Uint8Array.from(value);
  }

  async readVector(space: VectorSpace, sha256: string, target: Float32Array): Promise<Look | undefined> {
    const inMemory = await this.#overlay?.readVector(space, sha256, target);
    if (inMemory) return inMemory;
    const value = this.#get(this.#spaceFolder(space), records.photoKey(sha256));
    return value && records.readVector(value, target);
  }

  async write(space: VectorSpace, entries: readonly StoreEntry[]): Promise<void> {
    await this.#write(
      () => this.#writeEntries(space, entries),
      (overlay) => overlay.write(space, entries),
    );
  }

  async readMap(space: VectorSpace, sha256: string): Promise<MapRecord | undefined> {
    const inMemory = await this.#overlay?.readMap(space, sha256);
    if (inMemory) return inMemory;
    const value = this.#get(this.#spaceFolder(space), records.photoKey(sha256));
    return value && records.readMap(value, space.width);
  }

  async writeMaps(space: VectorSpace, maps: ReadonlyMap<string, MapRecord>): Promise<void> {
    await this.#write(
      () => {
        const entries = Array.from(
          maps,
          ([sha256, map]): Entry => [records.photoKey(sha256), ...records.writeMap(map)],
        );
        if (entries.length > 0) this.#spaceTable(space).put(entries);
      },
      (overlay) => overlay.writeMaps(space, maps),
    );
  }

  async writeThumbnails(thumbnails: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await this.#write(
      () => {
        const entries = Array.from(thumbnails, ([sha256, bytes]): Entry => [records.photoKey(sha256), bytes]);
        this.#put(this.#folders.thumbnails, entries);
      },
      (overlay) => overlay.writeThumbnails(thumbnails),
    );
  }

  async #write(toDisk: () => void, toMemory: (overlay: FeatureStore) => Promise<void>): Promise<void> {
    try {
      if (!this.#overlay) toDisk();
    } catch (error) {
      this.#goOnInMemory(error);
    }
    if (this.#overlay) await toMemory(this.#overlay);
  }

  #writeEntries(space: VectorSpace, entries: readonly StoreEntry[]): void {
    const places: Entry[] = [];
    const photos: Entry[] = [];
    const vectors: Entry[] = [];
    for (const { sha256, at, photo, vector } of entries) {
      const key = records.photoKey(sha256);
      if (at) places.push([records.pathKey(at.file), records.writePlace(sha256, at.stamp, at.file)]);
      if (photo) photos.push([key, records.writePhoto(photo)]);
      if (vector) vectors.push([key, ...records.writeVector(vector)]);
    }
    // What the next run looks up first is written last, so that it never finds a place without its photo.
    if (vectors.length > 0) this.#spaceTable(space).put(vectors);
    this.#put(this.#folders.photos, photos);
    this.#put(this.#folders.paths, places);
  }

  async close(): Promise<void> {
    const tables = [...this.#tables.values()];
    this.#tables.clear();
    for (const table of tables) await table?.close();
  }

  #spaceFolder(space: VectorSpace): string {
    const folder = this.#folders.space(space.id);
    if (this.#tables.has(folder)) return folder;
    if (existsSync(folder)) {
      this.#create(folder);
      markUsed(folder);
    } else this.#tables.set(folder, undefined);
    return folder;
  }

  /** The table of a space that is about to be written; a new one says first what it holds. */
  #spaceTable(space: VectorSpace): Table {
    const folder = this.#spaceFolder(space);
    let table = this.#tables.get(folder);
    if (!table) {
      table = new Table(folder);
      this.#tables.set(folder, table);
    }
    if (!table.get(records.spaceKey)) table.put([[records.spaceKey, records.writeSpace(space)]]);
    return table;
  }

  #put(folder: string, entries: Entry[]): void {
    if (entries.length > 0) this.#tables.get(folder)?.put(entries);
  }

  #get(folder: string, key: Uint8Array): Buffer | undefined {
    try {
      return this.#tables.get(folder)?.get(key);
    } catch (error) {
      this.#tables.set(folder, undefined);
      this.#goOnInMemory(error);
      return undefined;
    }
  }

  #create(folder: string): void {
    try {
      this.#tables.set(folder, new Table(folder));
    } catch (error) {
      this.#goOnInMemory(error);
      this.#tables.set(folder, openReadOnly(folder));
    }
  }

  #goOnInMemory(error: unknown): void {
    if (this.#overlay) return;
    this.#overlay = memoryStore(overlayBytes);
    const reason = error instanceof Error ? error.message : String(error);
    this.#onWarning(
      `The feature cache in ${this.#folder} cannot be fully used: ${reason}. New features of this run will not be kept; ` +
        'free some space, or set the variable CARAFE_CACHE to a writable folder.',
    );
  }
}

function openReadOnly(folder: string): Table | undefined {
  try {
    return existsSync(folder) ? new Table(folder, true) : undefined;
  } catch {
    return undefined;
  }
}

/** The folder's time says when the vectors were last of use: `prune` goes by it. */
function markUsed(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // Read-only: nobody can prune it either.
  }
}
