/** An ONNX network as plain data (onnx.proto, IR version 3 to 12). Shapes are not inferred here: ask the runtime. */

/** TensorProto.DataType, by the names that the runtime uses. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
} as const;
export type DataType = keyof typeof dataTypes;

/** Bits of one element; string has none of its own. */
export const dataTypeBits: Readonly<Record<DataType, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  string: 0,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
};

/** Where the bytes of a tensor lie, when they lie in a file beside the model. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** A stored tensor. Its bytes are little-endian, whatever field of the file they came from. */
export interface StoredTensor {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Empty while `external` says where the bytes are, and for strings. */
  readonly bytes: Uint8Array;
  readonly strings?: readonly Uint8Array[];
  readonly external?: ExternalData;
}

/** An integer of the file: a bigint only where a number would lose digits. */
export type Integer = number | bigint;

export type Attribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: Integer }
  | { readonly kind: 'string'; readonly value: Uint8Array }
  | { readonly kind: 'tensor'; readonly value: StoredTensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'ints'; readonly value: readonly Integer[] }
  | { readonly kind: 'strings'; readonly value: readonly Uint8Array[] }
  /** What is passed through unread: sparse tensors, lists of tensors or graphs, types, references. */
  | { readonly kind: 'other'; readonly value: Uint8Array };

export interface Node {
  readonly op: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  readonly name: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A dimension: a size, or the name of a free one ('' if it has none). */
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  /** undefined: not a tensor, or not said. */
  readonly type: DataType | undefined;
  /** undefined: the rank is not said. */
  readonly shape: readonly Dimension[] | undefined;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: readonly StoredTensor[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Model {
  readonly irVersion: number;
  /** Domain ('' is ai.onnx) to version. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly graph: Graph;
  readonly metadata: ReadonlyMap<string, string>;
  /** Model-local functions, passed through unread. */
  readonly functions: readonly Uint8Array[];
}

const utf8 = new TextDecoder();

/** An integer attribute, or the default of the operator. */
export function intAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? Number(attribute.value) : fallback;
}

export function intsAttribute(node: Node, name: string): number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value.map(Number) : undefined;
}

export function floatAttribute(node: Node, name: string, fallback: number): number {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'float' ? attribute.value : fallback;
}

export function stringAttribute(node: Node, name: string): string | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'string' ? utf8.decode(attribute.value) : undefined;
}

/** How many elements a shape holds. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}
