/** Extracts the features of a set part by part, each written once under its own name. */

import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import { vectorSpace } from '../features/cacheKey.ts';
import { extractFeatures } from '../features/extract.ts';
import type { ExtractionOptions, ExtractionPlatform } from '../features/extraction.ts';
import type { VectorSpace } from '../features/store.ts';
import type { PhotoFailure } from '../features/workerPool.ts';
import { rowsAt } from '../numerics/rows.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import { compare, type ImageItem } from '../sets/imageSet.ts';
import type { ShardHead, ShardRow } from './shard.node.ts';
import { type PartName, shardName } from './shardNames.ts';
import { type Precision, storeVector } from './vectors.ts';

/** What is common to all parts of an extraction. */
export interface PartContext {
  readonly place: ObjectPlace;
  readonly platform: ExtractionPlatform;
  readonly network: Backbone;
  readonly head: Pick<ShardHead, 'source' | 'backbone' | 'precision'>;
}

/** Whether it is not the photo that is at fault, but perhaps the machine: it may see another disk. */
function isLost({ code }: PhotoFailure): boolean {
  return code === 'NOT_FOUND' || code === 'UNREADABLE';
}

/** What came of one part. */
export interface PartOutcome {
  readonly usable: number;
  readonly failed: readonly ({ readonly path: string } & PhotoFailure)[];
  readonly bytes: number;
}

/** The space of the features that this process computes of usual photos: part of an extraction's name. */
export function spaceHere(network: Backbone, { computer, sha256 }: ExtractionPlatform): VectorSpace {
  return vectorSpace(network, computer, sha256);
}

/**
 * Computes one part and writes it. Undefined where it is there already.
 * @throws CarafeError INTERRUPTED; UNWRITABLE, UNAVAILABLE where it cannot be written
 */
export async function extractPart(
  name: PartName,
  items: readonly ImageItem[],
  { place, platform, network, head }: PartContext,
  options: Pick<ExtractionOptions, 'threads' | 'limits' | 'signal' | 'progress'>,
): Promise<PartOutcome | undefined> {
  if (await place.info(shardName(name))) return undefined;
  const { rows, spaces } = await rowsOf(items, network, platform, head.precision, options);
  const [first] = rows;
  if (first && rows.every(({ failure }) => failure && isLost(failure)))
    throw new CarafeError(
      'ALL_IMAGES_FAILED',
      `None of the ${rows.length} photos of part ${name.part} can be opened; ${first.path}: ${first.failure?.reason}.`,
      'Make sure that the disk with the photos is mounted on this machine; where it is mounted elsewhere, `root` says where.',
    );
  const { writeShard } = await import('./shard.node.ts');
  const bytes = writeShard({ format: 'carafe-features', version: 1, ...name, ...head, spaces }, rows);
  await place.write(shardName(name), bytes);
  const failed = rows.flatMap(({ path, failure }) => (failure ? [{ path, ...failure }] : []));
  return { usable: rows.length - failed.length, failed, bytes: bytes.length };
}

async function rowsOf(
  items: readonly ImageItem[],
  network: Backbone,
  platform: ExtractionPlatform,
  precision: Precision,
  options: ExtractionOptions,
): Promise<{ rows: ShardRow[]; spaces: VectorSpace[] }> {
  const spaces = [spaceHere(network, platform)];
  if (items.length === 0) return { rows: [], spaces };
  const {
    items: usable,
    photos,
    features,
    failed,
  } = await extractFeatures(items, network, platform, {
    ...options,
    mayAllFail: true,
  });
  const given = new Map(items.map((item) => [item.path, item]));
  const rows = usable.map((item, row): ShardRow => {
    // A usable photo has its row in all that was found.
    const photo = photos[row]!;
    const decoder = photo.decoder ?? platform.computer.decoder;
    const own = vectorSpace(network, { ...platform.computer, decoder }, platform.sha256);
    let space = spaces.findIndex(({ id }) => id === own.id);
    if (space < 0) space = spaces.push(own) - 1;
    return { ...about(item), photo: { ...photo, space, vector: storeVector(rowsAt(features, row, 1), precision) } };
  });
  for (const { path, code, reason } of failed) {
    const item = given.get(path);
    if (item) rows.push({ ...about(item), failure: { code, reason } });
  }
  return { rows: rows.sort((a, b) => compare(a.path, b.path)), spaces };
}

function about({ path, labels, split, group }: ImageItem): ShardRow {
  return { path, labels: [...labels], split: split ?? null, group: group ?? null };
}
