/** Sessions of any ONNX Runtime, in plain tensors. */

import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor as OrtTensor,
  TensorConstructor,
} from 'onnxruntime-common';
import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';
import type { AnyTensor, OpenSession, Session, SessionOptions, TensorInfo } from './platform.ts';

/** What onnxruntime-node and onnxruntime-web have in common. */
export interface Runtime {
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** Fatal errors only. */
const silent = 4;

/** Sessions of the given runtime, in plain tensors. */
export function sessionOpener(runtime: Runtime): OpenSession {
  return async (model, options = {}) => {
    let session: InferenceSession;
    try {
      session = await runtime.InferenceSession.create(model, runtimeOptions(options));
    } catch (error) {
      throw openError(error, options);
    }
    return wrap(session, runtime.Tensor);
  };
}

function runtimeOptions({
  threads = 1,
  optimize = true,
  device = 'cpu',
}: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: device === 'cpu' ? [] : [device, 'cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: optimize ? 'all' : 'disabled',
    // The runtime writes to stderr by itself, in the words of the file; what it throws says the same.
    logSeverityLevel: silent,
    // Threads that wait for the next run sleep: it begins a little later, and no processor time is burnt till then.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

function openError(error: unknown, { device = 'cpu' }: SessionOptions): CarafeError {
  const reason = error instanceof Error ? error.message : String(error);
  if (device !== 'cpu' && /provider|backend|not (available|supported)/i.test(reason))
    return new CarafeError(
      'UNAVAILABLE',
      message`ONNX Runtime cannot use the device '${device}' here: ${reason}`,
      "Use `device: 'cpu'`, or install the driver and the runtime that this device needs.",
      { cause: error },
    );
  // Said of the runtime's own file, before it has seen the network.
  if (/no available backend found/.test(reason))
    return new CarafeError(
      'UNAVAILABLE',
      message`ONNX Runtime cannot be started: ${reason}`,
      "Serve its file ort-wasm-simd-threaded.wasm next to your script, or set its address: env.wasm.wasmPaths = { wasm: ADDRESS }, with env from 'onnxruntime-web/wasm'.",
      { cause: error },
    );
  return new CarafeError(
    'BAD_MODEL',
    message`ONNX Runtime cannot open the network: ${reason}`,
    'Check that the file is a complete ONNX network for ONNX Runtime 1.30 or older.',
    { cause: error },
  );
}

function wrap(session: InferenceSession, TensorClass: TensorConstructor): Session {
  return {
    inputs: session.inputMetadata.map(info),
    outputs: session.outputMetadata.map(info),
    async run(feeds, fetches) {
      const ortFeeds: Record<string, OrtTensor> = {};
      for (const [name, { type, data, dims }] of Object.entries(feeds))
        ortFeeds[name] = new TensorClass(type, data, dims);
      const options = { logSeverityLevel: silent } as const;
      const results = fetches ? await session.run(ortFeeds, fetches, options) : await session.run(ortFeeds, options);
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, plain(value)]));
    },
    release: () => session.release(),
  };
}

function info(metadata: InferenceSession.ValueMetadata): TensorInfo {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape }
    : { name: metadata.name, type: undefined, shape: [] };
}

function plain(value: OrtTensor): AnyTensor {
  const { type, dims, data } = value;
  if (type === 'float32' && data instanceof Float32Array) return { type, dims, data };
  if (type === 'float64' && data instanceof Float64Array) return { type, dims, data };
  if (type === 'int64' && data instanceof BigInt64Array) return { type, dims, data };
  if (type === 'int32' && data instanceof Int32Array) return { type, dims, data };
  if (type === 'int8' && data instanceof Int8Array) return { type, dims, data };
  if ((type === 'uint8' || type === 'bool') && data instanceof Uint8Array) return { type, dims, data };
  // Newer runtimes hand float16 out as a Float16Array; its bits are the same.
  if (type === 'float16' && ArrayBuffer.isView(data))
    return { type, dims, data: new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) };
  throw new TypeError(`ONNX Runtime gave a ${type} tensor, which Carafe does not use`);
}
