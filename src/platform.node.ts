import * as ort from 'onnxruntime-node';
import { sessionOpener } from './session.ts';

// ONNX Runtime 1.30 reports its use to its maker from the first session on, keeps an identifier and a database for that
// in the home folder, and writes to stderr where it cannot. Only the main thread can tell it not to.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** Name and version of the runtime, for cache keys. */
export const runtimeVersion = `onnxruntime-node ${ort.env.versions.node}`;

/** Sessions of onnxruntime-node. */
export const openSession = sessionOpener(ort);
