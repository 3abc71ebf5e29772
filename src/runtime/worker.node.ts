/** The worker thread that runs a network. */

import { parentPort, workerData } from 'node:worker_threads';
import { CarafeError, plainError } from '../errors.ts';
import { openSession } from './platform.node.ts';
import type { FromWorker, SessionStart, ToWorker } from './sessionPool.node.ts';

const port = parentPort;
if (!port) throw new Error('worker.node.ts runs in a worker thread only');

const { model, options }: SessionStart = workerData;
// The runtime reads no shared memory: the copy lives until the session is open.
const session = openSession(new Uint8Array(model).slice(), options);
let last: Promise<unknown> = Promise.resolve();

session.then(
  ({ inputs, outputs }) => say({ kind: 'open', inputs, outputs }),
  (error: unknown) => {
    say({ kind: 'closed', failure: failureOf(error) });
    port.close();
  },
);

port.on('message', (message: ToWorker) => {
  last = message.kind === 'run' ? run(message) : close(last);
});

async function run({ id, feeds, fetches }: Extract<ToWorker, { kind: 'run' }>): Promise<void> {
  try {
    say({ kind: 'results', id, results: await (await session).run(feeds, fetches) });
  } catch (error) {
    say({ kind: 'failed', id, failure: failureOf(error) });
  }
}

/** Runs come to their ends in the order in which they began. */
async function close(lastRun: Promise<unknown>): Promise<void> {
  await lastRun;
  await (await session).release();
  port?.close();
}

function failureOf(error: unknown) {
  if (error instanceof CarafeError) return plainError(error, '', '');
  return error instanceof Error ? error.message : String(error);
}

function say(message: FromWorker): void {
  port?.postMessage(message);
}
