/** `carafe cache push` and `pull`: the cache as a team's, at a place that all can reach. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CarafeError, throwIfAborted } from '../errors.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import { openPlace } from '../objects/open.node.ts';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import { fileReason } from '../runtime/files.node.ts';
import { dealPacks, mostIndexBytes, type PackIndex, readIndex, readPack, writePack } from './cachePack.node.ts';
import * as records from './records.node.ts';
import { Table } from './table.node.ts';
import { tableFolders } from './tableFolders.node.ts';

export interface ShareOptions {
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the objects that are done, and all. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** What travelled. */
export interface Shared {
  readonly address: string;
  /** Vectors and maps; the others are what is known of photos, and thumbnails. */
  readonly vectors: number;
  readonly others: number;
  /** Values that were there already. */
  readonly there: number;
  readonly objects: number;
  readonly bytes: number;
}

/** Objects that are asked for at once. */
const atOnce = 8;

/** A table by its name at the place: `photos`, `thumbnails` or `vectors/<id of the space>`. */
const packName = /^v1\/(photos|thumbnails|vectors\/[0-9a-f]{64})\/([0-9a-f]{64})\.pack$/;

interface RemotePack {
  readonly object: string;
  readonly table: string;
  readonly hash: string;
}

interface IndexedPack extends RemotePack {
  readonly index: PackIndex;
}

/**
 * Writes what the cache holds and the place does not. Objects are never changed, and named by their content, so that any number of machines may
 * push at once, and one that was broken off goes on where it was. Where photos lie on this machine stays here.
 * @throws CarafeError UNAVAILABLE, UNREADABLE, UNWRITABLE; INTERRUPTED, when what was written stays
 */
export async function pushCache(address: string, options: ShareOptions = {}): Promise<Shared> {
  const place = openPlace(address, { signal: options.signal });
  const known = new Map<string, Set<string>>();
  for await (const { table, index } of indexed(await packsAt(place), place, options)) {
    const keys = known.get(table) ?? new Set();
    known.set(table, keys);
    for (const { key } of index.entries) keys.add(nameOf(key));
  }
  const counts = { vectors: 0, others: 0, there: 0, objects: 0, bytes: 0 };
  for (const { table: name, folder } of localTables(options.folder)) {
    const table = openTable(folder, true);
    try {
      const space = table.get(records.spaceKey);
      const own = space ? Uint8Array.from(space) : new Uint8Array();
      const title = name ?? spaceName(own);
      if (title === undefined) continue;
      const there = known.get(title) ?? new Set();
      for (const pack of dealPacks(own, missingIn(table, there, counts))) {
        throwIfAborted(options.signal);
        const { name: hash, bytes } = writePack(pack);
        await place.write(`v1/${title}/${hash}.pack`, bytes);
        counts[name === undefined ? 'vectors' : 'others'] += pack.entries.length;
        counts.objects++;
        counts.bytes += bytes.length;
        options.onProgress?.(counts.objects, counts.objects + 1);
      }
    } finally {
      await table.close();
    }
  }
  return { address, ...counts };
}

/**
 * Reads what the place holds and the cache does not. Each value is written whole, so that what was broken off goes on where it was.
 * @throws CarafeError UNAVAILABLE, UNREADABLE, NOT_FOUND where the place holds no cache; UNWRITABLE; INTERRUPTED
 */
export async function pullCache(address: string, options: ShareOptions = {}): Promise<Shared> {
  const place = openPlace(address, { signal: options.signal });
  const packs = await packsAt(place);
  if (packs.length === 0)
    throw new CarafeError(
      'NOT_FOUND',
      `${address} holds no features of a cache.`,
      'Check the address, or run `carafe cache push` there first.',
    );
  const counts = { vectors: 0, others: 0, there: 0, objects: 0, bytes: 0 };
  // Photos last, so that none is known before its features are.
  const order = ['vectors', 'thumbnails', 'photos'];
  const rank = ({ table }: RemotePack) => order.findIndex((first) => table.startsWith(first));
  const sorted = packs.toSorted((a, b) => rank(a) - rank(b) || (a.object < b.object ? -1 : 1));
  let opened: { readonly folder: string; readonly table: Table } | undefined;
  try {
    for await (const pack of indexed(sorted, place, options)) {
      const folder = folderOf(pack, options.folder);
      if (opened?.folder !== folder) {
        await opened?.table.close();
        opened = { folder, table: openTable(folder) };
      }
      const { table } = opened;
      const wanted = pack.index.entries.filter(({ key }) => !table.get(key)).length;
      counts.there += pack.index.entries.length - wanted;
      if (wanted === 0) continue;
      const bytes = await place.read(pack.object);
      const whole = readPack(bytes, pack.hash);
      if (!whole || (pack.table.startsWith('vectors') && spaceName(whole.space) !== pack.table)) {
        options.onWarning?.(damaged(place, pack.object));
        continue;
      }
      const missing = whole.entries.filter(([key]) => !table.get(key));
      if (whole.space.length > 0 && !table.get(records.spaceKey)) table.put([[records.spaceKey, whole.space]]);
      put(table, folder, missing);
      counts[pack.table.startsWith('vectors') ? 'vectors' : 'others'] += missing.length;
      counts.objects++;
      counts.bytes += bytes.length;
    }
  } finally {
    await opened?.table.close();
  }
  return { address, ...counts };
}

