/** Stored tensors and declared shapes. */

import { type BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { DataType, Dimension, ExternalData, Integer, StoredTensor, ValueInfo } from './model.ts';
import { dataTypeBits, dataTypes, elementCount } from './model.ts';
import type { WireReader } from './wire.ts';
import { integer, name, size, stringEntry } from './wire.ts';

const maxDims = 64;

const typeNames = new Map<number, DataType>(
  Object.entries(dataTypes).map(([typeName, value]) => [value, typeName as DataType]),
);

function dataType(value: number): DataType {
  const type = typeNames.get(value);
  if (!type) throw new Error(`element type ${value} is unknown`);
  return type;
}

/** ValueInfoProto. */
export function readValueInfo(wire: WireReader, bytes: Uint8Array): ValueInfo {
  let valueName = '';
  let type: DataType | undefined;
  let shape: Dimension[] | undefined;
  const tensorType = (inner: Uint8Array): void =>
    wire.fields(inner, (number, reader) => {
      if (number === 1) {
        const element = size(reader);
        type = element === 0 ? undefined : dataType(element);
      } else if (number === 2) shape = readShape(wire, reader.bytes());
      else return false;
      return true;
    });
  wire.fields(bytes, (number, reader) => {
    if (number === 1) valueName = name(reader);
    else if (number === 2)
      wire.fields(reader.bytes(), (field, inside) => {
        if (field !== 1) return false;
        tensorType(inside.bytes());
        return true;
      });
    else return false;
    return true;
  });
  return { name: valueName, type, shape };
}

function readShape(wire: WireReader, bytes: Uint8Array): Dimension[] {
  const dims: Dimension[] = [];
  wire.fields(bytes, (number, reader) => {
    if (number !== 1) return false;
    let value: Dimension = '';
    wire.fields(reader.bytes(), (field, inside) => {
      if (field === 1) value = size(inside);
      else if (field === 2) value = name(inside);
      else return false;
      return true;
    });
    if (dims.push(value) > maxDims) throw new Error(`a tensor has more than ${maxDims} dimensions`);
    return true;
  });
  return dims;
}

/** TensorProto. Its bytes are a view of the file where the file holds them in one piece. */
export function readTensor(wire: WireReader, bytes: Uint8Array): StoredTensor {
  const dims: number[] = [];
  let type: DataType | undefined;
  let tensorName = '';
  /** raw_data, or float_data and double_data, whose packed form is the same bytes. */
  const raw: Uint8Array[] = [];
  const numbers: Integer[] = [];
  const strings: Uint8Array[] = [];
  const external = new Map<string, string>();
  let isExternal = false;
  wire.fields(bytes, (number, reader, wireType) => {
    if (number === 1) return wire.list(reader, wireType, dims, size);
    if (number === 2) type = dataType(size(reader));
    else if (number === 4 || number === 10) raw.push(realBytes(reader, wireType));
    else if (number === 5) return wire.weights(reader, wireType, numbers, (r) => r.int32());
    else if (number === 7) return wire.weights(reader, wireType, numbers, integer);
    else if (number === 6) strings.push(reader.bytes());
    else if (number === 8) tensorName = name(reader);
    else if (number === 9) raw.push(reader.bytes());
    else if (number === 11) return wire.weights(reader, wireType, numbers, (r) => BigInt(r.uint64()));
    else if (number === 13) {
      const [key, value] = stringEntry(wire, reader.bytes());
      external.set(key, value);
    } else if (number === 14) isExternal = size(reader) === 1;
    else return false;
    return true;
  });
  if (!type) throw new Error(`tensor '${tensorName}' does not say its element type`);
  if (dims.length > maxDims || dims.some((d) => d < 0))
    throw new Error(`tensor '${tensorName}' has an impossible shape`);
  const count = elementCount(dims);
  if (!Number.isSafeInteger(count)) throw new Error(`tensor '${tensorName}' is too large`);
  const common = { name: tensorName, type, dims };
  if (isExternal) return { ...common, bytes: new Uint8Array(), external: externalData(external, tensorName) };
  const wrongLength = new Error(`tensor '${tensorName}' does not have the length its shape states`);
  if (type === 'string') {
    if (strings.length !== count) throw wrongLength;
    return { ...common, bytes: new Uint8Array(), strings };
  }
  const data = numbers.length > 0 ? packed(type, numbers) : joined(raw);
  if (data.length !== Math.ceil((count * dataTypeBits[type]) / 8)) throw wrongLength;
  return { ...common, bytes: data };
}

/** One float or double as it lies in the file, or all of them where they are packed. */
function realBytes(reader: BinaryReader, wireType: WireType): Uint8Array {
  return wireType === WireType.LengthDelimited ? reader.bytes() : reader.skip(wireType);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first, ...rest] = pieces;
  if (!first) return new Uint8Array();
  if (rest.length === 0) return first;
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function externalData(entries: ReadonlyMap<string, string>, tensorName: string): ExternalData {
  const location = entries.get('location');
  const offset = Number(entries.get('offset') ?? 0);
  const length = entries.has('length') ? Number(entries.get('length')) : undefined;
  const valid = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  if (!location || !valid(offset) || (length !== undefined && !valid(length)))
    throw new Error(`tensor '${tensorName}' refers to an impossible place outside the file`);
  return { location, offset, length };
}

/** Numbers of int32_data, int64_data or uint64_data as the little-endian bytes that raw_data would hold. */
function packed(type: DataType, values: readonly Integer[]): Uint8Array {
  const step = dataTypeBits[type] / 8;
  // Two 4-bit numbers lie in one value.
  const bytes = new Uint8Array(values.length * Math.ceil(step));
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) {
    if (step === 8) view.setBigInt64(i * 8, BigInt.asIntN(64, BigInt(value)), true);
    else if (step === 4) view.setInt32(i * 4, Number(BigInt.asIntN(32, BigInt(value))), true);
    else if (step === 2) view.setInt16(i * 2, Number(value), true);
    else view.setInt8(i, Number(value));
  }
  return bytes;
}
