/** Bodies of requests, read within limits. */

import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.ts';

/** Bytes of bodies that are in memory at once, over all requests. */
const mostTogether = 512e6;

/** Pieces from this size on are kept as they came; of smaller ones so many are put together. */
const pieceBytes = 16_384;
const mostSmall = 1024;

/** Reads bodies, each within its limit and all within one. */
export class Bodies {
  #held = 0;

  /** Bytes of bodies that are in memory now. */
  get held(): number {
    return this.#held;
  }

  /**
   * Reads a whole body and hands it to the work, as long as which it counts.
   * @throws Problem TOO_LARGE, BUSY, BAD_REQUEST; the signal's reason
   */
  async reading<T>(
    incoming: IncomingMessage,
    most: number,
    signal: AbortSignal,
    work: (body: Buffer) => Promise<T>,
  ): Promise<T> {
    let size = 0;
    try {
      const body = await whole(incoming, most, signal, (bytes) => {
        size += bytes;
        this.hold(bytes);
      });
      return await work(body);
    } finally {
      this.release(size);
    }
  }

  /** Counts bytes that are in memory from now on. @throws Problem BUSY, where they are too many; they count all the same */
  hold(bytes: number): void {
    this.#held += bytes;
    if (this.#held > mostTogether)
      throw closing('BUSY', 'The service has no room for more photos now.', 'Try again in 1 s.', {
        'retry-after': '1',
      });
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/** Pieces of a body. Each takes 250 bytes besides its own: small ones are put together as they come. */
export class Pieces {
  #whole: Buffer[] = [];
  #small: Buffer[] = [];
  #size = 0;
  #smallSize = 0;

  /** Bytes of all. */
  get size(): number {
    return this.#size;
  }

  add(piece: Buffer): void {
    this.#size += piece.length;
    this.#smallSize += piece.length;
    this.#small.push(piece);
    if (this.#smallSize >= pieceBytes || this.#small.length >= mostSmall) this.#join();
  }

  /** All of them as one, and begins anew. */
  take(): Buffer {
    this.#join();
    const [first] = this.#whole;
    const all = this.#whole.length === 1 && first ? first : Buffer.concat(this.#whole, this.#size);
    this.#whole = [];
    this.#size = 0;
    return all;
  }

  #join(): void {
    const [first] = this.#small;
    if (first) this.#whole.push(this.#small.length === 1 ? first : Buffer.concat(this.#small, this.#smallSize));
    this.#small = [];
    this.#smallSize = 0;
  }
}

/** An answer before the body has come whole ends the connection, too. */
function closing(...[code, what, hint, headers]: ConstructorParameters<typeof Problem>): Problem {
  return new Problem(code, what, hint, { ...headers, connection: 'close' });
}

function tooLarge(most: number): Problem {
  return closing(
    'TOO_LARGE',
    `The body has more than ${(most / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB.`,
    'Send smaller photos, or fewer at once.',
  );
}

/** @throws Problem TOO_LARGE where the body says that it is */
export function requireLength(incoming: IncomingMessage, most: number): void {
  if (Number(incoming.headers['content-length'] ?? 0) > most) throw tooLarge(most);
}

/** Chunk by chunk, up to a limit. */
export async function* chunksOf(incoming: IncomingMessage, signal: AbortSignal): AsyncGenerator<Buffer> {
  const stop = () => incoming.destroy(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  try {
    // Leaving early must not end the connection: the answer is still to be sent.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) yield chunk;
  } catch {
    signal.throwIfAborted();
    throw closing('BAD_REQUEST', 'The body ended before it was whole.', 'Send it again.');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function whole(
  incoming: IncomingMessage,
  most: number,
  signal: AbortSignal,
  take: (bytes: number) => void,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    const end = () => {
      incoming.off('data', add).off('end', done).off('error', broken).off('close', broken);
      signal.removeEventListener('abort', late);
    };
    const fail = (error: unknown) => {
      end();
      incoming.pause();
      reject(error);
    };
    const add = (chunk: Buffer) => {
      try {
        if (pieces.size + chunk.length > most) throw tooLarge(most);
        take(chunk.length);
        pieces.add(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const done = () => {
      end();
      resolve(pieces.take());
    };
    const broken = () => fail(closing('BAD_REQUEST', 'The body ended before it was whole.', 'Send it again.'));
    const late = () => fail(signal.reason);
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    incoming.on('data', add).on('end', done).on('error', broken).on('close', broken);
  });
}
