/** What is handed in: sessions, tensors, pixels; nothing is detected at run time. */

/**
 * What is handed in: the few things that Node and the browser do differently.
 * Everything that is not `.node.ts`, `.web.ts`, an entry or `cli/` gets these as arguments.
 */

/** The array that holds a tensor's elements; float16 lies in a Uint16Array, bool in a Uint8Array. */
export interface TensorData {
  float32: Float32Array;
  float16: Uint16Array;
  float64: Float64Array;
  uint8: Uint8Array;
  int8: Int8Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
}
export type TensorType = keyof TensorData;

/** A dense tensor, row-major. */
export interface Tensor<T extends TensorType = TensorType> {
  readonly type: T;
  readonly dims: readonly number[];
  readonly data: TensorData[T];
}
export type AnyTensor = { [T in TensorType]: Tensor<T> }[TensorType];

/** What a session says of one input or output. A string stands for a dimension that is free. */
export interface TensorInfo {
  readonly name: string;
  /** The runtime's name of the element type; undefined for what is not a tensor. */
  readonly type: string | undefined;
  readonly shape: readonly (number | string)[];
}

/** A network that is ready to run. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** How many runs may go on at once; 1 unless told. */
  readonly parallel?: number;
  /** Runs the network; with `fetches`, only what these outputs need. Feeds are read where they lie, not copied. */
  run(feeds: Readonly<Record<string, AnyTensor>>, fetches?: readonly string[]): Promise<Record<string, AnyTensor>>;
  release(): Promise<void>;
}

/** Where a network runs: execution providers of ONNX Runtime. */
export const devices = ['cpu', 'cuda', 'webgpu', 'coreml', 'dml'] as const;
export type Device = (typeof devices)[number];

export interface SessionOptions {
  /** Threads inside one operator; 1 unless told. */
  threads?: number;
  /** false: no graph optimisation, for looking at a network rather than running it. */
  optimize?: boolean;
  /** `cpu` unless told. */
  device?: Device;
}

/** Opens a network from its bytes. A broken or unsupported network is a CarafeError (BAD_MODEL). */
export type OpenSession = (model: Uint8Array, options?: SessionOptions) => Promise<Session>;

/** A decoded photo: upright, sRGB, three bytes a pixel (RGB), rows from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Row-major matrix of float32: `data[row * columns + column]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** Reports how far something is. */
export type Progress = (done: number, total: number) => void;

/** Narrows a tensor to the element type that the caller's own graph gives. */
export function expectTensor<T extends TensorType>(tensor: AnyTensor | undefined, type: T): Tensor<T> {
  if (tensor?.type !== type) throw new TypeError(`expected a ${type} tensor, got ${tensor?.type ?? 'none'}`);
  return tensor as Tensor<T>;
}

/** A float32 tensor over the given data. */
export function float32(data: Float32Array, ...dims: number[]): Tensor<'float32'> {
  return { type: 'float32', dims, data };
}
