/** `carafe cache`: show, prune, clear, verify. */

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import * as records from './records.node.ts';
import { Table } from './table.node.ts';
import { tableFolders } from './tableFolders.node.ts';

/** The vectors of one backbone with one preprocessing, cut and version of what computes. */
export interface CachedBackbone {
  readonly name: string;
  /** SHA-256 of the model file; undefined where the record of it is broken. */
  readonly hash: string | undefined;
  /** Numbers in one vector. */
  readonly width: number;
  readonly vectors: number;
  readonly bytes: number;
  /** When a run last looked into it. */
  readonly used: Date;
}

export interface CacheContents {
  readonly folder: string;
  /** On the disk, all in all. */
  readonly bytes: number;
  /** Photos whose size, or failure, is known. */
  readonly photos: number;
  /** On the disk: places, photos and thumbnails. */
  readonly photoBytes: number;
  /** The last used first. */
  readonly backbones: readonly CachedBackbone[];
  /** Folders of tables that cannot be read; `pruneCache` deletes them. */
  readonly damaged: readonly string[];
}

/** What the cache holds, and how much room it takes; tables that cannot be read are named. @throws nothing of its own */
export async function cacheContents(folder?: string): Promise<CacheContents> {
  const place = cacheFolder(folder);
  const folders = tableFolders(place);
  const damaged = await damagedTables(folders);
  const spaces = await openSpaces(folders.vectors);
  const photoBytes = [folders.paths, folders.photos, folders.thumbnails].reduce(
    (sum, each) => sum + diskBytes(each),
    0,
  );
  return {
    folder: place,
    bytes: diskBytes(place),
    photos:
      existsSync(folders.photos) && !damaged.includes(folders.photos)
        ? await withTable(folders.photos, (table) => table.count())
        : 0,
    photoBytes,
    backbones: spaces.map(({ folder: _, ...backbone }) => backbone),
    damaged,
  };
}

export interface PruneOptions {
  /** Takes away what no run has used for so many days. */
  readonly unusedDays?: number | undefined;
  /** Takes away the vectors of the backbone of this name, or whose hash begins so. */
  readonly backbone?: string | undefined;
  /** Takes away what was not used for longest, until the vectors take no more than so many bytes. */
  readonly maxBytes?: number | undefined;
}

/**
 * Deletes the vectors of whole backbones, and forgets the photos of which no vector is left; their room is used again
 * by the next photos. Tables that are damaged are deleted, whatever they held. Gives what was deleted. A run that is under way goes
 * on, but keeps nothing of these backbones.
 * @throws CarafeError UNWRITABLE where a table cannot be deleted
 */
export async function pruneCache(options: PruneOptions, folder?: string): Promise<readonly CachedBackbone[]> {
  const folders = tableFolders(cacheFolder(folder));
  const damaged = await damagedTables(folders);
  const spaces = await openSpaces(folders.vectors);
  const oldest = Date.now() - (options.unusedDays ?? Number.POSITIVE_INFINITY) * 86_400_000;
  let room = options.maxBytes ?? Number.POSITIVE_INFINITY;
  const doomed = spaces.filter(({ folder: table, name, hash, used, bytes }) => {
    const { backbone } = options;
    if (damaged.includes(table)) return true;
    if (used.getTime() < oldest || (backbone && (name === backbone || hash?.startsWith(backbone)))) return true;
    room -= bytes;
    return room < 0;
  });
  for (const table of [...doomed.map((space) => space.folder), ...damaged]) removeFolder(table);
  if (doomed.length === spaces.length) removeFolder(folders.root);
  else if (doomed.length > 0) await forgetPhotos(folders);
  return doomed.filter((space) => !damaged.includes(space.folder)).map(({ folder: _, ...backbone }) => backbone);
}

/**
 * Deletes the whole cache, older layouts, downloaded networks and unpacked zips included; gives the bytes that are free again.
 * @throws CarafeError UNWRITABLE where a table cannot be deleted
 */
export function clearCache(folder?: string): number {
  const place = cacheFolder(folder);
  const bytes = diskBytes(place);
  // The folder may be one that the user named, with other things in it: only what is Carafe's goes.
  for (const name of existsSync(place) ? readdirSync(place) : [])
    if (/^(v\d+(\.deleted-\d+)?|models|zips)$/.test(name)) removeFolder(join(place, name));
  return bytes - diskBytes(place);
}

