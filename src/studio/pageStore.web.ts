/** The feature cache in the page's own database. */

import { memoryStore } from '../features/memoryStore.ts';
import type { FeatureStore } from '../features/store.ts';
import type { PageDatabase } from './pageDatabase.web.ts';

const overlayBytes = 128 * 2 ** 20;

/** Same keys as every store. What the browser does not take any more is kept in memory. */
export function pageStore(database: PageDatabase): FeatureStore {
  const overlay = memoryStore(overlayBytes);
  let isFull = false;
  const kept = async (write: () => Promise<unknown>, instead: () => Promise<void>): Promise<void> => {
    try {
      if (!isFull) await write();
    } catch {
      isFull = true;
    }
    if (isFull) await instead();
  };
  const found = async <T>(
    inMemory: Promise<T | undefined>,
    read: () => Promise<T | undefined>,
  ): Promise<T | undefined> => (await inMemory) ?? (await read().catch(() => undefined));
  return {
    sha256At: (file, stamp) => found(overlay.sha256At(file, stamp), () => database.get('digests', `${stamp} ${file}`)),
    async *files() {
      yield* (await database.getAllKeys('digests')).map((key) => key.slice(key.indexOf(' ') + 1));
    },
    photo: (sha256) => found(overlay.photo(sha256), () => database.get('photos', sha256)),
    thumbnail: (sha256) => found(overlay.thumbnail(sha256), () => database.get('thumbnails', sha256)),
    async readVector(space, sha256, target) {
      const inMemory = await overlay.readVector(space, sha256, target);
      if (inMemory) return inMemory;
      const vector = await database.get('vectors', `${space.id} ${sha256}`).catch(() => undefined);
      if (vector?.features.length !== target.length) return undefined;
      target.set(vector.features);
      return { hash: vector.hash, cells: vector.cells };
    },
    readMap: (space, sha256) =>
      found(overlay.readMap(space, sha256), () => database.get('maps', `${space.id} ${sha256}`)),
    write: (space, entries) =>
      kept(
        async () => {
          const change = database.transaction(['digests', 'photos', 'vectors'], 'readwrite');
          for (const { sha256, at, photo, vector } of entries) {
            if (at) void change.objectStore('digests').put(sha256, `${at.stamp} ${at.file}`);
            if (photo) void change.objectStore('photos').put(photo, sha256);
            if (vector) void change.objectStore('vectors').put(vector, `${space.id} ${sha256}`);
          }
          await change.done;
        },
        () => overlay.write(space, entries),
      ),
    writeMaps: (space, maps) =>
      kept(
        async () => {
          const change = database.transaction('maps', 'readwrite');
          for (const [sha256, map] of maps) void change.store.put(map, `${space.id} ${sha256}`);
          await change.done;
        },
        () => overlay.writeMaps(space, maps),
      ),
    writeThumbnails: (thumbnails) =>
      kept(
        async () => {
          const change = database.transaction('thumbnails', 'readwrite');
          for (const [sha256, bytes] of thumbnails) void change.store.put(bytes, sha256);
          await change.done;
        },
        () => overlay.writeThumbnails(thumbnails),
      ),
    close: async () => {},
  };
}
