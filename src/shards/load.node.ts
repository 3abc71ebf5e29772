/** A whole extraction as an image set and a feature cache: what is known of photos in memory, their features in a file. */

import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { canonicalJson } from '../features/cacheKey.ts';
import type { FeatureStore, KnownPhoto, VectorSpace } from '../features/store.ts';
import { cellsAcross } from '../images/greyCells.ts';
import { isBucketAddress } from '../objects/objects.ts';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import { ScratchFile } from '../runtime/scratchFile.node.ts';
import { type FindOptions, type ImageItem, type ImageSet, imageSet } from '../sets/imageSet.ts';
import { readParts, type ShardRun } from './find.node.ts';
import type { ShardHead, ShardPhoto, ShardRow } from './shard.node.ts';
import { bytesOf, type Precision, readStoredVector } from './vectors.ts';

/** Features that were extracted before, and what they are of. */
export interface ExtractedSet {
  readonly head: ShardHead;
  /** @throws CarafeError USAGE for options that say how photos are found: that is settled */
  readonly find: (options: FindOptions) => ImageSet;
  /** A stamp for each photo of the set; undefined for other files. */
  readonly stamp: (file: string) => string | undefined;
  /** The features, before what another store holds. */
  readonly store: (other: FeatureStore) => FeatureStore;
}

const stamp = 'extracted';
const cellBytes = cellsAcross ** 2;

/** What decides whether features may be used for others: not which machine, or which version of it, computed them. */
const description = z.looseObject({ model: z.string(), width: z.number() });

/** Reads all parts. @throws CarafeError UNREADABLE, UNAVAILABLE, ALL_IMAGES_FAILED */
export async function loadExtracted(
  run: ShardRun,
  onPart?: (done: number, all: number) => void,
): Promise<ExtractedSet> {
  const items: ImageItem[] = [];
  const bySha256 = new Map<string, KeptPhoto>();
  const byFile = new Map<string, string>();
  const failed: ShardRow[] = [];
  let first: ShardHead | undefined;
  let looks: LookFile | undefined;
  let done = 0;
  for await (const { head, rows } of readParts(run)) {
    first ??= head;
    looks ??= new LookFile(head, run.bytes);
    for (const row of rows) {
      if (!row.photo) failed.push(row);
      if (!row.photo) continue;
      const file = fileOf(head.source, row.path);
      byFile.set(file, row.photo.sha256);
      if (!bySha256.has(row.photo.sha256)) bySha256.set(row.photo.sha256, looks.keep(row.photo, head));
      const { path, labels, split, group } = row;
      items.push({ path, file, labels, ...(split && { split }), ...(group && { group }) });
    }
    done++;
    onPart?.(done, run.names.length);
  }
  if (!first || !looks || items.length === 0)
    throw new CarafeError(
      'ALL_IMAGES_FAILED',
      `${run.place.address} holds features of no photo${failed[0]?.failure ? `: ${failed[0].path}: ${failed[0].failure.reason}` : ''}.`,
      'Extract the features of photos that can be read.',
    );
  const head = first;
  const kept = looks;
  const fits = fitting();

  return {
    head,
    stamp: (file) => (byFile.has(file) ? stamp : undefined),
    find(options) {
      refuse(options, run.place.address);
      const chosen = options.ignoreSplit ? items.map(({ split: _, ...item }) => item) : items;
      const [lost] = failed;
      const notes = lost?.failure
        ? [
            `${failed.length} of ${items.length + failed.length} photos could not be used when features were extracted; ${lost.path}: ${lost.failure.reason}.`,
          ]
        : [];
      return imageSet(run.place.address, chosen, { notes });
    },
    store: (other) => ({
      ...bound(other),
      sha256At: async (file, at) => (at === stamp ? byFile.get(file) : other.sha256At(file, at)),
      photo: async (sha256) => {
        return bySha256.get(sha256)?.known ?? other.photo(sha256);
      },
      async readVector(space, sha256, target) {
        const photo = bySha256.get(sha256);
        const cells = photo && fits(photo.belongs, space) ? kept.read(photo, target) : undefined;
        return photo && cells ? { hash: photo.hash, cells } : other.readVector(space, sha256, target);
      },
    }),
  };
}

