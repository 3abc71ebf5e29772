import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { CarafeError } from '../errors.ts';
import type {
  Attribute,
  DataType,
  Dimension,
  ExternalData,
  Graph,
  Integer,
  Model,
  Node,
  StoredTensor,
  ValueInfo,
} from './model.ts';
import { dataTypeBits, dataTypes, elementCount } from './model.ts';

// Limits, so that a hostile file costs neither the stack nor the memory. The largest real networks stay far below.
const maxGraphDepth = 8;
const maxNodes = 500_000;
const maxDims = 64;
const maxNameBytes = 4096;

const typeNames = new Map<number, DataType>(
  Object.entries(dataTypes).map(([name, value]) => [value, name as DataType]),
);
const utf8 = new TextDecoder();

/**
 * Reads an ONNX file. The tensors' bytes are views of `bytes`, not copies.
 * @throws CarafeError BAD_MODEL, where `source` names the file in the message.
 */
export function readModel(bytes: Uint8Array, source: string): Model {
  try {
    return new ModelReader().model(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CarafeError(
      'BAD_MODEL',
      `${source} cannot be read as an ONNX network: ${reason}`,
      'Check that the file is an .onnx file and that it was copied or downloaded whole.',
      { cause: error },
    );
  }
}

/** Calls `field` for each field of a message; what it does not take (returns false) is skipped. */
function eachField(bytes: Uint8Array, field: (number: number, reader: BinaryReader, wire: WireType) => boolean): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (!field(number, reader, wire)) reader.skip(wire, number);
  }
}

