/** Thumbnails for the report, made on demand. */

import { ImageError } from '../errors.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { PhotoTools } from './processPhoto.ts';
import type { FeatureStore } from './store.ts';

export interface ThumbnailPlatform {
  readonly store: FeatureStore;
  /** A WebP, its long side at most 160 pixels; undefined if the photo in this file is not (or no longer) this one. */
  readonly makeThumbnail: (file: string, sha256: string) => Promise<Uint8Array | undefined>;
}

/** How many are made at once. */
const atOnce = 4;
/** What is decoded for a thumbnail of at most 160 pixels. */
const small = { resize: { rule: 'shortest-edge', size: 120 }, kernel: 'bilinear' } as const;

/**
 * Thumbnails (WebP) by the photos' paths: from the store, else made now and stored. They are made for the photos that a
 * report shows, and not during extraction, since one costs as much as decoding a photo: 2 to 4 ms.
 */
export async function thumbnails(
  photos: Iterable<{ readonly path: string; readonly file: string; readonly sha256: string }>,
  { store, makeThumbnail }: ThumbnailPlatform,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  const made = new Map<string, Uint8Array>();
  const queue = photos[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const { path, file, sha256 } = next.value;
      let thumbnail = (await store.thumbnail(sha256)) ?? made.get(sha256);
      if (!thumbnail) {
        thumbnail = await makeThumbnail(file, sha256);
        if (thumbnail) made.set(sha256, thumbnail);
      }
      if (thumbnail) found.set(path, thumbnail);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (made.size > 0) await store.writeThumbnails(made);
  return found;
}

/** What `makeThumbnail` does, with the tools of the place. */
export async function thumbnailOf(
  file: string,
  sha256: string,
  tools: Pick<PhotoTools, 'read' | 'sha256' | 'decode'> & { readonly encode: (pixels: Pixels) => Promise<Uint8Array> },
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await tools.read(file);
    if (tools.sha256(bytes) !== sha256) return undefined;
    const { pixels } = await tools.decode(bytes, small);
    return await tools.encode(pixels);
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
