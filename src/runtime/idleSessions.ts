/** Sessions of small networks that lie idle until the next call asks for the same. */

import type { InferenceSession } from 'onnxruntime-common';

/** A graph that calculates is smaller, a network with weights is larger. */
const largestModel = 8192;
/** What a session was given at most in one run; the memory that it holds for the next grows with it. */
const largestFeeds = 2 ** 20;
const most = 24;

interface Idle {
  readonly key: string;
  readonly session: InferenceSession;
}

const letters = new TextDecoder('latin1');

/**
 * To fit a head, the same few graphs are opened over and over, hundreds of times in a run on few photos: that takes longer than to run
 * them. So what was closed is kept, as far as it is small.
 */
export class IdleSessions {
  /** The one that was closed last stands last. */
  readonly #idle: Idle[] = [];

  /** What stands for a network and how it is opened; undefined where it is not kept. */
  keyOf(model: Uint8Array, options: object): string | undefined {
    return model.length > largestModel ? undefined : `${JSON.stringify(options)} ${letters.decode(model)}`;
  }

  /** One that was closed, for the caller alone. */
  take(key: string): InferenceSession | undefined {
    const place = this.#idle.findLastIndex((one) => one.key === key);
    return place < 0 ? undefined : this.#idle.splice(place, 1)[0]?.session;
  }

  /** @param fed bytes of the largest run */
  async keep(key: string | undefined, session: InferenceSession, fed: number): Promise<void> {
    if (key === undefined || fed > largestFeeds) return session.release();
    this.#idle.push({ key, session });
    if (this.#idle.length > most) await this.#idle.shift()?.session.release();
  }
}
