/** A pack: some values of one table of the cache, as an object whose name is the hash of its bytes. */

import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

/** Values go into one object until it has so many, or so many bytes. */
const mostEntries = 1000;
const mostBytes = 16 * 2 ** 20;

const magic = Buffer.from('carafe-pack 1\n');
const keyBytes = 32;
const entryBytes = keyBytes + 4;
const headBytes = magic.length + 8;
/** Enough for the index of any pack that is not damaged; most are read at once. */
export const mostIndexBytes = headBytes + 2 ** 16 + mostEntries * entryBytes;

/** What identifies a table, and values under the SHA-256 of their photos. */
export interface Pack {
  /** The record of the vectors' space; empty for photos and thumbnails. */
  readonly space: Uint8Array;
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
}

/** Where the values of a pack lie in it. */
export interface PackIndex {
  readonly space: Uint8Array;
  readonly entries: readonly { readonly key: Uint8Array; readonly from: number; readonly to: number }[];
}

/** Magic, sizes, the space; keys with the lengths of their values; the values. */
export function writePack({ space, entries }: Pack): { readonly name: string; readonly bytes: Uint8Array } {
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  head.writeUInt32LE(space.length, magic.length);
  head.writeUInt32LE(entries.length, magic.length + 4);
  const index = Buffer.alloc(entries.length * entryBytes);
  for (const [i, [key, value]] of entries.entries()) {
    index.set(key, i * entryBytes);
    index.writeUInt32LE(value.length, i * entryBytes + keyBytes);
  }
  const bytes = Buffer.concat([head, space, index, ...entries.map(([, value]) => value)]);
  return { name: hash('sha256', bytes), bytes };
}

/** Reads the index out of the first `mostIndexBytes` of a pack. Undefined for what is none. */
export function readIndex(start: Uint8Array): PackIndex | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (bytes.length < headBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const indexAt = headBytes + bytes.readUInt32LE(magic.length);
  const count = bytes.readUInt32LE(magic.length + 4);
  const valuesAt = indexAt + count * entryBytes;
  if (count > mostEntries || valuesAt > bytes.length) return undefined;
  let from = valuesAt;
  const entries = Array.from({ length: count }, (_, i) => {
    const at = indexAt + i * entryBytes;
    const to = from + bytes.readUInt32LE(at + keyBytes);
    const entry = { key: Uint8Array.from(bytes.subarray(at, at + keyBytes)), from, to };
    from = to;
    return entry;
  });
  return { space: Uint8Array.from(bytes.subarray(headBytes, indexAt)), entries };
}

/** The values of a pack, as views. Undefined where its bytes are not those that its name says. */
export function readPack(bytes: Uint8Array, name: string): Pack | undefined {
  if (hash('sha256', bytes) !== name) return undefined;
  const index = readIndex(bytes);
  if (!index || (index.entries.at(-1)?.to ?? bytes.length) !== bytes.length) return undefined;
  return { ...index, entries: index.entries.map(({ key, from, to }) => [key, bytes.subarray(from, to)]) };
}

/** Deals values into packs, in their order. A value is good until the next one is asked for. */
export function* dealPacks(
  space: Uint8Array,
  values: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
): Generator<Pack> {
  let entries: (readonly [Uint8Array, Uint8Array])[] = [];
  let size = 0;
  for (const [key, value] of values) {
    if (entries.length === mostEntries || (entries.length > 0 && size + value.length > mostBytes)) {
      yield { space, entries };
      entries = [];
      size = 0;
    }
    entries.push([key, Uint8Array.from(value)]);
    size += value.length;
  }
  if (entries.length > 0) yield { space, entries };
}