function integer(reader: BinaryReader): Integer {
  const value = BigInt(reader.int64());
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function size(reader: BinaryReader): number {
  const value = integer(reader);
  if (typeof value !== 'number') throw new Error(`a size of ${value} is out of range`);
  return value;
}

/** A repeated scalar, whether packed or not. */
function repeated<T>(reader: BinaryReader, wire: WireType, into: T[], read: (reader: BinaryReader) => T): true {
  if (wire === WireType.LengthDelimited) {
    const packed = new BinaryReader(reader.bytes());
    while (packed.pos < packed.len) into.push(read(packed));
  } else into.push(read(reader));
  return true;
}

function name(reader: BinaryReader): string {
  const bytes = reader.bytes();
  if (bytes.length > maxNameBytes) throw new Error(`a name of ${bytes.length} bytes is too long`);
  return utf8.decode(bytes);
}

class ModelReader {
  #nodes = 0;

  model(bytes: Uint8Array): Model {
    let irVersion = 0;
    let producer = '';
    let graph: Graph | undefined;
    const opsets = new Map<string, number>();
    const metadata = new Map<string, string>();
    const functions: Uint8Array[] = [];
    eachField(bytes, (number, reader) => {
      if (number === 1) irVersion = size(reader);
      else if (number === 2) producer = name(reader);
      else if (number === 7) graph = this.#graph(reader.bytes(), 0);
      else if (number === 8) {
        const [domain, version] = opset(reader.bytes());
        opsets.set(domain === 'ai.onnx' ? '' : domain, version);
      } else if (number === 14) {
        const [key, value] = stringEntry(reader.bytes());
        metadata.set(key, value);
      } else if (number === 25) functions.push(reader.bytes());
      else return false;
      return true;
    });
    if (!graph) throw new Error('it holds no graph');
    if (irVersion < 1 || opsets.size === 0) throw new Error('it does not say its IR version and operator set');
    return { irVersion, opsets, producer, graph, metadata, functions };
  }

  #graph(bytes: Uint8Array, depth: number): Graph {
    if (depth > maxGraphDepth) throw new Error(`graphs are nested more than ${maxGraphDepth} deep`);
    let graphName = '';
    const nodes: Node[] = [];
    const initializers: StoredTensor[] = [];
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    eachField(bytes, (number, reader) => {
      if (number === 1) nodes.push(this.#node(reader.bytes(), depth));
      else if (number === 2) graphName = name(reader);
      else if (number === 5) initializers.push(tensor(reader.bytes()));
      else if (number === 11) inputs.push(valueInfo(reader.bytes()));
      else if (number === 12) outputs.push(valueInfo(reader.bytes()));
      else if (number === 15) throw new Error('it holds sparse weights, which Carafe does not read');
      else return false;
      return true;
    });
    return { name: graphName, nodes, initializers, inputs, outputs };
  }

  #node(bytes: Uint8Array, depth: number): Node {
    if (++this.#nodes > maxNodes) throw new Error(`it has more than ${maxNodes} nodes`);
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, Attribute>();
    let nodeName = '';
    let op = '';
    let domain = '';
    eachField(bytes, (number, reader) => {
      if (number === 1) inputs.push(name(reader));
      else if (number === 2) outputs.push(name(reader));
      else if (number === 3) nodeName = name(reader);
      else if (number === 4) op = name(reader);
      else if (number === 5) {
        const [key, value] = this.#attribute(reader.bytes(), depth);
        attributes.set(key, value);
      } else if (number === 7) domain = name(reader);
      else return false;
      return true;
    });
    if (!op) throw new Error('a node does not say its operator');
    return { op, domain: domain === 'ai.onnx' ? '' : domain, name: nodeName, inputs, outputs, attributes };
  }

  #attribute(bytes: Uint8Array, depth: number): [string, Attribute] {
    let key = '';
    let attribute: Attribute | undefined;
    let type = 0;
    const floats: number[] = [];
    const ints: Integer[] = [];
    const strings: Uint8Array[] = [];
    let other = false;
    eachField(bytes, (number, reader, wire) => {
      if (number === 1) key = name(reader);
      else if (number === 2) attribute = { kind: 'float', value: reader.float() };
      else if (number === 3) attribute = { kind: 'int', value: integer(reader) };
      else if (number === 4) attribute = { kind: 'string', value: reader.bytes() };
      else if (number === 5) attribute = { kind: 'tensor', value: tensor(reader.bytes()) };
      else if (number === 6) attribute = { kind: 'graph', value: this.#graph(reader.bytes(), depth + 1) };
      else if (number === 7) repeated(reader, wire, floats, (r) => r.float());
      else if (number === 8) repeated(reader, wire, ints, integer);
      else if (number === 9) strings.push(reader.bytes());
      else if (number === 20) type = size(reader);
      else {
        if (number !== 13) other = true;
        return false;
      }
      return true;
    });
    if (other) return [key, { kind: 'other', value: bytes }];
    // AttributeProto.type: an empty list and a zero are not written, so the type alone tells them.
    if (attribute) return [key, attribute];
    if (floats.length > 0 || type === 6) return [key, { kind: 'floats', value: floats }];
    if (ints.length > 0 || type === 7) return [key, { kind: 'ints', value: ints }];
    if (strings.length > 0 || type === 8) return [key, { kind: 'strings', value: strings }];
    if (type === 1) return [key, { kind: 'float', value: 0 }];
    if (type === 2) return [key, { kind: 'int', value: 0 }];
    if (type === 3) return [key, { kind: 'string', value: new Uint8Array() }];
    return [key, { kind: 'other', value: bytes }];
  }
}

function opset(bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  eachField(bytes, (number, reader) => {
    if (number === 1) domain = name(reader);
    else if (number === 2) version = size(reader);
    else return false;
    return true;
  });
  return [domain, version];
}

function stringEntry(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  eachField(bytes, (number, reader) => {
    if (number === 1) key = name(reader);
    else if (number === 2) value = reader.string();
    else return false;
    return true;
  });
  return [key, value];
}

function dataType(value: number): DataType {
  const type = typeNames.get(value);
  if (!type) throw new Error(`element type ${value} is not known`);
  return type;
}

function valueInfo(bytes: Uint8Array): ValueInfo {
  let valueName = '';
  let type: DataType | undefined;
  let shape: Dimension[] | undefined;
  const tensorType = (inner: Uint8Array): void =>
    eachField(inner, (number, reader) => {
      if (number === 1) {
        const element = size(reader);
        type = element === 0 ? undefined : dataType(element);
      } else if (number === 2) {
        const dims: Dimension[] = [];
        shape = dims;
        eachField(reader.bytes(), (field, inside) => {
          if (field !== 1) return false;
          dims.push(dimension(inside.bytes()));
          if (dims.length > maxDims) throw new Error(`a tensor has more than ${maxDims} dimensions`);
          return true;
        });
      } else return false;
      return true;
    });
  eachField(bytes, (number, reader) => {
    if (number === 1) valueName = name(reader);
    else if (number === 2)
      eachField(reader.bytes(), (field, inside) => {
        if (field !== 1) return false;
        tensorType(inside.bytes());
        return true;
      });
    else return false;
    return true;
  });
  return { name: valueName, type, shape };
}

function dimension(bytes: Uint8Array): Dimension {
  let value: Dimension = '';
  eachField(bytes, (number, reader) => {
    if (number === 1) value = size(reader);
    else if (number === 2) value = name(reader);
    else return false;
    return true;
  });
  return value;
}

function tensor(bytes: Uint8Array): StoredTensor {
  const dims: number[] = [];
  let type: DataType | undefined;
  let tensorName = '';
  let raw: Uint8Array | undefined;
  const numbers: Integer[] = [];
  const reals: number[] = [];
  const strings: Uint8Array[] = [];
  const external = new Map<string, string>();
  let isExternal = false;
  eachField(bytes, (number, reader, wire) => {
    if (number === 1) return repeated(reader, wire, dims, size);
    if (number === 2) type = dataType(size(reader));
    else if (number === 4) return repeated(reader, wire, reals, (r) => r.float());
    else if (number === 5 || number === 7) return repeated(reader, wire, numbers, integer);
    else if (number === 6) strings.push(reader.bytes());
    else if (number === 8) tensorName = name(reader);
    else if (number === 9) raw = reader.bytes();
    else if (number === 10) return repeated(reader, wire, reals, (r) => r.double());
    else if (number === 11) return repeated(reader, wire, numbers, (r) => BigInt(r.uint64()));
    else if (number === 13) {
      const [key, value] = stringEntry(reader.bytes());
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
  if (type === 'string') {
    if (strings.length !== count) throw new Error(`tensor '${tensorName}' is not as long as its shape says`);
    return { ...common, bytes: new Uint8Array(), strings };
  }
  const expected = Math.ceil((count * dataTypeBits[type]) / 8);
  const data = raw ?? packed(type, reals.length > 0 ? reals : numbers, expected);
  if (data.length !== expected) throw new Error(`tensor '${tensorName}' is not as long as its shape says`);
  return { ...common, bytes: data };
}

function externalData(entries: ReadonlyMap<string, string>, tensorName: string): ExternalData {
  const location = entries.get('location');
  const offset = Number(entries.get('offset') ?? 0);
  const length = entries.has('length') ? Number(entries.get('length')) : undefined;
  const valid = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  if (!location || !valid(offset) || (length !== undefined && !valid(length)))
    throw new Error(`tensor '${tensorName}' lies outside the file at an impossible place`);
  return { location, offset, length };
}

/** Numbers of the typed fields (float_data, int32_data, ...) as the little-endian bytes that raw_data would hold. */
function packed(type: DataType, values: readonly Integer[], expected: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(expected, values.length * 16));
  const view = new DataView(bytes.buffer);
  const step = dataTypeBits[type] / 8;
  if (bytes.length !== expected || step < 1) return new Uint8Array();
  for (let i = 0; i * step < expected && i < values.length; i++) {
    const value = values[i];
    if (type === 'float32') view.setFloat32(i * 4, Number(value), true);
    else if (type === 'float64') view.setFloat64(i * 8, Number(value), true);
    else if (step === 8) view.setBigInt64(i * 8, BigInt.asIntN(64, BigInt(value)), true);
    else if (step === 4) view.setInt32(i * 4, Number(value), true);
    else if (step === 2) view.setInt16(i * 2, Number(value), true);
    else view.setInt8(i, Number(value));
  }
  return step * values.length === expected ? bytes : new Uint8Array();
}
