/** A network that runs in worker threads, for callers whose own thread must stay free. */

import { errorOf, type PlainError } from '../errors.ts';
import type { AnyTensor, OpenSession, Session, SessionOptions } from './platform.ts';
import { brokenThread, startThread, type Thread } from './thread.node.ts';

type Results = Awaited<ReturnType<Session['run']>>;

/** What a thread is started with; the model lies in memory that all threads share. */
export interface SessionStart {
  readonly model: SharedArrayBuffer;
  readonly options: SessionOptions;
}

export type ToWorker =
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly feeds: Readonly<Record<string, AnyTensor>>;
      readonly fetches: readonly string[] | undefined;
    }
  | { readonly kind: 'close' };

/** An error of Carafe's, or what the runtime says. */
type Failure = PlainError | string;

export type FromWorker =
  | { readonly kind: 'open'; readonly inputs: Session['inputs']; readonly outputs: Session['outputs'] }
  | { readonly kind: 'closed'; readonly failure: Failure }
  | { readonly kind: 'results'; readonly id: number; readonly results: Results }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/**
 * Opens networks in at most `count` worker threads each. onnxruntime-node's `run` blocks the thread that calls it: so the
 * caller's event loop stays free, and as many runs as there are threads go on at once. The first thread is started with
 * the session, the others when a run finds all busy.
 */
export function sessionsInThreads(count: number): OpenSession {
  return async (model, options = {}) => {
    const shared = new SharedArrayBuffer(model.length);
    new Uint8Array(shared).set(model);
    const threads: SessionThread[] = [];
    const start = (): SessionThread => {
      const thread = new SessionThread({ model: shared, options }, () => threads.splice(threads.indexOf(thread), 1));
      threads.push(thread);
      return thread;
    };
    const free = (): SessionThread => {
      const least = threads.reduce<SessionThread | undefined>(
        (best, thread) => (best && best.load <= thread.load ? best : thread),
        undefined,
      );
      return least && (least.load === 0 || threads.length >= count) ? least : start();
    };
    const { inputs, outputs } = await start().opened;
    return {
      inputs,
      outputs,
      parallel: count,
      run: (feeds, fetches) => free().run(feeds, fetches),
      async release() {
        await Promise.all(threads.map((thread) => thread.close()));
      },
    };
  };
}

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

class SessionThread {
  readonly opened: Promise<Pick<Session, 'inputs' | 'outputs'>>;
  readonly #thread: Thread<ToWorker>;
  readonly #runs = new Map<number, Waiting<Results>>();
  #opening: Waiting<Pick<Session, 'inputs' | 'outputs'>> | undefined;
  #ids = 0;

  /** @param gone told when it can take no more runs */
  constructor(start: SessionStart, gone: () => void) {
    this.opened = new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
    });
    // Where it does not open, its runs say so.
    this.opened.catch(() => {});
    this.#thread = startThread(import.meta.url, {
      start,
      hear: (message: FromWorker) => this.#hear(message),
      ended: (cause) => {
        gone();
        this.#fail(brokenThread(cause, 'Try again, with fewer workers.'));
      },
    });
  }

  /** Runs under way. */
  get load(): number {
    return this.#runs.size;
  }

  run(feeds: Readonly<Record<string, AnyTensor>>, fetches: readonly string[] | undefined): Promise<Results> {
    return new Promise((resolve, reject) => {
      const id = this.#ids++;
      this.#runs.set(id, { resolve, reject });
      this.#thread.say({ kind: 'run', id, feeds, fetches });
      this.#thread.holdProcess(true);
    });
  }

  /** Lets what is under way come to its end. */
  async close(): Promise<void> {
    this.#thread.holdProcess(true);
    this.#thread.say({ kind: 'close' });
    await this.#thread.exited;
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'open') this.#opening?.resolve(message);
    else if (message.kind === 'closed') this.#fail(errorFrom(message.failure));
    else {
      const run = this.#runs.get(message.id);
      this.#runs.delete(message.id);
      if (message.kind === 'results') run?.resolve(message.results);
      else run?.reject(errorFrom(message.failure));
    }
    // Threads that only wait keep no process alive whose user did not release them.
    if (this.load === 0) this.#thread.holdProcess(false);
  }

  #fail(error: Error): void {
    this.#opening?.reject(error);
    for (const run of this.#runs.values()) run.reject(error);
    this.#runs.clear();
  }
}

function errorFrom(failure: Failure): Error {
  return typeof failure === 'string' ? new Error(failure) : errorOf(failure);
}
