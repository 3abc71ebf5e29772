/** The worker thread that decodes photos. */

import { parentPort } from 'node:worker_threads';
import { ImageError, plainError } from '../errors.ts';
import { decodePhoto } from './decode.node.ts';
import type { FromDecoder, ToDecoder } from './decodeAside.node.ts';

const port = parentPort;
if (!port) throw new Error('worker.node.ts runs in a worker thread only');

let last: Promise<void> = Promise.resolve();
// One after the other: side by side they would only hold more memory.
port.on('message', (message: ToDecoder) => {
  last = last.then(() => decode(message));
});

async function decode({ id, bytes, resizing, limits }: ToDecoder): Promise<void> {
  try {
    const photo = await decodePhoto(bytes, resizing, limits);
    say({ kind: 'decoded', id, photo });
  } catch (error) {
    if (error instanceof ImageError) say({ kind: 'refused', id, code: error.code, reason: error.reason });
    else
      say({
        kind: 'failed',
        id,
        error: plainError(error, 'Decoding a photo failed', 'This is a bug in Carafe. Please report it.'),
      });
  }
}

function say(message: FromDecoder): void {
  port?.postMessage(message);
}
