/** Writes a file; equal models give equal bytes. */

import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Attribute, Graph, Integer, Model, Node, StoredTensor, ValueInfo } from './model.ts';
import { dataTypes } from './model.ts';

const utf8 = new TextEncoder();

/** Bytes in order, joined once at the end: weights are copied a single time. */
class Pieces {
  readonly list: Uint8Array[] = [];
  size = 0;

  add(piece: Uint8Array): void {
    this.list.push(piece);
    this.size += piece.length;
  }

  /** A field of known length whose content follows. */
  field(number: number, content: Pieces): void {
    this.add(new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(content.size).finish());
    for (const piece of content.list) this.add(piece);
  }

  joined(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    let at = 0;
    for (const piece of this.list) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

/** Writes an ONNX file. Equal models give equal bytes. */
export function writeModel(model: Model): Uint8Array {
  const pieces = new Pieces();
  const head = new BinaryWriter();
  head.tag(1, WireType.Varint).int64(model.irVersion);
  if (model.producer) text(head, 2, model.producer);
  pieces.add(head.finish());
  pieces.field(7, graphPieces(model.graph));
  const tail = new BinaryWriter();
  for (const [domain, version] of model.opsets)
    message(tail, 8, (inner) => {
      text(inner, 1, domain);
      inner.tag(2, WireType.Varint).int64(version);
    });
  for (const [key, value] of model.metadata) entry(tail, 14, key, value);
  for (const bytes of model.functions) tail.tag(25, WireType.LengthDelimited).bytes(bytes);
  pieces.add(tail.finish());
  return pieces.joined();
}

function text(out: BinaryWriter, field: number, value: string): void {
  out.tag(field, WireType.LengthDelimited).bytes(utf8.encode(value));
}

function message(out: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  out.tag(field, WireType.LengthDelimited).fork();
  write(out);
  out.join();
}

function entry(out: BinaryWriter, field: number, key: string, value: string): void {
  message(out, field, (inner) => {
    text(inner, 1, key);
    text(inner, 2, value);
  });
}

function integers(out: BinaryWriter, field: number, values: readonly Integer[]): void {
  for (const value of values) out.tag(field, WireType.Varint).int64(value);
}

function graphPieces(graph: Graph): Pieces {
  const pieces = new Pieces();
  const nodes = new BinaryWriter();
  for (const node of graph.nodes) message(nodes, 1, (inner) => writeNode(inner, node));
  text(nodes, 2, graph.name || 'graph');
  pieces.add(nodes.finish());
  for (const stored of graph.initializers) pieces.field(5, tensorPieces(stored));
  const values = new BinaryWriter();
  for (const value of graph.inputs) message(values, 11, (inner) => writeValueInfo(inner, value));
  for (const value of graph.outputs) message(values, 12, (inner) => writeValueInfo(inner, value));
  pieces.add(values.finish());
  return pieces;
}

function writeNode(out: BinaryWriter, node: Node): void {
  for (const input of node.inputs) text(out, 1, input);
  for (const output of node.outputs) text(out, 2, output);
  if (node.name) text(out, 3, node.name);
  text(out, 4, node.op);
  for (const [key, attribute] of node.attributes)
    if (attribute.kind === 'other') out.tag(5, WireType.LengthDelimited).bytes(attribute.value);
    else message(out, 5, (inner) => writeAttribute(inner, key, attribute));
  if (node.domain) text(out, 7, node.domain);
}

function writeAttribute(out: BinaryWriter, key: string, attribute: Exclude<Attribute, { kind: 'other' }>): void {
  text(out, 1, key);
  const type = (value: number) => out.tag(20, WireType.Varint).int32(value);
  switch (attribute.kind) {
    case 'float':
      out.tag(2, WireType.Bit32).float(attribute.value);
      return void type(1);
    case 'int':
      integers(out, 3, [attribute.value]);
      return void type(2);
    case 'string':
      out.tag(4, WireType.LengthDelimited).bytes(attribute.value);
      return void type(3);
    case 'tensor':
      out.tag(5, WireType.LengthDelimited).bytes(tensorPieces(attribute.value).joined());
      return void type(4);
    case 'graph':
      out.tag(6, WireType.LengthDelimited).bytes(graphPieces(attribute.value).joined());
      return void type(5);
    case 'floats':
      for (const value of attribute.value) out.tag(7, WireType.Bit32).float(value);
      return void type(6);
    case 'ints':
      integers(out, 8, attribute.value);
      return void type(7);
    case 'strings':
      for (const value of attribute.value) out.tag(9, WireType.LengthDelimited).bytes(value);
      return void type(8);
  }
}

function tensorPieces(stored: StoredTensor): Pieces {
  const pieces = new Pieces();
  const out = new BinaryWriter();
  integers(out, 1, stored.dims);
  out.tag(2, WireType.Varint).int32(dataTypes[stored.type]);
  for (const value of stored.strings ?? []) out.tag(6, WireType.LengthDelimited).bytes(value);
  text(out, 8, stored.name);
  if (stored.external) {
    const { location, offset, length } = stored.external;
    entry(out, 13, 'location', location);
    entry(out, 13, 'offset', String(offset));
    if (length !== undefined) entry(out, 13, 'length', String(length));
    out.tag(14, WireType.Varint).int32(1);
  }
  const isRaw = !stored.external && !stored.strings;
  if (isRaw) out.tag(9, WireType.LengthDelimited).uint32(stored.bytes.length);
  pieces.add(out.finish());
  if (isRaw) pieces.add(stored.bytes);
  return pieces;
}

function writeValueInfo(out: BinaryWriter, value: ValueInfo): void {
  text(out, 1, value.name);
  const { type, shape } = value;
  if (!type) return;
  message(out, 2, (typeOut) =>
    message(typeOut, 1, (tensorOut) => {
      tensorOut.tag(1, WireType.Varint).int32(dataTypes[type]);
      if (!shape) return;
      message(tensorOut, 2, (shapeOut) => {
        for (const dim of shape)
          message(shapeOut, 1, (dimOut) => {
            if (typeof dim === 'number') dimOut.tag(1, WireType.Varint).int64(dim);
            else if (dim) text(dimOut, 2, dim);
          });
      });
    }),
  );
}
