/** A worker: takes parts from the queue and writes their features, until it is told to stop. */

import { basename, join } from 'node:path';
import type { Job } from 'bullmq';
import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import type { ExtractionPlatform } from '../features/extraction.ts';
import { openPlace } from '../objects/open.node.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { tarAddress, tarMember } from '../sets/tarMember.ts';
import { extractPart, spaceHere } from '../shards/extractPart.node.ts';
import { answered, bull, connectionTo, isLoss, queueName, takeover } from './connect.node.ts';
import { type PartDone, type PartJob, readPartJob, readPhotos, removePhotos } from './partJob.node.ts';

export interface WorkerOptions {
  /** Where the photos lie on this machine, if not where whoever planned the extraction found them. */
  readonly root?: string | undefined;
  readonly threads?: number | undefined;
  /** Stop once the queue is empty. */
  readonly drain?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the queue has answered. */
  readonly onStart?: (() => void) | undefined;
  /** Called when a part is done. */
  readonly onPart?: ((part: PartJob, done: PartDone) => void) | undefined;
  /** Called when a part could not be done; it is tried again, here or elsewhere. */
  readonly onFailure?: ((part: string, reason: string) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

export interface WorkerPlatform extends ExtractionPlatform {
  readonly resolveBackbone: (
    spec: string,
    options: Pick<PartJob, 'cut' | 'preprocessing'> & { readonly signal?: AbortSignal | undefined },
  ) => Promise<Backbone>;
}

/** What a worker has done until it stopped. */
export interface WorkerDone {
  readonly parts: number;
  readonly photos: number;
  readonly failed: number;
}

/** How often a worker that waits for the end of the queue looks whether it is empty, and how long it must have been so. */
const lookEvery = 1000;
const emptyFor = 5000;
/** How long a job that this worker may not do is left to others, in milliseconds. */
const passOn = 5000;

/**
 * Takes parts one after another; what one photo costs is spread over `threads`. The lock of a part is renewed while it
 * is computed, since that happens in other threads.
 * @throws CarafeError UNAVAILABLE where the queue does not answer; USAGE where the jobs want other versions or another
 * network than this worker has: their features would not fit together
 */
export async function work(address: string, platform: WorkerPlatform, options: WorkerOptions): Promise<WorkerDone> {
  const { Queue, Worker, DelayedError } = await bull();
  const connection = connectionTo(address);
  const networks = new Map<string, Promise<Backbone>>();
  const done = { parts: 0, photos: 0, failed: 0 };
  let stop: (error?: Error) => void = () => {};
  const stopped = new Promise<Error | undefined>((resolve) => {
    stop = resolve;
  });

  /** The part under way, until it is said that it is lost. */
  let underWay: string | undefined;

  async function processJob(job: Job<unknown>, token?: string): Promise<PartDone> {
    underWay = job.id;
    const part = readPartJob(job.data);
    const { backbone, cut, preprocessing } = part;
    const key = JSON.stringify([backbone, cut, preprocessing]);
    const network = await (networks.get(key) ??
      remember(networks, key, platform.resolveBackbone(backbone, { cut, preprocessing, signal: options.signal })));
    const misfit = misfitOf(part, network, platform);
    if (misfit) {
      // Not an attempt: another worker may be the right one.
      await job.moveToDelayed(Date.now() + passOn, token);
      stop(misfit);
      throw new DelayedError();
    }
    const began = performance.now();
    const place = openPlace(part.out, { signal: options.signal });
    const items = (await readPhotos(place, part)).map((item) => located(item, options.root));
    const { source, precision } = part;
    const outcome = await extractPart(
      part,
      items,
      { place, platform, network, head: { source, backbone, precision } },
      {
        threads: options.threads,
        signal: options.signal,
      },
    );
    await removePhotos(place, part).catch(() => {});
    return {
      usable: outcome?.usable ?? 0,
      failed: outcome?.failed.length ?? 0,
      seconds: (performance.now() - began) / 1000,
      there: outcome === undefined,
    };
  }

  const worker = new Worker<unknown, PartDone>(queueName, processJob, {
    connection,
    autorun: false,
    concurrency: 1,
    // A worker that is killed again and again by one part must not take all others down with it.
    maxStalledCount: 3,
    ...takeover,
  });
  // Not before the queue has taken it: what another worker has taken over is counted there.
  worker.on('completed', (job, said) => {
    done.parts++;
    done.photos += said.usable;
    done.failed += said.failed;
    options.onPart?.(readPartJob(job.data), said);
  });
  worker.on('failed', (job, error) => options.onFailure?.(job?.id ?? 'a part', reasonOf(error)));
  worker.on('error', (error) => {
    if (!isLoss(error)) return options.onWarning?.(`The queue: ${reasonOf(error)}`);
    if (underWay !== undefined)
      options.onWarning?.(
        `The queue was out of reach for some seconds, so another worker takes over ${underWay}. Nothing is lost; this one goes on.`,
      );
    underWay = undefined;
  });
  const abort = () => stop();
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    await answered(address, worker);
    options.onStart?.();
    const running = worker.run();
    if (options.drain) void untilEmpty().then(() => stop(), stop);
    const error = await Promise.race([stopped, running.then(() => undefined)]);
    // Lets the part under way come to its end.
    await worker.close();
    if (error) throw error;
    return done;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    await worker.close().catch(() => {});
  }

  async function untilEmpty(): Promise<void> {
    const queue = new Queue(queueName, { connection });
    queue.on('error', () => {});
    try {
      let since: number | undefined;
      for (;;) {
        const { waiting = 0, active = 0, delayed = 0 } = await queue.getJobCounts();
        since = waiting + active + delayed === 0 ? (since ?? Date.now()) : undefined;
        if (since !== undefined && Date.now() - since >= emptyFor) return;
        await new Promise((resolve) => setTimeout(resolve, lookEvery));
        if (options.signal?.aborted) return;
      }
    } finally {
      await queue.close().catch(() => {});
    }
  }
}

function remember<T>(known: Map<string, Promise<T>>, key: string, value: Promise<T>): Promise<T> {
  known.set(key, value);
  // What failed is tried again with the next part.
  value.catch(() => known.delete(key));
  return value;
}

function located(item: ImageItem, root: string | undefined): ImageItem {
  if (root === undefined) return item;
  const member = tarMember(item.file);
  const file = member ? tarAddress({ ...member, tar: join(root, basename(member.tar)) }) : join(root, item.path);
  return { ...item, file };
}

/** Why this worker's features would not fit those of the others; undefined where they do. */
function misfitOf(part: PartJob, network: Backbone, platform: ExtractionPlatform): CarafeError | undefined {
  if (spaceHere(network, platform).id === part.space) return undefined;
  const { decoder, runtime } = platform.computer;
  const other = [
    decoder !== part.decoder && `it decodes photos with ${decoder}, not ${part.decoder}`,
    runtime !== part.runtime && `it computes with ${runtime}, not ${part.runtime}`,
  ].filter((each) => each !== false);
  return new CarafeError(
    'USAGE',
    `This worker cannot take the jobs of extraction ${part.run}: ${other.length > 0 ? other.join('; ') : `its network ${network.name} is another file, or has other settings`}.`,
    'Install the same version of Carafe on all machines, and give them the same network.',
  );
}

function reasonOf(error: unknown): string {
  return error instanceof CarafeError ? error.what : error instanceof Error ? error.message : String(error);
}
