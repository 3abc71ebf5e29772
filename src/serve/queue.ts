/** The bounded queue in front of the network. */

import { Problem } from './problem.ts';

interface Entry {
  readonly start: () => void;
}

/** A request that is over before its turn: its client went away, or its time is up. */
export interface Ending {
  readonly signal: AbortSignal;
}

/** How much of the last measured times counts in the estimate of one photo's time. */
const memory = 0.05;

/** Lets as many photos be answered at once as there are slots, and as many wait as it may hold. */
export class PhotoQueue {
  readonly slots: number;
  readonly most: number;
  #running = 0;
  readonly #waiting = new Set<Entry>();
  /** Seconds that a photo takes, lately. */
  #seconds = 0.05;

  /**
   * @param slots photos that are answered at once
   * @param most photos that wait; while so many do, requests are turned away
   */
  constructor(slots: number, most: number) {
    this.slots = slots;
    this.most = most;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a request would find no place now, however many photos it brings: those of one are bounded elsewhere. */
  get isFull(): boolean {
    return this.#running >= this.slots && this.#waiting.size >= this.most;
  }

  /** What is said where there is no place. */
  busy(): Problem {
    const seconds = Math.max(1, Math.ceil((this.#waiting.size * this.#seconds) / this.slots));
    return new Problem('BUSY', 'The service has as many photos waiting as it may hold.', `Try again in ${seconds} s.`, {
      'retry-after': String(seconds),
    });
  }

  /** Makes sure that a request finds a place now. @throws Problem BUSY */
  admit(): void {
    if (this.isFull) throw this.busy();
  }

  /**
   * Does the work when its turn comes; what is aborted before leaves its place at once.
   * @throws the signal's reason
   */
  async run<T>(work: () => Promise<T>, { signal }: Ending): Promise<T> {
    signal.throwIfAborted();
    if (this.#running >= this.slots) await this.#turn(signal);
    else this.#running++;
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.#seconds += memory * ((performance.now() - began) / 1000 - this.#seconds);
      this.#next();
    }
  }

  /** The slot of who is done goes to the first who waits. */
  #next(): void {
    const [first] = this.#waiting;
    if (!first) this.#running--;
    else {
      this.#waiting.delete(first);
      first.start();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(entry);
        reject(signal.reason);
      };
      const entry: Entry = {
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(entry);
    });
  }
}
