/** Workers of a queue, and what is in it. */

import { resolveBackbone } from '../backbone/resolve.node.ts';
import { throwIfAborted } from '../errors.ts';
import { memoryStore } from '../features/memoryStore.ts';
import { extractionPlatform } from '../features/platform.node.ts';
import { shown } from '../queue/connect.node.ts';
import { jobsIn } from '../queue/jobs.node.ts';
import { type WorkerOptions, type WorkerPlatform, work } from '../queue/work.node.ts';
import type { JobsResult, WorkerResult } from '../results/extractResult.ts';
import { openSession } from '../runtime/platform.node.ts';
import { version } from '../version.ts';
import { modelFolder } from './platform.node.ts';
import { requireOptions, requireText } from './requireOptions.ts';

/**
 * Takes parts of extractions from a queue and computes them, until the signal is aborted. What it was doing then goes
 * back to the queue; of a process that is killed, another worker takes the part over within five seconds.
 * @param queue `redis://host:6379`
 * @throws CarafeError UNAVAILABLE where the queue does not answer; USAGE where its jobs want other versions than this
 */
export async function worker(queue: string, options: WorkerOptions = {}): Promise<WorkerResult> {
  requireText('queue', queue);
  requireOptions({ threads: options.threads });
  throwIfAborted(options.signal);
  // Not the cache on disk: of ten million photos it would be as large as the results.
  const platform: WorkerPlatform = {
    ...extractionPlatform(memoryStore()),
    resolveBackbone: (spec, { cut, preprocessing, signal }) =>
      resolveBackbone(spec, { openSession, cut, preprocessing, signal, modelFolder: modelFolder() }),
  };
  return { version, command: 'worker', ...(await work(queue, platform, options)) };
}

/**
 * What is left in a queue, and which parts no worker could do.
 * @throws CarafeError UNAVAILABLE where the queue does not answer
 */
export async function jobs(queue: string, options: { readonly retry?: boolean } = {}): Promise<JobsResult> {
  requireText('queue', queue);
  return { version, command: 'jobs', queue: shown(queue), ...(await jobsIn(queue, options)) };
}
