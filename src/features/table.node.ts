import { closeSync, existsSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RootDatabase } from 'lmdb';
import { open } from 'lmdb';
import { makeFolder } from '../files.node.ts';

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
  }

  remove(keys: Iterable<Uint8Array>): void {
    this.#database.transactionSync(() => {
      for (const key of keys) this.#database.removeSync(key);
    });
  }

  /** How many values there are, broken ones included. */
  count(): number {
    return this.#database.getKeysCount();
  }

  /** Walks over all keys in their order. The values are views that are good until the next step. */
  *entries(): Generator<{ key: Uint8Array; value: Buffer | undefined }> {
    let last: Uint8Array | undefined;
    for (;;) {
      const range = last ? { start: last, exclusiveStart: true, limit: 1000 } : { limit: 1000 };
      const keys = [...this.#database.getKeys(range)].map((key) => Uint8Array.from(key));
      for (const key of keys) yield { key, value: this.get(key) };
      last = keys.at(-1);
      if (!last) return;
    }
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

/** The library ends the process where it should refuse a foreign file: both first pages must begin as LMDB's do. */
function requireDatabase(file: string): void {
  if (!existsSync(file)) return;
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(28);
    for (const page of [0, 1]) {
      const read = readSync(descriptor, start, 0, start.length, page * pageBytes);
      // Empty: another process makes it at this moment.
      if (page === 0 && read === 0) return;
      if (read < start.length || start.readUInt32LE(24) !== 0xbeefc0de) throw new Error(`${file} is damaged`);
    }
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