/** The methods of a store, each its own function. */
function bound(store: FeatureStore): FeatureStore {
  return {
    sha256At: (file, at) => store.sha256At(file, at),
    files: () => store.files(),
    photo: (sha256) => store.photo(sha256),
    thumbnail: (sha256) => store.thumbnail(sha256),
    readVector: (space, sha256, target) => store.readVector(space, sha256, target),
    // Where a photo lay when its features were extracted is no place of this machine.
    write: (space, entries) =>
      store.write(
        space,
        entries.map(({ at: _, ...entry }) => entry),
      ),
    readMap: (space, sha256) => store.readMap(space, sha256),
    writeMaps: (space, maps) => store.writeMaps(space, maps),
    writeThumbnails: (thumbnails) => store.writeThumbnails(thumbnails),
    close: () => store.close(),
  };
}

/** What is kept in memory of a photo, and its place in the file. */
interface KeptPhoto {
  readonly known: KnownPhoto;
  readonly hash: string;
  readonly belongs: VectorSpace;
  readonly place: number;
  readonly scale: number;
}

/** Grey cells and features of photos, as they are stored, in a file. */
class LookFile {
  readonly #precision: Precision;
  readonly #file: ScratchFile;
  readonly #row: Uint8Array;
  #count = 0;

  constructor({ precision, spaces: [space] }: ShardHead, bytes: number) {
    const width = space?.width ?? 0;
    this.#precision = precision;
    this.#row = new Uint8Array(cellBytes + width * bytesOf[precision]);
    this.#file = new ScratchFile(cacheFolder(), bytes, 'The features');
  }

  keep({ sha256: _, space, vector, hash, cells, ...known }: ShardPhoto, { spaces }: ShardHead): KeptPhoto {
    const { bytes, scale } = vector;
    const isWhole = cells.length === cellBytes && bytes.length === this.#row.length - cellBytes;
    const kept = { known, hash, belongs: spaces[space]!, scale, place: isWhole ? this.#count++ : -1 };
    if (!isWhole) return kept;
    this.#row.set(cells);
    this.#row.set(bytes, cellBytes);
    this.#file.write(kept.place * this.#row.length, this.#row);
    return kept;
  }

  /** Writes the features into `target`, and gives the cells; undefined where the features are of another width. */
  read({ place, scale }: KeptPhoto, target: Float32Array): Uint8Array | undefined {
    if (place < 0) return undefined;
    this.#file.read(place * this.#row.length, this.#row);
    const stored = { bytes: this.#row.subarray(cellBytes), scale };
    return readStoredVector(stored, this.#precision, target) ? this.#row.slice(0, cellBytes) : undefined;
  }
}

/** Where the photo lies, if it still does: pictures in reports are made of it. */
function fileOf(source: string, path: string): string {
  if (isBucketAddress(source)) return `${source.replace(/\/+$/, '')}/${path}`;
  return isAbsolute(path) ? path : join(resolve(source), path);
}

/** Whether features of one space may stand for those of another: same network, cut, preprocessing and view. */
function fitting(): (stored: VectorSpace, wanted: VectorSpace) => boolean {
  const known = new Map<string, string>();
  const key = (space: VectorSpace): string => {
    let found = known.get(space.id);
    if (found === undefined) {
      const {
        decoder: _,
        runtime: _r,
        device: _d,
        stored: _s,
        ...rest
      } = description.parse(JSON.parse(space.description));
      found = canonicalJson(rest);
      known.set(space.id, found);
    }
    return found;
  };
  return (stored, wanted) => key(stored) === key(wanted);
}

const settled = ['groupBy', 'asClasses', 'pathColumn', 'labelColumn', 'splitColumn', 'encoding'] as const;

function refuse(options: FindOptions, address: string): void {
  const given = settled.find((name) => options[name] !== undefined && options[name] !== false);
  if (given === undefined) return;
  throw new CarafeError(
    'USAGE',
    `\`${given}\` cannot be used with the features in ${address}: labels and groups were settled when they were extracted.`,
    'Use it with `carafe extract` instead.',
  );
}
