/** Measuring in a process of its own: it can be ended at once, and the server stays free. */

import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CarafeError, errorOf, type PlainError } from '../errors.ts';
import { message } from '../message.ts';
import { bundled } from '../runtime/thread.node.ts';
import type { Work } from './engine.ts';
import type { Measured, MeasureTask } from './measure.ts';

/** A task for photos below a folder. */
export type LocalTask = MeasureTask & { readonly folder: string };

/** What the other process says. */
export type Said =
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'done'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** Measures in another process, which the signal ends at once. */
export function measureApart(task: LocalTask, say: (work: Work) => void, signal: AbortSignal): Promise<Measured> {
  // Node 20 runs no TypeScript: out of src/ the built one is taken.
  const file = new URL('./measurer.node.js', import.meta.url.replace(/^(.*)\/src\/(.*)\.ts$/, '$1/dist/$2.js'));
  if (!existsSync(file)) throw bundled(file.pathname);
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(file), {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    const end = () => child.kill('SIGKILL');
    const over = (error: Error) => {
      signal.removeEventListener('abort', end);
      reject(error);
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    child.on('message', (message: Said) => {
      if (message.kind === 'work') return say(message.work);
      signal.removeEventListener('abort', end);
      child.disconnect();
      if (message.kind === 'done') resolve(message.measured);
      else reject(errorOf(message.error));
    });
    child.on('error', over);
    child.on('exit', (code, killed) =>
      over(
        signal.aborted
          ? new CarafeError('INTERRUPTED', 'Measuring was cancelled.', 'Start it again when you want.')
          : new CarafeError(
              'INTERNAL',
              message`Measuring broke off (${killed ?? `code ${code}`}).`,
              'Start it again; with many photos, close other programs first.',
            ),
      ),
    );
    child.send(task);
  });
}