async function packsAt(place: ObjectPlace): Promise<RemotePack[]> {
  const found: RemotePack[] = [];
  for await (const { name: object } of place.list('v1/')) {
    const [, table, hash] = packName.exec(object) ?? [];
    if (table !== undefined && hash !== undefined) found.push({ object, table, hash });
  }
  return found;
}

/** The packs in order that can be read, with what is in them; of each, its beginning alone is loaded, and a few ahead are kept. */
async function* indexed(
  packs: readonly RemotePack[],
  place: ObjectPlace,
  { signal, onProgress, onWarning }: ShareOptions,
): AsyncGenerator<IndexedPack> {
  const read = (object: string): Promise<Uint8Array> => {
    const start = place.read(object, 0, mostIndexBytes);
    // Who stops before its turn does not look at it.
    start.catch(() => {});
    return start;
  };
  const ahead: Promise<Uint8Array>[] = packs.slice(0, atOnce).map(({ object }) => read(object));
  for (const [at, pack] of packs.entries()) {
    throwIfAborted(signal);
    onProgress?.(at, packs.length);
    const start = await ahead.shift();
    const next = packs[at + atOnce];
    if (next) ahead.push(read(next.object));
    const index = start && readIndex(start);
    if (index) yield { ...pack, index };
    else onWarning?.(damaged(place, pack.object));
  }
}

function damaged(place: ObjectPlace, object: string): string {
  return `${place.address}/${object} is damaged and left out. Delete it; \`carafe cache push\` on a machine that has these photos writes it anew.`;
}

/** What is in the table and not known, in the order of the keys. */
function* missingIn(
  table: Table,
  known: ReadonlySet<string>,
  counts: { there: number },
): Generator<readonly [Uint8Array, Uint8Array]> {
  for (const key of table.keys()) {
    if (key.length !== 32) continue;
    if (known.has(nameOf(key))) counts.there++;
    else {
      const value = table.get(key);
      if (value) yield [key, value];
    }
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

/** The tables of the cache on this machine; those of vectors say themselves what they are called. */
function localTables(folder: string | undefined): { readonly table: string | undefined; readonly folder: string }[] {
  const { photos, thumbnails, vectors } = tableFolders(cacheFolder(folder));
  const spaces = existsSync(vectors) ? readdirSync(vectors).filter((name) => /^[0-9a-f]{32}$/.test(name)) : [];
  return [
    ...spaces.map((name) => ({ table: undefined, folder: join(vectors, name) })),
    { table: 'thumbnails', folder: thumbnails },
    { table: 'photos', folder: photos },
  ].filter((table) => existsSync(table.folder));
}

/** Undefined where the record is broken, or of other content than its id says. */
function spaceName(record: Uint8Array): string | undefined {
  const space = records.readSpace(Buffer.from(record));
  const isOwn = space && createHash('sha256').update(space.description).digest('hex') === space.id;
  return isOwn ? `vectors/${space.id}` : undefined;
}

function folderOf({ table }: RemotePack, folder: string | undefined): string {
  const { photos, thumbnails, space } = tableFolders(cacheFolder(folder));
  return table === 'photos' ? photos : table === 'thumbnails' ? thumbnails : space(table.slice('vectors/'.length));
}

function openTable(folder: string, readOnly = false): Table {
  try {
    return new Table(folder, readOnly);
  } catch (error) {
    throw unusable(folder, error);
  }
}

function put(table: Table, folder: string, entries: Parameters<Table['put']>[0]): void {
  try {
    table.put(entries);
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, error: unknown): CarafeError {
  return new CarafeError(
    'UNWRITABLE',
    `The feature cache in ${folder} cannot be used: ${fileReason(error)}`,
    'Free some space, run `carafe cache prune`, or set the variable CARAFE_CACHE to a writable folder.',
    { cause: error },
  );
}
