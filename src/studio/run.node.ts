/** The studio on this computer: engine and server. */

import { throwIfAborted } from '../errors.ts';
import { type RunningStudio, type ServerOptions, serveStudio } from './server.node.ts';
import { type LocalOptions, openLocal } from './studio.node.ts';

/**
 * Opens the project in a folder, one sub-folder a class, and serves the page that works on it.
 * @throws CarafeError
 */
export async function runStudio(folder: string, options: ServerOptions & LocalOptions = {}): Promise<RunningStudio> {
  throwIfAborted(options.signal);
  const engine = await openLocal(folder, options);
  try {
    const server = await serveStudio(engine, options);
    return {
      address: server.address,
      async close() {
        await server.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
