/** What a run needs where its source is no folder or list of photos: a bucket, or features that were extracted before. */

import { CarafeError } from '../errors.ts';
import { isBucketAddress } from '../objects/objects.ts';
import { openPlace } from '../objects/open.node.ts';
import { findImageSet } from '../sets/find.node.ts';
import type { FindOptions, ImageSet } from '../sets/imageSet.ts';
import { statOrUndefined } from '../sets/walk.node.ts';
import { findShards } from '../shards/find.node.ts';
import { loadExtracted } from '../shards/load.node.ts';
import { findInBucket } from './findInBucket.node.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';

/** The platform for this source; the given one where it is a folder or a list of photos. */
export async function platformFor(
  source: string,
  platform: TrainPlatform,
  { onStage }: Pick<TrainOptions, 'onStage'>,
): Promise<TrainPlatform> {
  const inBucket = isBucketAddress(source);
  if (!inBucket && !(await statOrUndefined(source))?.isDirectory()) return platform;
  const run = await findShards(openPlace(source));
  if (run) {
    onStage?.('Reading features');
    return withExtracted(platform, await loadExtracted(run));
  }
  return inBucket ? withBucket(platform) : platform;
}

/** Finds the photos of any source: a folder or a list, a bucket, or features that were extracted before. */
export async function findAnywhere(source: string, options: FindOptions): Promise<ImageSet> {
  const inBucket = isBucketAddress(source);
  const run =
    inBucket || (await statOrUndefined(source))?.isDirectory() ? await findShards(openPlace(source)) : undefined;
  if (run) return (await loadExtracted(run)).find(options);
  return inBucket ? findInBucket(source, options, new Map()) : findImageSet(source, options);
}

function withBucket(platform: TrainPlatform): TrainPlatform {
  const stamps = new Map<string, string>();
  return {
    ...platform,
    stamp: (file) => stamps.get(file) ?? platform.stamp(file),
    findImageSet: (source, options) => findInBucket(source, options, stamps),
  };
}

function withExtracted(
  platform: TrainPlatform,
  { head, find, stamp, store }: Awaited<ReturnType<typeof loadExtracted>>,
): TrainPlatform {
  const [{ backbone }] = head.spaces;
  return {
    ...platform,
    store: store(platform.store),
    stamp: (file) => stamp(file) ?? platform.stamp(file),
    findImageSet: async (_, options) => find(options),
    async resolveBackbone(spec, options) {
      const resolved = await platform.resolveBackbone(spec === 'embedded' ? head.backbone : spec, options);
      if (resolved.hash === backbone.hash) return { ...resolved, isExtracted: true };
      throw new CarafeError(
        'USAGE',
        `The features were extracted with the backbone ${backbone.name}, not with ${resolved.name}.`,
        `Leave out \`backbone\`, or name the file or address of ${backbone.name}.`,
      );
    },
  };
}
