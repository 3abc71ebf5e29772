/** Starts a service; what it needs is loaded then. */

import { abortable, CarafeError } from '../errors.ts';
import type { Running, ServeOptions } from './options.ts';

/**
 * Answers requests over HTTP with a classifier.onnx, or with all that lie in a folder; resolves when they have passed their
 * self-tests.
 * @throws CarafeError where the port is taken, or no classifier can be used
 */
export async function serve(
  source: string,
  { signal, ...options }: ServeOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<Running> {
  if (typeof source !== 'string' || source === '')
    throw new CarafeError(
      'USAGE',
      'A service needs a classifier.',
      'Give the path of a classifier.onnx, or of a folder.',
    );
  return abortable(signal, async () => {
    const { start } = await import('./server.node.ts');
    const running = await start(source, options);
    if (signal?.aborted) await running.close();
    signal?.throwIfAborted();
    return running;
  });
}
