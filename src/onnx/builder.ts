/** Builds a graph node by node. */

import type { AnyTensor, TensorType } from '../runtime/platform.ts';
import type { Attribute, DataType, Dimension, Graph, Model, Node, StoredTensor, ValueInfo } from './model.ts';
import { elementCount } from './model.ts';
import { writeModel } from './write.ts';

/** The operator set and IR version of graphs that hold no foreign network. */
export const ownOpset = 17;
export const ownIrVersion = 8;

const utf8 = new TextEncoder();

/** Attribute values in plain form: integers and lists of them; `{ float }`, `{ floats }`, `{ tensor }` and `{ graph }` for all else. */
export type PlainAttribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: StoredTensor }
  | { readonly graph: Graph };

function attribute(value: PlainAttribute): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value: utf8.encode(value) };
  if ('float' in value) return { kind: 'float', value: value.float };
  if ('floats' in value) return { kind: 'floats', value: value.floats };
  if ('tensor' in value) return { kind: 'tensor', value: value.tensor };
  if ('graph' in value) return { kind: 'graph', value: value.graph };
  return { kind: 'ints', value };
}

/** A tensor as it is stored in a model file. Elements are not copied. */
export function storedTensor(name: string, tensor: AnyTensor): StoredTensor {
  const { data, dims, type } = tensor;
  if (elementCount(dims) !== data.length) throw new RangeError(`${name}: ${data.length} elements for shape [${dims}]`);
  return { name, type, dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/**
 * Builds a graph node by node. Each call of `node` gives the name of its (first) output, to be used as an input.
 * The operators' forms must be valid in opset 13 and all later ones, since a classifier keeps its backbone's opset:
 * no ReduceMean, ReduceMax, ReduceL2, Split, Resize, Pad modes, or other operators whose form changed after 13.
 */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #initializers: StoredTensor[] = [];
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  #count = 0;

  /** `prefix` keeps the names of two graphs apart that are joined in one file. */
  constructor(readonly prefix = '') {}

  /** A name that this builder has not given before. */
  name(stem: string): string {
    return `${this.prefix}${stem}_${this.#count++}`;
  }

  input(name: string, type: TensorType, shape: readonly Dimension[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** Declares `value` as an output of the graph, under its own or another name. */
  output(value: string, type: DataType, shape: readonly Dimension[], name = value): void {
    if (name !== value) this.#nodes.push(plainNode('Identity', [value], [name], {}));
    this.#outputs.push({ name, type, shape });
  }

  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, PlainAttribute>> = {}): string {
    // One was asked for.
    return this.nodes(op, inputs, 1, attributes)[0]!;
  }

  /** A node with several outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Readonly<Record<string, PlainAttribute>> = {},
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.name(op.toLowerCase()));
    this.#nodes.push(plainNode(op, inputs, names, attributes));
    return names;
  }

  constant(tensor: AnyTensor, stem = 'constant'): string {
    const name = this.name(stem);
    this.#initializers.push(storedTensor(name, tensor));
    return name;
  }

  /**
   * float32 constant; without dims a scalar (one value) or a vector. What is to be found again in the file gets a stem
   * of its own (see `storedFloats`).
   */
  floats(values: number | readonly number[] | Float32Array, dims?: readonly number[], stem?: string): string {
    const data = typeof values === 'number' ? Float32Array.of(values) : Float32Array.from(values);
    const shape = dims ?? (typeof values === 'number' ? [] : [data.length]);
    return this.constant({ type: 'float32', dims: shape, data }, stem);
  }

  /** int64 constant, for shapes, axes and indices; a number gives a scalar. */
  ints(values: number | readonly number[], dims?: readonly number[]): string {
    const list = typeof values === 'number' ? [values] : values;
    return this.constant({
      type: 'int64',
      dims: dims ?? (typeof values === 'number' ? [] : [list.length]),
      data: BigInt64Array.from(list, (value) => BigInt(value)),
    });
  }

  /** Takes over another graph's nodes and weights as they are; the caller sees to it that names do not meet. */
  append(graph: Pick<Graph, 'nodes' | 'initializers'>): void {
    for (const one of graph.nodes) this.#nodes.push(one);
    for (const one of graph.initializers) this.#initializers.push(one);
  }

  graph(name = 'carafe'): Graph {
    return {
      name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    };
  }

  model(options: Partial<Omit<Model, 'graph'>> = {}): Model {
    return {
      irVersion: options.irVersion ?? ownIrVersion,
      opsets: options.opsets ?? new Map([['', ownOpset]]),
      producer: options.producer ?? 'carafe',
      metadata: options.metadata ?? new Map(),
      functions: options.functions ?? [],
      graph: this.graph(),
    };
  }

  /** The finished file. */
  bytes(options: Partial<Omit<Model, 'graph'>> = {}): Uint8Array {
    return writeModel(this.model(options));
  }
}

/** A node with attributes in plain form. */
export function plainNode(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, PlainAttribute>>,
): Node {
  return {
    op,
    domain: '',
    name: outputs[0] ?? '',
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, attribute(value)])),
  };
}
