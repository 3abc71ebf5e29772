/** The pool of worker threads. */

import { CarafeError, errorOf, type PlainError } from '../errors.ts';
import { startThread, type Thread } from '../runtime/thread.node.ts';
import type { Measured } from './measure.ts';
import type { Measurers, Task } from './task.ts';

export type ToWorker =
  | { readonly kind: 'task'; readonly task: Task; readonly seed: number }
  /** Ends at the next step of what is under way. */
  | { readonly kind: 'close' };

export type FromWorker = { readonly measured: Measured[] } | { readonly error: PlainError };

/**
 * Threads that measure, one task at a time each. Each computes on one thread, so that the figures do not depend on how
 * many there are.
 * @param signal ends them, and what is under way with the signal's reason
 */
export function openMeasurers(count: number, seed: number, signal: AbortSignal | undefined): Measurers {
  const threads = Array.from({ length: count }, () => new MeasuringThread(seed));
  const free = [...threads];
  const waiting: ((thread: MeasuringThread) => void)[] = [];
  const close = async () => {
    signal?.removeEventListener('abort', close);
    await Promise.all(threads.map((thread) => thread.close()));
  };
  signal?.addEventListener('abort', close);
  return {
    async measure(task) {
      const thread = free.pop() ?? (await new Promise<MeasuringThread>((resolve) => waiting.push(resolve)));
      try {
        return await thread.measure(task);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        const next = waiting.shift();
        if (next) next(thread);
        else free.push(thread);
      }
    },
    close,
  };
}

class MeasuringThread {
  readonly #thread: Thread<ToWorker>;
  #answer: ((message: FromWorker) => void) | undefined;
  #broken: CarafeError | undefined;

  constructor(readonly seed: number) {
    this.#thread = startThread(import.meta.url, {
      hear: (message: FromWorker) => this.#answer?.(message),
      ended: (cause) => this.#end(cause),
    });
  }

  async measure(task: Task): Promise<Measured[]> {
    const answer = await new Promise<FromWorker>((resolve) => {
      this.#answer = resolve;
      if (this.#broken) resolve({ error: this.#broken });
      else this.#thread.say({ kind: 'task', task, seed: this.seed });
    });
    if ('error' in answer) throw errorOf(answer.error);
    return answer.measured;
  }

  async close(): Promise<void> {
    if (!this.#broken) this.#thread.say({ kind: 'close' });
    await this.#thread.exited;
  }

  #end(cause: Error): void {
    this.#broken ??= new CarafeError(
      'INTERNAL',
      `A worker thread of the study failed: ${cause.message}`,
      'Start it again, with `threads: 1` if memory is short.',
      { cause },
    );
    this.#answer?.({ error: this.#broken });
  }
}
