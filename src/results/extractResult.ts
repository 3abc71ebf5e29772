/** What `extract` and `merge` print with `--json`. */

import * as z from 'zod';
import { precisions } from '../shards/vectors.ts';
import { failedImage } from './images.ts';

/** What `carafe extract --json` prints. */
export const extractResult = z.object({
  version: z.string(),
  command: z.literal('extract'),
  /** Where the features lie. */
  out: z.string(),
  /** Names the extraction: other photos, labels, networks, versions or settings give another. */
  run: z.string(),
  backbone: z.object({ name: z.string(), hash: z.string(), width: z.int() }),
  precision: z.enum(precisions),
  bytesPerPhoto: z.number(),
  /** All parts of the set, those that fell to this process, and of these the ones that were there already. */
  parts: z.object({ all: z.int(), own: z.int(), there: z.int() }),
  /** Photos of the whole set, those of the parts computed here, and of these the usable ones. */
  photos: z.object({ found: z.int(), computed: z.int(), usable: z.int() }),
  failed: z.array(failedImage),
  /** With a queue: parts that no worker could do, and why. */
  failedParts: z.array(z.object({ part: z.int(), reason: z.string() })),
  bytes: z.number(),
  seconds: z.number(),
});

export type ExtractResult = z.output<typeof extractResult>;

/** What `carafe merge --json` prints. */
export const mergeResult = z.object({
  version: z.string(),
  command: z.literal('merge'),
  out: z.string(),
  run: z.string(),
  parts: z.object({ read: z.int(), written: z.int() }),
  /** Usable photos, those whose bytes equal another's among them, and photos that cannot be used. */
  photos: z.object({ usable: z.int(), copies: z.int(), failed: z.int() }),
  classes: z.array(z.object({ label: z.string(), count: z.int() })),
  bytes: z.number(),
  seconds: z.number(),
});

export type MergeResult = z.output<typeof mergeResult>;

/** What `carafe jobs --json` prints. */
export const jobsResult = z.object({
  version: z.string(),
  command: z.literal('jobs'),
  /** Its address, without a password. */
  queue: z.string(),
  /** Workers that are connected. */
  workers: z.int(),
  /** Jobs, each about a thousand photos, by what becomes of them; delayed ones wait for another try. */
  counts: z.object({ waiting: z.int(), active: z.int(), delayed: z.int(), completed: z.int(), failed: z.int() }),
  /** Failed ones that were put back into the queue. */
  retried: z.int(),
  failed: z.array(z.object({ id: z.string(), reason: z.string(), attempts: z.int() })),
});

export type JobsResult = z.output<typeof jobsResult>;

/** What `carafe worker --json` prints when it stops. */
export const workerResult = z.object({
  version: z.string(),
  command: z.literal('worker'),
  /** Parts done, photos of them with features, and photos that could not be used. */
  parts: z.int(),
  photos: z.int(),
  failed: z.int(),
});

export type WorkerResult = z.output<typeof workerResult>;
