/** A file from its address. */

import { CarafeError } from '../errors.ts';

/**
 * Fetches a file whole.
 * @throws CarafeError NOT_FOUND; the signal's reason once it is aborted
 */
export async function fetchBytes(address: string | URL, signal?: AbortSignal): Promise<Uint8Array> {
  const failed = (reason: string, cause?: unknown) =>
    new CarafeError(
      'NOT_FOUND',
      `${short(String(address))} cannot be loaded: ${reason}`,
      'Check the address. A page can only fetch a file from another site if that site allows it (CORS).',
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(address, signal ? { signal } : {});
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    signal?.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw failed(cause instanceof Error ? cause.message : String(cause), error);
  }
  throw failed(`the server answered ${response.status} ${response.statusText}`.trimEnd());
}

/** Addresses with the data inside fill no terminal. */
function short(address: string): string {
  return address.length > 200 ? `${address.slice(0, 100)}...` : address;
}
