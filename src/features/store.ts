/** The interface of a feature cache. */

import type { ImageFailureCode } from '../errors.ts';
import type { PhotoFacts } from '../images/facts.ts';
import type { Remark } from '../images/remarks.ts';
import type { Shot } from '../images/shot.ts';

/** A photo that can be used, whatever network looks at it. */
export interface KnownPhoto {
  /** Upright width and height in pixels, as the file has them. */
  readonly width: number;
  readonly height: number;
  /** Where the file says so; photos that were stored before this was read have none. */
  readonly shot?: Shot | undefined;
  /** What decoded it, where that is a rare decoder. */
  readonly decoder?: string | undefined;
  readonly remarks?: readonly Remark[] | undefined;
  /** Neither photos that were stored before this was read have any, nor those of a platform that does not read them. */
  readonly facts?: PhotoFacts | undefined;
}

/** What is known of a photo's content, whatever network looks at it. */
export type PhotoRecord =
  | KnownPhoto
  /** It cannot be used; the decoder is part of it, since a newer one may read it. */
  | { readonly failure: { readonly code: ImageFailureCode; readonly reason: string }; readonly decoder: string };

/** Everything but the photo on which a vector depends; see cacheKey.ts. Each has a place of its own in the store. */
export interface VectorSpace {
  /** SHA-256 of `description`, lowercase hex. */
  readonly id: string;
  /** Canonical JSON. */
  readonly description: string;
  /** Name and hash of the backbone, by which messages name the space. */
  readonly backbone: { readonly name: string; readonly hash: string };
  /** Numbers in one vector; channels of a map. */
  readonly width: number;
}

/** What the very pixels look like from which features were computed. */
export interface Look {
  /** Perceptual hash, 16 hex digits. */
  readonly hash: string;
  /** The whole photo as 32 x 32 grey cells. */
  readonly cells: Uint8Array;
}

export interface VectorRecord extends Look {
  readonly features: Float32Array;
}

/** A feature map of a photo, [height, width, channels], float16 bits. */
export interface MapRecord {
  readonly height: number;
  readonly width: number;
  readonly data: Uint16Array;
}

/** What one photo adds to the store; each part may be there already. */
export interface StoreEntry {
  /** SHA-256 of the photo's bytes, lowercase hex. */
  readonly sha256: string;
  /** Where the photo lies, and the file's stamp as it was before the photo was read. */
  readonly at?: { readonly file: string; readonly stamp: string };
  readonly photo?: PhotoRecord;
  readonly vector?: VectorRecord;
}

/**
 * Keeps what was read and computed. All of it can be computed again: whatever is missing, torn or foreign is simply
 * not found. No read or write rejects.
 */
export interface FeatureStore {
  /** SHA-256 of the photo at this place, if the file's stamp is still the same. */
  sha256At(file: string, stamp: string): Promise<string | undefined>;
  /** Where photos lay when they were read, each place once. */
  files(): AsyncIterable<string>;
  photo(sha256: string): Promise<PhotoRecord | undefined>;
  /** WebP. */
  thumbnail(sha256: string): Promise<Uint8Array | undefined>;
  /** Copies the features into `target` (as long as the space is wide) and gives what belongs to them, if they are there. */
  readVector(space: VectorSpace, sha256: string, target: Float32Array): Promise<Look | undefined>;
  /** Stores many entries at once; the vectors belong to `space`. */
  write(space: VectorSpace, entries: readonly StoreEntry[]): Promise<void>;
  /** A photo's map, if it is there; not to be changed. */
  readMap(space: VectorSpace, sha256: string): Promise<MapRecord | undefined>;
  /** Stores maps by the SHA-256 of their photos. */
  writeMaps(space: VectorSpace, maps: ReadonlyMap<string, MapRecord>): Promise<void>;
  /** Stores thumbnails (WebP) by the SHA-256 of their photos. */
  writeThumbnails(thumbnails: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Resolves when everything is on its way to the disk for good; the store is of no use after it. */
  close(): Promise<void>;
}
