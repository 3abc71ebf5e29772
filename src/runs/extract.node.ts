/** Extracts the features of a set into a folder or a bucket, all of it or one share of several. */

import { resolve } from 'node:path';
import type { Backbone } from '../backbone/backbone.ts';
import { CarafeError, throwIfAborted } from '../errors.ts';
import type { VectorSpace } from '../features/store.ts';
import { isBucketAddress } from '../objects/objects.ts';
import { openPlace } from '../objects/open.node.ts';
import { handOut } from '../queue/produce.node.ts';
import type { ExtractResult } from '../results/extractResult.ts';
import type { FindOptions, ImageSet } from '../sets/imageSet.ts';
import { extractPart, type PartContext, spaceHere } from '../shards/extractPart.node.ts';
import { findShards, readParts } from '../shards/find.node.ts';
import { type Plan, planParts, type Shard } from '../shards/plan.node.ts';
import { bytesOf, type Precision } from '../shards/vectors.ts';
import { version } from '../version.ts';
import type { BackboneOptions, TrainOptions, TrainPlatform } from './options.ts';
import { withPlatform } from './platform.node.ts';
import { requireOptions, requireText } from './requireOptions.ts';

/** What a user may choose. */
export interface ExtractOptions
  extends Omit<FindOptions, 'flat' | 'known'>,
    BackboneOptions,
    Pick<TrainOptions, 'backbone' | 'device' | 'threads' | 'limits' | 'onProgress' | 'onStage' | 'onWarning'> {
  /** A folder, or `s3://bucket/prefix`. */
  readonly out: string;
  /** Which share of the work this process does; by default all of it. */
  readonly shard?: Shard | undefined;
  /** Address of a Redis or Valkey, `redis://host:6379`: workers (`carafe worker`) do the work. */
  readonly queue?: string | undefined;
  /** About so many photos in each file (1,000 by default). */
  readonly photosPerPart?: number | undefined;
  /** `float16` by default. */
  readonly precision?: Precision | undefined;
}

/** What all processes that share an extraction agree on, because it follows from set, network and settings alone. */
export interface PlannedExtraction {
  readonly set: ImageSet;
  readonly plan: Plan;
  readonly network: Backbone;
  readonly context: PartContext & { readonly space: VectorSpace };
}

/**
 * Computes the features of photos, with or without labels, and writes them as Parquet files, one for about a thousand
 * photos, each whole or not at all. What is there already is not computed again.
 * @throws CarafeError for everything that a user can fix; INTERRUPTED, when all finished parts are written
 */
export function extract(source: string, options: ExtractOptions): Promise<ExtractResult> {
  return withPlatform(source, options, async (platform) => {
    const began = performance.now();
    const { shard = { index: 1, of: 1 } } = options;
    const { set, plan, network, context } = await planExtraction(source, options, platform);
    if (options.queue !== undefined)
      return handedOut(options.queue, options, { set, plan, network, context }, platform);
    const own = plan.partsOf(shard);
    const total = own.reduce((sum, part) => sum + plan.itemsOf(part).length, 0);
    const sum = { there: 0, computed: 0, usable: 0, bytes: 0, failed: [] as ExtractResult['failed'] };
    let done = 0;
    for (const part of own) {
      throwIfAborted(options.signal);
      const items = plan.itemsOf(part);
      const outcome = await extractPart({ run: plan.run, part, parts: plan.parts }, items, context, {
        ...options,
        progress: (state) => options.onProgress?.({ ...state, done: done + state.done, total }),
      });
      done += items.length;
      if (!outcome) {
        sum.there++;
        continue;
      }
      sum.computed += items.length;
      sum.usable += outcome.usable;
      sum.bytes += outcome.bytes;
      for (const photo of outcome.failed) sum.failed.push(photo);
    }
    return {
      ...aboutExtraction(options, { set, plan, network, context }),
      parts: { all: plan.parts, own: own.length, there: sum.there },
      photos: { found: set.items.length, computed: sum.computed, usable: sum.usable },
      failed: sum.failed,
      failedParts: [],
      bytes: sum.bytes,
      seconds: (performance.now() - began) / 1000,
    };
  });
}

