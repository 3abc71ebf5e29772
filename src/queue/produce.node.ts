/** Hands the parts of an extraction to workers by a queue, and waits until all are written. */

import { setTimeout } from 'node:timers/promises';
import { throwIfAborted } from '../errors.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { namesBegin, parseShardName } from '../shards/shardNames.ts';
import { answered, bull, connectionTo, jobOptions, queueName } from './connect.node.ts';
import { jobId, type PartJob, writePhotos } from './partJob.node.ts';

/** A part that no worker could do. */
export interface FailedPart {
  readonly part: number;
  readonly reason: string;
}

/** Parts of one extraction to be handed out. */
export interface Handout {
  readonly place: ObjectPlace;
  /** What all jobs have in common. */
  readonly job: Omit<PartJob, 'part' | 'photos'>;
  readonly itemsOf: (part: number) => readonly ImageItem[];
}

export interface HandoutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once all jobs are in the queue. */
  readonly onQueued?: (() => void) | undefined;
  /** Called as parts are done, with the photos in them. */
  readonly onDone?: ((photos: number) => void) | undefined;
}

/** Jobs that are added at once. */
const bulk = 200;
/** How often the place of the results is asked what is there, in milliseconds: what is there counts, whatever the queue says. */
const lookEvery = { least: 500, most: 15_000 };

/**
 * Puts a job for each part that is not there into the queue, and waits until all are there or have failed for good. A
 * queue that was emptied meanwhile is filled again; jobs that are in it already stay one.
 * @returns parts that no worker could do
 * @throws CarafeError UNAVAILABLE where the queue does not answer; INTERRUPTED: the jobs stay in the queue
 */
export async function handOut(
  address: string,
  { place, job, itemsOf }: Handout,
  { signal, onQueued, onDone }: HandoutOptions = {},
): Promise<FailedPart[]> {
  const { Queue } = await bull();
  const queue = new Queue(queueName, { connection: connectionTo(address) });
  // Told by what is asked of it.
  queue.on('error', () => {});
  try {
    await answered(address, queue);
    const missing = new Set(Array.from({ length: job.parts }, (_, at) => at + 1));
    const settle = async (): Promise<void> => {
      for await (const { name } of place.list(`${namesBegin}${job.run}`)) {
        const parsed = parseShardName(name);
        if (parsed?.run !== job.run || !missing.delete(parsed.part)) continue;
        onDone?.(itemsOf(parsed.part).length);
      }
    };
    const failedParts = async (): Promise<FailedPart[]> => {
      const failed: FailedPart[] = [];
      for (const one of await queue.getFailed(0, -1)) {
        const part = [...missing].find((each) => one.id === jobId({ run: job.run, part: each }));
        if (part !== undefined) failed.push({ part, reason: one.failedReason ?? 'unknown' });
      }
      return failed;
    };
    const add = async (parts: readonly number[]): Promise<void> => {
      for (let from = 0; from < parts.length; from += bulk) {
        throwIfAborted(signal);
        const some = parts.slice(from, from + bulk);
        for (const part of some) await writePhotos(place, { run: job.run, part }, itemsOf(part));
        await queue.addBulk(
          some.map((part) => ({
            name: 'part',
            data: { ...job, part, photos: itemsOf(part).length },
            opts: { ...jobOptions, jobId: jobId({ run: job.run, part }) },
          })),
        );
      }
    };

    await settle();
    // What failed before is tried again, since somebody has started it again.
    for (const { part } of await failedParts()) await (await queue.getJob(jobId({ run: job.run, part })))?.remove();
    // So are parts whose results are gone, though they were done once.
    for (const part of missing) {
      const known = await queue.getJob(jobId({ run: job.run, part }));
      if (await known?.isCompleted()) await known?.remove();
    }
    await add([...missing]);
    onQueued?.();
    let wait = lookEvery.least;
    for (;;) {
      const before = missing.size;
      await settle();
      const failed = missing.size > 0 ? await failedParts() : [];
      if (missing.size <= failed.length) return failed;
      const { waiting = 0, active = 0, delayed = 0, prioritized = 0 } = await queue.getJobCounts();
      if (waiting + active + delayed + prioritized < missing.size - failed.length) {
        // A job that was done as this looked is settled the next time.
        await settle();
        const given = new Set(failed.map(({ part }) => part));
        await add([...missing].filter((part) => !given.has(part)));
      }
      wait = missing.size < before ? lookEvery.least : Math.min(lookEvery.most, wait * 1.5);
      throwIfAborted(signal);
      await setTimeout(wait, undefined, signal ? { signal } : {}).catch(() => {});
      throwIfAborted(signal);
    }
  } finally {
    await queue.close().catch(() => {});
  }
}
