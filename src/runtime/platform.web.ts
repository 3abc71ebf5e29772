/** Onnxruntime-web. */

// The build without graphics cards: half the download, and nothing that a classifier needs is missing.
import * as ort from 'onnxruntime-web/wasm';
import { sessionOpener } from './session.ts';

/** Sessions of onnxruntime-web. */
export const openSession = sessionOpener(ort);

/** Name and version of the runtime. */
export const runtime = `onnxruntime-web ${ort.env.versions.web}`;
