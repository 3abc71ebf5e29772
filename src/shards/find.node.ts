/** Finds the parts of an extraction, and makes sure that none is missing. */

import { CarafeError } from '../errors.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import type { ShardHead, ShardRow } from './shard.node.ts';
import { namesBegin, type PartName, parseShardName, shardName } from './shardNames.ts';

/** All parts of one extraction. */
export interface ShardRun {
  readonly place: ObjectPlace;
  readonly run: string;
  /** In order. */
  readonly names: readonly string[];
  readonly bytes: number;
}

const mostNamed = 8;

/**
 * Undefined where the place holds no features.
 * @param run which extraction, where there are several
 * @throws CarafeError USAGE where there are several; NOT_FOUND where parts are missing
 */
export async function findShards(place: ObjectPlace, run?: string): Promise<ShardRun | undefined> {
  const runs = new Map<
    string,
    { readonly run: string; readonly parts: number; readonly found: (PartName & { readonly bytes: number })[] }
  >();
  for await (const { name, bytes } of place.list(namesBegin)) {
    const parsed = parseShardName(name);
    if (!parsed || (run !== undefined && parsed.run !== run)) continue;
    const known = runs.get(`${parsed.run} ${parsed.parts}`) ?? { run: parsed.run, parts: parsed.parts, found: [] };
    known.found.push({ ...parsed, bytes });
    runs.set(`${parsed.run} ${parsed.parts}`, known);
  }
  const [only, ...others] = runs.values();
  if (!only) return undefined;
  if (others.length > 0) {
    const told = [...runs.values()].map(({ run: id, parts, found }) => `${id} (${found.length} of ${parts} parts)`);
    throw new CarafeError(
      'USAGE',
      `${place.address} holds features of ${told.length} extractions: ${told.slice(0, mostNamed).join(', ')}. They are of different photos, labels, networks or versions.`,
      'Keep each in a place of its own, or delete the files of the others.',
    );
  }
  const { run: id, parts, found } = only;
  const there = new Set(found.map(({ part }) => part));
  const missing = Array.from({ length: parts }, (_, at) => at + 1).filter((part) => !there.has(part));
  if (missing.length > 0) {
    const more = missing.length > mostNamed ? ` and ${missing.length - mostNamed} more` : '';
    throw new CarafeError(
      'NOT_FOUND',
      `${place.address} lacks ${missing.length} of ${parts} parts: ${missing.slice(0, mostNamed).join(', ')}${more}.`,
      'Run `carafe extract` again as before: it computes what is missing and skips what is there.',
    );
  }
  return {
    place,
    run: id,
    names: found.toSorted((a, b) => a.part - b.part).map(shardName),
    bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** A part that was read: what it says of itself, and its rows in order. */
export interface ReadPart {
  readonly head: ShardHead;
  readonly rows: readonly ShardRow[];
}

/**
 * Reads part after part; the next one is on its way while one is used.
 * @throws CarafeError UNREADABLE where one is damaged, or not of this extraction
 */
export async function* readParts({ place, run, names }: ShardRun): AsyncGenerator<ReadPart> {
  // Only who reads parts waits for what reads Parquet.
  const { openShard } = await import('./shard.node.ts');
  const fetchPart = async (name: string | undefined) => (name === undefined ? undefined : place.read(name));
  let next = fetchPart(names[0]);
  for (const [at, name] of names.entries()) {
    const bytes = await next;
    next = fetchPart(names[at + 1]);
    // Whoever stops reading here is not to hear of the part that was on its way.
    next.catch(() => {});
    if (!bytes) return;
    const { head, blocks } = openShard(bytes, `${place.address}/${name}`);
    if (head.run !== run || shardName(head) !== name)
      throw new CarafeError(
        'UNREADABLE',
        `${place.address}/${name} holds another part than its name says.`,
        'Delete it and extract that part again; all other parts are kept.',
      );
    const rows: ShardRow[] = [];
    for await (const block of blocks()) for (const row of block) rows.push(row);
    yield { head, rows };
  }
}
