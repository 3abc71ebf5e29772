/** Onnxruntime-node. */

import * as ort from 'onnxruntime-node';
import { CarafeError } from '../errors.ts';
import { sessionOpener } from './session.ts';

// ONNX Runtime 1.30 reports its use to its maker from the first session on, keeps an identifier and a database for that
// in the home folder, and writes to stderr where it cannot. Only the main thread can tell it not to.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** Name and version of the runtime, for cache keys. */
export const runtimeVersion = `onnxruntime-node ${ort.env.versions.node}`;

/**
 * ONNX Runtime falls back to the processor without a word where a device is not built in; the user should know.
 * @throws CarafeError UNAVAILABLE
 */
export function requireDevice(device: string): void {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  if (names.includes(device)) return;
  throw new CarafeError(
    'UNAVAILABLE',
    `\`device: '${device}'\`: ONNX Runtime has no such device on this machine; it has ${names.join(', ')}.`,
    "Use `device: 'cpu'`, or a build of ONNX Runtime that supports the device.",
  );
}

/** Sessions of onnxruntime-node. */
export const openSession = sessionOpener(ort);
