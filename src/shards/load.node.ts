/** Features of a whole extraction in memory, as an image set and a feature cache. */

import { isAbsolute, join, resolve } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { canonicalJson } from '../features/cacheKey.ts';
import type { FeatureStore, PhotoRecord, VectorSpace } from '../features/store.ts';
import { isBucketAddress } from '../objects/objects.ts';
import { type FindOptions, type ImageItem, type ImageSet, imageSet } from '../sets/imageSet.ts';
import { readParts, type ShardRun } from './find.node.ts';
import type { ShardHead, ShardPhoto, ShardRow } from './shard.node.ts';
import { readStoredVector } from './vectors.ts';

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

/** What decides whether features may be used for others: not which machine, or which version of it, computed them. */
const description = z.looseObject({ model: z.string(), width: z.number() });

/** Reads all parts. @throws CarafeError UNREADABLE, UNAVAILABLE, ALL_IMAGES_FAILED */
export async function loadExtracted(
  run: ShardRun,
  onPart?: (done: number, all: number) => void,
): Promise<ExtractedSet> {
  const items: ImageItem[] = [];
  const bySha256 = new Map<string, ShardPhoto & { readonly belongs: VectorSpace }>();
  const byFile = new Map<string, string>();
  const failed: ShardRow[] = [];
  let first: ShardHead | undefined;
  let done = 0;
  for await (const { head, rows } of readParts(run)) {
    first ??= head;
    for (const row of rows) {
      if (!row.photo) failed.push(row);
      if (!row.photo) continue;
      const file = fileOf(head.source, row.path);
      byFile.set(file, row.photo.sha256);
      bySha256.set(row.photo.sha256, { ...row.photo, belongs: head.spaces[row.photo.space] });
      const { path, labels, split, group } = row;
      items.push({ path, file, labels, ...(split && { split }), ...(group && { group }) });
    }
    done++;
    onPart?.(done, run.names.length);
  }
  if (!first || items.length === 0)
    throw new CarafeError(
      'ALL_IMAGES_FAILED',
      `${run.place.address} holds features of no photo${failed[0]?.failure ? `: ${failed[0].path}: ${failed[0].failure.reason}` : ''}.`,
      'Extract the features of photos that can be read.',
    );
  const head = first;
  const fits = fitting();

  return {
    head,
    stamp: (file) => (byFile.has(file) ? stamp : undefined),
    find(options) {
      refuse(options, run.place.address);
      const kept = options.ignoreSplit ? items.map(({ split: _, ...item }) => item) : items;
      const [lost] = failed;
      const notes = lost?.failure
        ? [
            `${failed.length} of ${items.length + failed.length} photos could not be used when features were extracted; ${lost.path}: ${lost.failure.reason}.`,
          ]
        : [];
      return imageSet(run.place.address, kept, { notes });
    },
    store: (other) => ({
      ...bound(other),
      sha256At: async (file, at) => (at === stamp ? byFile.get(file) : other.sha256At(file, at)),
      photo: async (sha256) => {
        const known = bySha256.get(sha256);
        return known ? recordOf(known) : other.photo(sha256);
      },
      async readVector(space, sha256, target) {
        const known = bySha256.get(sha256);
        const isHere = known && fits(known.belongs, space) && readStoredVector(known.vector, head.precision, target);
        return isHere ? { hash: known.hash, cells: known.cells } : other.readVector(space, sha256, target);
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

function recordOf({
  sha256: _,
  space: _s,
  vector: _v,
  hash: _h,
  cells: _c,
  belongs: _b,
  ...known
}: ShardPhoto & { readonly belongs: VectorSpace }): PhotoRecord {
  return known;
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
