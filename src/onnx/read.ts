/** Reads a file, within limits. */

import { CarafeError } from '../errors.ts';
import { type MessageValue, message, messageOf } from '../message.ts';
import { requireBounded } from './limits.ts';
import { mistaken } from './mistaken.ts';
import type { Attribute, Graph, Integer, Model, Node, StoredTensor, ValueInfo } from './model.ts';
import { readTensor, readValueInfo } from './readTensor.ts';
import { integer, name, size, stringEntry, WireReader } from './wire.ts';

// Limits, so that a hostile file costs neither the stack nor the memory. The largest real networks stay far below.
const maxGraphDepth = 8;
const maxNodes = 500_000;

/**
 * Reads an ONNX file. The tensors' bytes are views of `bytes`, not copies.
 * @throws CarafeError BAD_MODEL, where `source` names the file in the message.
 */
export function readModel(bytes: Uint8Array, source: string): Model {
  try {
    const model = new ModelReader().model(bytes);
    requireBounded(model);
    return model;
  } catch (error) {
    const known = mistaken(bytes);
    const reason = reasonOf(error instanceof Error ? error.message : String(error));
    throw new CarafeError(
      'BAD_MODEL',
      message`${source} cannot be read as an ONNX network: ${known ? messageOf(known.what) : reason}.`,
      known?.hint ?? 'Check that it is an .onnx file and was copied or downloaded completely.',
      { cause: error },
    );
  }
}

/** What the reader of its bytes says, in words. */
function reasonOf(said: string): MessageValue {
  if (said === 'premature EOF') return messageOf('it ends too early');
  return /^(illegal|invalid) /.test(said) ? message`its bytes are damaged (${said})` : said;
}

class ModelReader {
  readonly #wire = new WireReader();
  #nodes = 0;

  model(bytes: Uint8Array): Model {
    let irVersion = 0;
    let producer = '';
    let graph: Graph | undefined;
    const opsets = new Map<string, number>();
    const metadata = new Map<string, string>();
    const functions: Uint8Array[] = [];
    this.#wire.fields(bytes, (number, reader) => {
      if (number === 1) irVersion = size(reader);
      else if (number === 2) producer = name(reader);
      else if (number === 7) graph = this.#graph(reader.bytes(), 0);
      else if (number === 8) {
        const [domain, version] = opset(this.#wire, reader.bytes());
        opsets.set(domain === 'ai.onnx' ? '' : domain, version);
      } else if (number === 14) {
        const [key, value] = stringEntry(this.#wire, reader.bytes());
        metadata.set(key, value);
      } else if (number === 25) functions.push(reader.bytes());
      else return false;
      return true;
    });
    if (!graph) throw new Error('it contains no graph');
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
    this.#wire.fields(bytes, (number, reader) => {
      if (number === 1) nodes.push(this.#node(reader.bytes(), depth));
      else if (number === 2) graphName = name(reader);
      else if (number === 5) initializers.push(readTensor(this.#wire, reader.bytes()));
      else if (number === 11) inputs.push(readValueInfo(this.#wire, reader.bytes()));
      else if (number === 12) outputs.push(readValueInfo(this.#wire, reader.bytes()));
      else if (number === 15) throw new Error('it contains sparse weights, which Carafe does not support');
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
    this.#wire.fields(bytes, (number, reader) => {
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
    this.#wire.fields(bytes, (number, reader, wire) => {
      if (number === 1) key = name(reader);
      else if (number === 2) attribute = { kind: 'float', value: reader.float() };
      else if (number === 3) attribute = { kind: 'int', value: integer(reader) };
      else if (number === 4) attribute = { kind: 'string', value: reader.bytes() };
      else if (number === 5) attribute = { kind: 'tensor', value: readTensor(this.#wire, reader.bytes()) };
      else if (number === 6) attribute = { kind: 'graph', value: this.#graph(reader.bytes(), depth + 1) };
      else if (number === 7) this.#wire.list(reader, wire, floats, (r) => r.float());
      else if (number === 8) this.#wire.list(reader, wire, ints, integer);
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

function opset(wire: WireReader, bytes: Uint8Array): [string, number] {
  let domain = '';
  let version = 0;
  wire.fields(bytes, (number, reader) => {
    if (number === 1) domain = name(reader);
    else if (number === 2) version = size(reader);
    else return false;
    return true;
  });
  return [domain, version];
}
