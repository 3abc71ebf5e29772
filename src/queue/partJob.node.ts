/** A part as a job: what the queue holds of it, and what it leaves at the place of the results. */

import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { precisions } from '../shards/vectors.ts';

const partJob = z.object({
  run: z.string().regex(/^[0-9a-f]{16}$/),
  part: z.int().positive(),
  parts: z.int().positive(),
  photos: z.int().nonnegative(),
  /** Where the features go. */
  out: z.string(),
  source: z.string(),
  backbone: z.string(),
  cut: z.string().optional(),
  preprocessing: z.unknown().optional(),
  precision: z.enum(precisions),
  /** Of the features, as whoever planned it computes them. */
  space: z.string(),
  decoder: z.string(),
  runtime: z.string(),
});

/** Small: a hundred thousand of them are to fit into a Redis. The photos of the part lie at the place of the results. */
export type PartJob = z.output<typeof partJob>;

/** What a worker says of a part that it has done. */
export const partDone = z.object({ usable: z.int(), failed: z.int(), seconds: z.number(), there: z.boolean() });
export type PartDone = z.output<typeof partDone>;

/** @throws CarafeError BAD_LIST for a job of another version */
export function readPartJob(data: unknown): PartJob {
  const parsed = partJob.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new CarafeError(
    'BAD_LIST',
    'A job in the queue is of another version of Carafe.',
    'Use the same version for all workers and for `carafe extract`.',
    { cause: parsed.error },
  );
}

/** Names the job: adding it twice makes it one. */
export function jobId({ run, part }: Pick<PartJob, 'run' | 'part'>): string {
  return `${run}-${part}`;
}

const listedItems = z.array(
  z.object({
    path: z.string(),
    file: z.string(),
    labels: z.array(z.string()),
    group: z.string().optional(),
    split: z.enum(['train', 'val', 'test']).optional(),
  }),
);

function listName({ run, part }: Pick<PartJob, 'run' | 'part'>): string {
  return `jobs/${run}/${part}.json.gz`;
}

/** Leaves the photos of a part where its worker finds them. */
export async function writePhotos(
  place: ObjectPlace,
  name: Pick<PartJob, 'run' | 'part'>,
  items: readonly ImageItem[],
): Promise<void> {
  await place.write(listName(name), gzipSync(JSON.stringify(items)));
}

/** @throws CarafeError BAD_LIST for a list that is damaged; NOT_FOUND where there is none */
export async function readPhotos(place: ObjectPlace, name: Pick<PartJob, 'run' | 'part'>): Promise<ImageItem[]> {
  const bytes = await place.read(listName(name));
  try {
    return listedItems
      .parse(JSON.parse(gunzipSync(bytes, { maxOutputLength: 2 ** 28 }).toString()))
      .map(({ group, split, ...item }) => ({
        ...item,
        ...(group === undefined ? {} : { group }),
        ...(split && { split }),
      }));
  } catch (error) {
    throw new CarafeError(
      'BAD_LIST',
      `${place.address}/${listName(name)} is damaged.`,
      'Delete it, and run `carafe extract` again as before.',
      { cause: error },
    );
  }
}

/** Takes the list away once nobody needs it any more. */
export async function removePhotos(place: ObjectPlace, name: Pick<PartJob, 'run' | 'part'>): Promise<void> {
  await place.remove(listName(name));
}
