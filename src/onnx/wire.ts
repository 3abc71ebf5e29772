/** Protobuf messages, within limits. */

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { Integer } from './model.ts';

// Limits, so that a hostile file costs neither the stack nor the memory. The largest real networks stay far below.
/** Fields and list elements: each takes some hundred bytes of memory, and as little as one of the file. */
const maxItems = 4_000_000;
/** Weights in fields of numbers (int32_data and the like), which take 8 bytes each until they are packed. */
const maxTypedValues = 50_000_000;
const maxNameBytes = 4096;

const utf8 = new TextDecoder();

/** Reads protobuf messages of one file, and counts what it has read. */
export class WireReader {
  #items = 0;
  #typedValues = 0;

  /** Calls `field` for each field of a message; what it does not take (returns false) is skipped. */
  fields(bytes: Uint8Array, field: (number: number, reader: BinaryReader, wire: WireType) => boolean): void {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      this.#spend();
      const [number, wire] = reader.tag();
      if (!field(number, reader, wire)) reader.skip(wire, number);
    }
  }

  /** A repeated number, whether packed or not. */
  list<T>(reader: BinaryReader, wire: WireType, into: T[], read: (reader: BinaryReader) => T): true {
    each(reader, wire, (inner) => {
      this.#spend();
      into.push(read(inner));
    });
    return true;
  }

  /** A repeated number that is a weight. */
  weights(reader: BinaryReader, wire: WireType, into: Integer[], read: (reader: BinaryReader) => Integer): true {
    each(reader, wire, (inner) => {
      if (++this.#typedValues > maxTypedValues) throw new Error(`it lists more than ${maxTypedValues} single weights`);
      into.push(read(inner));
    });
    return true;
  }

  #spend(): void {
    if (++this.#items > maxItems) throw new Error(`it has more than ${maxItems} fields`);
  }
}

function each(reader: BinaryReader, wire: WireType, read: (reader: BinaryReader) => void): void {
  if (wire !== WireType.LengthDelimited) {
    read(reader);
    return;
  }
  const packed = new BinaryReader(reader.bytes());
  while (packed.pos < packed.len) read(packed);
}

/** An int64: a bigint only where a number would lose digits. */
export function integer(reader: BinaryReader): Integer {
  const value = BigInt(reader.int64());
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** An int64 that must fit a number. */
export function size(reader: BinaryReader): number {
  const value = integer(reader);
  if (typeof value !== 'number') throw new Error(`a size of ${value} is out of range`);
  return value;
}

export function name(reader: BinaryReader): string {
  const bytes = reader.bytes();
  if (bytes.length > maxNameBytes) throw new Error(`a name of ${bytes.length} bytes is too long`);
  return utf8.decode(bytes);
}

/** StringStringEntryProto. */
export function stringEntry(wire: WireReader, bytes: Uint8Array): [key: string, value: string] {
  let key = '';
  let value = '';
  wire.fields(bytes, (number, reader) => {
    if (number === 1) key = name(reader);
    else if (number === 2) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}
