/** What is in the queue: how much is left, and which parts no worker could do. */

import { answered, bull, connectionTo, queueName } from './connect.node.ts';

export interface Jobs {
  /** Workers that are connected. */
  readonly workers: number;
  /** Jobs by what becomes of them; delayed ones wait for another try. */
  readonly counts: Readonly<Record<'waiting' | 'active' | 'delayed' | 'completed' | 'failed', number>>;
  /** Failed ones that were put back into the queue. */
  readonly retried: number;
  readonly failed: { readonly id: string; readonly reason: string; readonly attempts: number }[];
}

/** So many failed parts are listed. */
const most = 1000;

/**
 * @param retry put the failed ones back into the queue
 * @throws CarafeError UNAVAILABLE where the queue does not answer
 */
export async function jobsIn(address: string, { retry = false }: { readonly retry?: boolean }): Promise<Jobs> {
  const { Queue } = await bull();
  const queue = new Queue(queueName, { connection: connectionTo(address) });
  queue.on('error', () => {});
  try {
    await answered(address, queue);
    const failed = await queue.getFailed(0, most - 1);
    if (retry) for (const job of failed) await job.retry();
    const { waiting = 0, active = 0, delayed = 0, completed = 0, failed: count = 0 } = await queue.getJobCounts();
    return {
      workers: await queue.getWorkersCount(),
      counts: { waiting, active, delayed, completed, failed: count },
      retried: retry ? failed.length : 0,
      failed: failed.map(({ id = '', failedReason = 'unknown', attemptsMade }) => ({
        id,
        reason: failedReason,
        attempts: attemptsMade,
      })),
    };
  } finally {
    await queue.close().catch(() => {});
  }
}
