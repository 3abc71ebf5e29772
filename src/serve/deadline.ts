/** How long a request may take. */

import { Problem } from './problem.ts';

/** Ends a request where its client goes away, or its time is up. */
export class Deadline {
  readonly #abort = new AbortController();
  readonly #seconds: number;
  #timer: ReturnType<typeof setTimeout>;

  constructor(seconds: number) {
    this.#seconds = seconds;
    this.#timer = this.#start();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Its time begins anew: something has come, or gone. */
  extend(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** The client went away. */
  leave(): void {
    this.end();
    this.#abort.abort(new Problem('BAD_REQUEST', 'The client went away.', 'Send it again.'));
  }

  /** It is over: no timer holds it. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      this.#abort.abort(
        new Problem('TOO_LATE', `The request took more than ${this.#seconds} s.`, 'Send it faster, or later.', {
          connection: 'close',
        }),
      );
    }, this.#seconds * 1000);
  }
}
