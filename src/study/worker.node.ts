/** The worker thread of a study: does one task after the other, by itself. */

import { parentPort } from 'node:worker_threads';
import { plainError } from '../errors.ts';
import { openSession } from '../runtime/platform.node.ts';
import { perform } from './task.ts';
import type { FromWorker, ToWorker } from './workers.node.ts';

const port = parentPort;
if (!port) throw new Error('worker.node.ts only runs in a worker thread');
const stop = new AbortController();

port.on('message', (message: ToWorker) => {
  if (message.kind === 'task') void work(message);
  else {
    stop.abort();
    port.close();
  }
});

async function work({ task, seed }: Extract<ToWorker, { kind: 'task' }>): Promise<void> {
  try {
    say({ measured: await perform(task, { openSession, threads: 1, seed, signal: stop.signal }) });
  } catch (error) {
    say({ error: plainError(error, 'The study failed', 'This is a bug in Carafe. Please report it.') });
  }
}

function say(message: FromWorker): void {
  port?.postMessage(message);
}
