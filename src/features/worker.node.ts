/** The worker thread of extraction: photos in, features out, by one single-threaded session. */

import { createHash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { plainError } from '../errors.ts';
import { decodePhoto } from '../images/decode.node.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { View } from '../images/view.ts';
import { openSession } from '../runtime/platform.node.ts';
import type { Session } from '../runtime/platform.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { processPhoto } from './processPhoto.ts';
import { readPhotoAt } from './readFile.node.ts';

const port = parentPort;
if (!port) throw new Error('worker.node.ts only runs in a worker thread');

const { model, preprocessing, device, limits }: WorkerStart = workerData;
const questions = new Map<number, (isWanted: boolean) => void>();
let session: Promise<Session> | undefined;

const tools = {
  read: (file: string) => readPhotoAt(file, limits),
  sha256: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex'),
  decode: (bytes: Uint8Array, resizing: Pick<Preprocessing, 'resize' | 'kernel'>) =>
    decodePhoto(bytes, resizing, limits),
  // The runtime reads no shared memory: the copy lives until the session is open.
  session: () => (session ??= openSession(new Uint8Array(model).slice(), { device })),
};

port.on('message', (message: ToWorker) => {
  if (message.kind === 'photo') void work(message.id, message.file, message.view);
  else if (message.kind === 'close') void close();
  else {
    questions.get(message.id)?.(message.isWanted);
    questions.delete(message.id);
  }
});

async function work(id: number, file: string, view: View | undefined): Promise<void> {
  const isWanted = (sha256: string) =>
    new Promise<boolean>((resolve) => {
      questions.set(id, resolve);
      say({ kind: 'hashed', id, sha256 });
    });
  try {
    const outcome = await processPhoto({ file, view, preprocessing }, isWanted, tools);
    say({ kind: 'done', id, outcome });
  } catch (error) {
    const hint = 'This is a bug in Carafe. Please report it. Without this photo, the run resumes where it stopped.';
    say({ kind: 'error', id, error: plainError(error, `Extraction failed at ${file}`, hint) });
  }
}

async function close(): Promise<void> {
  // One that could not be opened was reported with its photo, and holds nothing.
  await (await session?.catch(() => undefined))?.release();
  port?.close();
}

function say(message: FromWorker): void {
  port?.postMessage(message);
}