export interface CacheCheck {
  /** Values that were read and are whole. */
  readonly good: number;
  /** Values that do not fit their checksum. A run takes them for missing and writes them anew. */
  readonly broken: number;
  /** Tables that cannot be opened or read, with the reason. */
  readonly unreadable: readonly { readonly folder: string; readonly reason: string }[];
}

/** Reads the whole cache through and checks every value; what cannot be read is named. @throws nothing of its own */
export async function verifyCache(folder?: string): Promise<CacheCheck> {
  const { paths, photos, thumbnails, vectors } = tableFolders(cacheFolder(folder));
  const unreadable: { folder: string; reason: string }[] = [];
  let good = 0;
  let broken = 0;
  for (const table of [paths, photos, thumbnails, ...spaceFolders(vectors)].filter(existsSync)) {
    try {
      await withTable(table, (opened) => {
        for (const { value } of opened.entries()) value ? good++ : broken++;
      });
    } catch (error) {
      unreadable.push({ folder: table, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { good, broken, unreadable };
}

async function damagedTables({
  paths,
  photos,
  thumbnails,
  vectors,
}: ReturnType<typeof tableFolders>): Promise<string[]> {
  const damaged: string[] = [];
  for (const table of [paths, photos, thumbnails, ...spaceFolders(vectors)].filter(existsSync))
    await withTable(table, (opened) => opened.count()).catch(() => damaged.push(table));
  return damaged;
}

type SpaceOnDisk = CachedBackbone & { readonly folder: string };

function spaceFolders(vectors: string): string[] {
  return existsSync(vectors) ? readdirSync(vectors).map((name) => join(vectors, name)) : [];
}

/** The last used first. */
async function openSpaces(vectors: string): Promise<SpaceOnDisk[]> {
  const spaces: SpaceOnDisk[] = [];
  for (const folder of spaceFolders(vectors)) {
    const common = { folder, bytes: diskBytes(folder), used: statSync(folder).mtime };
    try {
      spaces.push(
        await withTable(folder, (table) => {
          const value = table.get(records.spaceKey);
          const space = value && records.readSpace(value);
          const { name = 'unknown', hash } = space?.backbone ?? {};
          return { name, hash, width: space?.width ?? 0, vectors: Math.max(0, table.count() - 1), ...common };
        }),
      );
    } catch {
      spaces.push({ name: 'unreadable', hash: undefined, width: 0, vectors: 0, ...common });
    }
  }
  return spaces.sort((a, b) => b.used.getTime() - a.used.getTime());
}

/** Takes photos, thumbnails and places out of which no vector is left. */
async function forgetPhotos(folders: ReturnType<typeof tableFolders>): Promise<void> {
  const alive = new Set<string>();
  for (const space of spaceFolders(folders.vectors))
    await withTable(space, (table) => {
      for (const { key } of table.entries()) alive.add(hex(key));
    });
  for (const folder of [folders.photos, folders.thumbnails])
    await withTable(
      folder,
      (table) => {
        const dead = [...table.entries()].map(({ key }) => key).filter((key) => !alive.has(hex(key)));
        table.remove(dead);
      },
      false,
    );
  await withTable(
    folders.paths,
    (table) => {
      const dead: Uint8Array[] = [];
      for (const { key, value } of table.entries())
        if (!value || !alive.has(records.readPlace(value).sha256)) dead.push(key);
      table.remove(dead);
    },
    false,
  );
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}

async function withTable<T>(folder: string, use: (table: Table) => T, readOnly = true): Promise<T> {
  const table = new Table(folder, readOnly);
  try {
    return use(table);
  } finally {
    await table.close();
  }
}

/** Bytes of all files in a folder. */
function diskBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Renamed first: whoever opens the folder meanwhile finds all of it or nothing. */
function removeFolder(folder: string): void {
  const doomed = `${folder}.deleted-${process.pid}`;
  try {
    if (!existsSync(folder)) return;
    renameSync(folder, doomed);
    rmSync(doomed, { recursive: true, force: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CarafeError(
      'UNWRITABLE',
      `The cache folder ${folder} cannot be deleted: ${reason}`,
      'Check that you have permission and that no other run has it open, then try again.',
      { cause: error },
    );
  }
}
