/** One LMDB table. */

import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RootDatabase } from 'lmdb';
import { open } from 'lmdb';
import { makeFolder } from '../runtime/files.node.ts';

/** Values that may be read before the file is mapped anew; writing one touches about as many pages as reading four. */
const readsAMap = 1000;
const readsAWrite = 4;
const checksumBytes = 4;
/** A vector of 512 to 1,280 numbers wastes least with it. */
const pageBytes = 8192;

/** One LMDB file: keys to bytes, each value with a checksum over key and value. Failures throw. */
export class Table {
  readonly #options: { path: string; readOnly: boolean };
  #database: RootDatabase<Buffer, Uint8Array>;
  #reads = 0;
  #scratch = Buffer.alloc(pageBytes);

  /** Opens the table in this folder, or makes it; a table that is opened `readOnly` must exist. */
  constructor(folder: string, readOnly = false) {
    if (!readOnly) {
      makeFolder(folder);
      if (!existsSync(join(folder, 'lock.mdb'))) requireSpace(folder);
    }
    requireDatabase(join(folder, 'data.mdb'));
    this.#options = { path: folder, readOnly };
    this.#database = openDatabase(this.#options);
  }

  /** The value as a view that is good until the next call, or undefined if there is none that is whole. */
  get(key: Uint8Array): Buffer | undefined {
    this.#remapIfDue();
    this.#reads++;
    const stored = this.#database.getBinaryFast(key);
    if (!stored) return undefined;
    return unsealed(key, stored);
  }

  /** Writes all or nothing, and returns when it is on the disk. A value may be given in parts. */
  put(entries: Iterable<readonly [key: Uint8Array, ...value: Uint8Array[]]>): void {
    this.#remapIfDue();
    this.#database.transactionSync(() => {
      for (const [key, ...value] of entries) {
        this.#database.putSync(key, this.#sealed(key, value));
        this.#reads += readsAWrite;
      }
    });
    settle(join(this.#options.path, 'data.mdb'));
  }

  remove(keys: Iterable<Uint8Array>): void {
    this.#database.transactionSync(() => {
      for (const key of keys) this.#database.removeSync(key);
    });
    settle(join(this.#options.path, 'data.mdb'));
  }

  /** How many values there are, broken ones included. */
  count(): number {
    return this.#database.getKeysCount();
  }

  /** Walks over all keys in their order. */
  *keys(): Generator<Uint8Array> {
    let last: Uint8Array | undefined;
    for (;;) {
      const range = last ? { start: last, exclusiveStart: true, limit: 1000 } : { limit: 1000 };
      const keys = [...this.#database.getKeys(range)].map((key) => Uint8Array.from(key));
      yield* keys;
      last = keys.at(-1);
      if (!last) return;
    }
  }

  /** The same with values, which are views that are good until the next step. */
  *entries(): Generator<{ key: Uint8Array; value: Buffer | undefined }> {
    for (const key of this.keys()) yield { key, value: this.get(key) };
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  /** The value with its checksum, in memory that the next call uses again: else it would be garbage by the megabyte. */
  #sealed(key: Uint8Array, value: readonly Uint8Array[]): Buffer {
    const length = value.reduce((sum, part) => sum + part.length, 0);
    if (this.#scratch.length < length + checksumBytes) this.#scratch = Buffer.alloc(2 * length + checksumBytes);
    let at = 0;
    for (const part of value) {
      this.#scratch.set(part, at);
      at += part.length;
    }
    this.#scratch.writeUInt32LE(crc32(this.#scratch.subarray(0, length), crc32(key)), length);
    return this.#scratch.subarray(0, length + checksumBytes);
  }

  /**
   * Pages of a mapped file count as the process's own memory once they are touched, and the kernel maps 16 of them for
   * each one that is asked for. Opening the file anew (1.5 ms) gives them back: without it, reading 20,000 vectors of
   * 1,280 numbers takes the whole file (170 MB) into the resident set, with it about 40 MB.
   */
  #remapIfDue(): void {
    if (this.#reads <= readsAMap) return;
    this.#reads = 0;
    // Nothing is under way between two synchronous calls, so closing is done before it returns.
    void this.#database.close();
    this.#database = openDatabase(this.#options);
  }
}

/** LMDB writes to a mapped file when it is new: on a full disk that is no error but the end of the process. */
function requireSpace(folder: string): void {
  const probe = join(folder, `probe-${process.pid}`);
  try {
    writeFileSync(probe, Buffer.alloc(64 * 1024));
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * The library ends the process where it should refuse a file: with a foreign one, and with one that was cut short (by a
 * power cut, or a copy that was broken off), whose end it maps all the same. Both first pages must begin as LMDB's do,
 * and all pages must be there that the newer one speaks of.
 */
function requireDatabase(file: string): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, 'r');
  try {
    // Empty: another process makes it at this moment.
    if (fstatSync(descriptor).size > 0 && !isWhole(descriptor))
      throw new Error(`${file} is damaged (\`carafe cache prune\` deletes it)`);
  } finally {
    closeSync(descriptor);
  }
}

function isWhole(descriptor: number): boolean {
  const pages = pagesOf(descriptor);
  return pages !== undefined && fstatSync(descriptor).size >= pages * pageBytes;
}

// Where a meta page has what, as mdb.c lays it out: a page header of 24 bytes, then `MDB_meta`.
const meta = {
  magic: 24,
  version: 28,
  pageSize: 48,
  freeRoot: 88,
  mainRoot: 136,
  lastPage: 144,
  transaction: 152,
  end: 160,
};
const noRoot = 2n ** 64n - 1n;

/** How many pages the file should have, by the newer of its two meta pages; undefined where these are none. */
function pagesOf(descriptor: number): number | undefined {
  let newest = { transaction: -1n, last: 0n };
  for (const page of [0, 1]) {
    const start = Buffer.alloc(meta.end);
    if (readSync(descriptor, start, 0, meta.end, page * pageBytes) < meta.end) return undefined;
    if (start.readUInt32LE(meta.magic) !== 0xbeefc0de || start.readUInt32LE(meta.version) !== 2) return undefined;
    if (start.readUInt32LE(meta.pageSize) !== pageBytes) return undefined;
    const last = start.readBigUInt64LE(meta.lastPage);
    const roots = [meta.freeRoot, meta.mainRoot].map((at) => start.readBigUInt64LE(at));
    if (last > 2n ** 40n || roots.some((root) => root > last && root !== noRoot)) return undefined;
    const transaction = start.readBigUInt64LE(meta.transaction);
    if (transaction > newest.transaction) newest = { transaction, last };
  }
  return Number(newest.last) + 1;
}

/** Pages at the end that were taken and freed in one transaction are counted and never written: they are added. */
function settle(file: string): void {
  const descriptor = openSync(file, 'r+');
  try {
    const bytes = (pagesOf(descriptor) ?? 0) * pageBytes;
    if (fstatSync(descriptor).size < bytes) ftruncateSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

function openDatabase({ path, readOnly }: { path: string; readOnly: boolean }): RootDatabase<Buffer, Uint8Array> {
  return open<Buffer, Uint8Array>({
    path,
    readOnly,
    noSubdir: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    pageSize: pageBytes,
    // A flush that is still under way would keep the file from being mapped anew.
    overlappingSync: false,
  });
}

function unsealed(key: Uint8Array, stored: Buffer): Buffer | undefined {
  const length = stored.length - checksumBytes;
  if (length < 0) return undefined;
  const value = stored.subarray(0, length);
  return crc32(value, crc32(key)) === stored.readUInt32LE(length) ? value : undefined;
}