function aboutExtraction(
  { out }: ExtractOptions,
  { plan, network, context }: PlannedExtraction,
): Pick<ExtractResult, 'version' | 'command' | 'out' | 'run' | 'backbone' | 'precision' | 'bytesPerPhoto'> {
  const { width } = network.network;
  const { precision } = context.head;
  return {
    ...{ version, command: 'extract', out, run: plan.run, precision },
    backbone: { name: network.name, hash: network.hash, width },
    bytesPerPhoto: width * bytesOf[precision],
  };
}

/** Has workers do it; what they computed is read off the parts that they wrote. */
async function handedOut(
  queue: string,
  options: ExtractOptions,
  planned: PlannedExtraction,
  { computer }: TrainPlatform,
): Promise<ExtractResult> {
  const began = performance.now();
  const { set, plan, context } = planned;
  if (options.shard)
    throw new CarafeError(
      'USAGE',
      '`shard` and `queue` cannot be used together.',
      'The queue divides the work itself.',
    );
  const total = set.items.length;
  let done = 0;
  const there = { parts: 0, counted: false };
  const failedParts = await handOut(
    queue,
    {
      place: context.place,
      itemsOf: plan.itemsOf,
      job: {
        ...{ run: plan.run, parts: plan.parts, out: placeForAll(options.out), ...context.head },
        ...{ cut: options.cut, preprocessing: options.preprocessing },
        ...{ space: context.space.id, decoder: computer.decoder, runtime: computer.runtime },
      },
    },
    {
      signal: options.signal,
      onQueued: () => {
        there.counted = true;
      },
      onDone: (photos) => {
        done += photos;
        if (!there.counted) there.parts++;
        options.onProgress?.({ done, total, cached: 0, computed: done, failed: 0 });
      },
    },
  );
  const failed: ExtractResult['failed'] = [];
  let usable = 0;
  const found = failedParts.length === 0 ? await findShards(context.place, plan.run) : undefined;
  if (found)
    for await (const { rows } of readParts(found))
      for (const { path, photo, failure } of rows) {
        if (photo) usable++;
        if (failure) failed.push({ path, ...failure });
      }
  return {
    ...aboutExtraction(options, planned),
    parts: { all: plan.parts, own: plan.parts, there: there.parts },
    photos: { found: total, computed: done, usable },
    failed,
    failedParts,
    bytes: found?.bytes ?? 0,
    seconds: (performance.now() - began) / 1000,
  };
}

/** A folder by its whole path, since workers start in other folders. */
function placeForAll(out: string): string {
  return isBucketAddress(out) ? out : resolve(out);
}

/** Finds the photos and divides them. @throws CarafeError for everything that a user can fix */
export async function planExtraction(
  source: string,
  options: ExtractOptions,
  platform: TrainPlatform,
): Promise<PlannedExtraction> {
  const { out, shard, precision = 'float16', backbone = 'embedded' } = options;
  requireOptions({ threads: options.threads, backbone, cut: options.cut, photosPerPart: options.photosPerPart });
  requireText('out', out);
  requireShard(shard);
  const place = openPlace(out);
  const network = await platform.resolveBackbone(backbone, options);
  const set = await platform.findImageSet(source, { ...options, flat: true });
  for (const note of set.notes ?? []) options.onWarning?.(note);
  const space = spaceHere(network, platform);
  const plan = planParts(set.items, { space, precision, shards: shard?.of, photosPerPart: options.photosPerPart });
  // A file's path says nothing on another machine that starts elsewhere.
  const head = { source: placeForAll(set.source), backbone, precision };
  return { set, plan, network, context: { place, platform, network, head, space } };
}

function requireShard(shard: Shard | undefined): void {
  if (!shard) return;
  const { index, of } = shard;
  if (Number.isInteger(index) && Number.isInteger(of) && index >= 1 && index <= of && of <= 100_000) return;
  throw new CarafeError(
    'USAGE',
    `\`shard\` is { index: ${index}, of: ${of} }; its index runs from 1 to the number of shards.`,
    'The third of 64 is { index: 3, of: 64 }.',
  );
}
