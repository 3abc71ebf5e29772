/** Onnxruntime-web. */

// The build without graphics cards: half the download, and nothing that a classifier needs is missing.
import * as ort from 'onnxruntime-web/wasm';
import { CarafeError } from '../errors.ts';
import { sessionOpener } from './session.ts';

/** Sessions of onnxruntime-web. */
export const openSession = sessionOpener(ort);

/** Name and version of the runtime. */
export const runtime = `onnxruntime-web ${ort.env.versions.web}`;

/**
 * Fetches a file whole.
 * @throws CarafeError NOT_FOUND
 */
export async function fetchBytes(address: string | URL): Promise<Uint8Array> {
  const failed = (reason: string, cause?: unknown) =>
    new CarafeError(
      'NOT_FOUND',
      `${address} cannot be loaded: ${reason}`,
      'Put the file where the page can fetch it; from another site, only with that site’s leave (CORS).',
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(address);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error), error);
  }
  throw failed(`the server answers ${response.status} ${response.statusText}`.trimEnd());
}
