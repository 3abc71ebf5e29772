/** Work in a worker of its own, which ends with it. */

import { CarafeError, errorOf } from '../errors.ts';
import { message, messageOf } from '../message.ts';
import type { Work } from './engine.ts';
import type { FromApart } from './messages.ts';

export interface Apart {
  /** What it is, as messages name it. */
  readonly what: string;
  readonly tell?: (work: Work) => void;
  /** Ends the worker at once. */
  readonly signal?: AbortSignal;
}

/**
 * Hands a task to the worker whose script stands beside this one.
 * @throws CarafeError UNAVAILABLE where its script cannot be loaded, INTERRUPTED, and what the work throws
 */
export function apart<Value>(script: string, task: unknown, { what, tell, signal }: Apart): Promise<Value> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(`./${script}`, import.meta.url), { type: 'module' });
    const end = (done: () => void) => {
      worker.terminate();
      done();
    };
    signal?.addEventListener('abort', () =>
      end(() =>
        reject(
          new CarafeError('INTERRUPTED', message`${messageOf(what)} was cancelled.`, 'Start it again when you want.'),
        ),
      ),
    );
    worker.onmessage = ({ data }: MessageEvent<FromApart<Value>>) => {
      if (data.kind === 'work') tell?.(data.work);
      else if (data.kind === 'done') end(() => resolve(data.value));
      else end(() => reject(errorOf(data.error)));
    };
    // Of a script that cannot be loaded browsers give no message.
    worker.onerror = ({ message: why }) =>
      end(() =>
        reject(
          why
            ? new CarafeError(
                'INTERNAL',
                message`${messageOf(what)} broke off: ${why}`,
                'Start it again; with many photos, close other tabs first.',
              )
            : new CarafeError(
                'UNAVAILABLE',
                message`${messageOf(what)} needs a part of the page that cannot be loaded.`,
                'Go online once: afterwards it works without.',
              ),
        ),
      );
    worker.postMessage(task);
  });
}
