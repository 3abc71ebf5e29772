/** Sessions of any ONNX Runtime, in plain tensors. */

import type {
  InferenceSession,
  InferenceSessionFactory,
  Tensor as OrtTensor,
  TensorConstructor,
} from 'onnxruntime-common';
import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';
import { IdleSessions } from './idleSessions.ts';
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
  const idle = new IdleSessions();
  return async (model, options = {}) => {
    const how = runtimeOptions(options);
    const key = idle.keyOf(model, how);
    const kept = key === undefined ? undefined : idle.take(key);
    try {
      const session = kept ?? (await runtime.InferenceSession.create(model, how));
      return wrap(session, runtime.Tensor, (fed) => idle.keep(key, session, fed));
    } catch (error) {
      throw openError(error, options);
    }
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

/** @param close what becomes of it, told how many bytes its largest run was fed; Infinity where one failed or goes on */
function wrap(
  session: InferenceSession,
  TensorClass: TensorConstructor,
  close: (fed: number) => Promise<void>,
): Session {
  let [fed, under, isOpen] = [0, 0, true];
  return {
    inputs: session.inputMetadata.map(info),
    outputs: session.outputMetadata.map(info),
    async run(feeds, fetches) {
      const ortFeeds: Record<string, OrtTensor> = {};
      let bytes = 0;
      for (const [name, { type, data, dims }] of Object.entries(feeds)) {
        ortFeeds[name] = new TensorClass(type, data, dims);
        bytes += data.byteLength;
      }
      fed = Math.max(fed, bytes);
      const options = { logSeverityLevel: silent } as const;
      under++;
      const results = fetches ? await session.run(ortFeeds, fetches, options) : await session.run(ortFeeds, options);
      under--;
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, plain(value)]));
    },
    async release() {
      if (!isOpen) return;
      isOpen = false;
      await close(under > 0 ? Number.POSITIVE_INFINITY : fed);
    },
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
