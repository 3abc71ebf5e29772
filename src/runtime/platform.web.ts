/** Onnxruntime-web. */

// The build without graphics cards: half the download, and nothing that a classifier needs is missing.
import * as ort from 'onnxruntime-web/wasm';
import { sessionOpener } from './session.ts';

/** Sessions of onnxruntime-web. */
export const openSession = sessionOpener(ort);

/**
 * Networks that are opened from now on run in several threads, where the page is isolated from others (COOP and COEP): half as
 * many as there are cores, four at most, as the runtime has it. With one for each of two cores, a photo took half as much
 * processor time again. Each thread loads the runtime's own files.
 */
export function useThreads(files: { readonly script: string; readonly wasm: string }): void {
  const count = globalThis.crossOriginIsolated ? Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2)) : 1;
  ort.env.wasm.numThreads = count;
  if (count > 1) ort.env.wasm.wasmPaths = { mjs: files.script, wasm: files.wasm };
}

/** Name and version of the runtime. */
export const runtime = `onnxruntime-web ${ort.env.versions.web}`;
