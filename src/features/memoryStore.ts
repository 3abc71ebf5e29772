/** A feature cache in memory. */

import type { FeatureStore, MapRecord, PhotoRecord, StoreEntry, VectorRecord } from './store.ts';

const defaultBytes = 256 * 2 ** 20;

/**
 * A store in memory: for the browser, and where the disk fails. Of thumbnails, vectors and maps it keeps at most `maxBytes`
 * and forgets the oldest first; the few dozen bytes a photo beside them are kept.
 */
export function memoryStore(maxBytes = defaultBytes): FeatureStore {
  const places = new Map<string, { stamp: string; sha256: string }>();
  const photos = new Map<string, PhotoRecord>();
  const thumbnails = boundedMap<Uint8Array>(maxBytes / 4, (thumbnail) => thumbnail.byteLength);
  const vectors = boundedMap<VectorRecord | MapRecord>((maxBytes / 4) * 3, sizeOf);

  function keep(spaceId: string, { sha256, at, photo, vector }: StoreEntry): void {
    if (at) places.set(at.file, { stamp: at.stamp, sha256 });
    if (photo) photos.set(sha256, photo);
    if (vector) vectors.set(`${spaceId} ${sha256}`, vector);
  }

  return {
    async sha256At(file, stamp) {
      const place = places.get(file);
      return place?.stamp === stamp ? place.sha256 : undefined;
    },
    async *files() {
      yield* places.keys();
    },
    photo: async (sha256) => photos.get(sha256),
    thumbnail: async (sha256) => thumbnails.get(sha256),
    async readVector(space, sha256, target) {
      const vector = vectors.get(`${space.id} ${sha256}`);
      if (!vector || !('hash' in vector) || vector.features.length !== target.length) return undefined;
      target.set(vector.features);
      return { hash: vector.hash, cells: vector.cells };
    },
    async readMap(space, sha256) {
      const map = vectors.get(`${space.id} ${sha256}`);
      return map && 'data' in map ? map : undefined;
    },
    async writeMaps(space, maps) {
      for (const [sha256, map] of maps) vectors.set(`${space.id} ${sha256}`, map);
    },
    async write(space, entries) {
      for (const entry of entries) keep(space.id, entry);
    },
    async writeThumbnails(made) {
      for (const [sha256, thumbnail] of made) thumbnails.set(sha256, thumbnail);
    },
    async close() {},
  };
}

function sizeOf(record: VectorRecord | MapRecord): number {
  return 'data' in record ? record.data.byteLength : record.features.byteLength + record.cells.byteLength;
}

interface BoundedMap<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
}

function boundedMap<V>(maxBytes: number, sizeOf: (value: V) => number): BoundedMap<V> {
  const values = new Map<string, V>();
  let bytes = 0;
  const remove = (key: string): void => {
    const value = values.get(key);
    if (value === undefined) return;
    values.delete(key);
    bytes -= sizeOf(value);
  };
  return {
    get: (key) => values.get(key),
    set(key, value) {
      remove(key);
      values.set(key, value);
      bytes += sizeOf(value);
      // A Map keeps the order in which its keys came.
      for (const oldest of values.keys()) {
        if (bytes <= maxBytes) break;
        remove(oldest);
      }
    },
  };
}
