/** Photos in a bucket, found by the names of its objects. */

import { CarafeError } from '../errors.ts';
import { bucketAddress } from '../objects/objects.ts';
import { openPlace } from '../objects/open.node.ts';
import { setOfPaths } from '../sets/find.node.ts';
import { isImageName } from '../sets/imageNames.ts';
import type { FindOptions, ImageSet } from '../sets/imageSet.ts';

/**
 * The set that the photos below `s3://bucket/prefix` make, as those of a folder do. No photo is opened.
 * @param stamps takes the stamp of each photo, by what opens it
 * @throws CarafeError NO_IMAGES, USAGE; UNREADABLE, UNAVAILABLE where the bucket cannot be listed
 */
export async function findInBucket(
  address: string,
  options: FindOptions,
  stamps: Map<string, string>,
): Promise<ImageSet> {
  const { bucket = '', key = '' } = bucketAddress(address) ?? {};
  if (/\.(csv|tsv|jsonl?|ndjson)$/i.test(key))
    throw new CarafeError(
      'USAGE',
      `${address} is a list in a bucket, which cannot be read there.`,
      'Give the prefix that holds the photos, with a folder for each class, or copy the list to this machine.',
    );
  const place = openPlace(address);
  const prefix = key === '' ? '' : `${key.replace(/\/+$/, '')}/`;
  const fileOf = (path: string) => `s3://${bucket}/${prefix}${path}`;
  const images: string[] = [];
  const folders = new Set<string>();
  const kinds = new Map<string, number>();
  for await (const { name, stamp } of place.list()) {
    if (name.split('/').some((part) => part.startsWith('.'))) continue;
    if (isImageName(name)) {
      images.push(name);
      stamps.set(fileOf(name), stamp);
      for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) folders.add(name.slice(0, at));
    } else {
      const [extension] = /\.[^./]{1,8}$/.exec(name) ?? ['without extension'];
      kinds.set(extension, (kinds.get(extension) ?? 0) + 1);
    }
  }
  const leftOut = Array.from(kinds, ([kind, count]) => ({ kind, count })).sort((a, b) => b.count - a.count);
  return setOfPaths(address, { images, folders: [...folders].sort(), leftOut }, fileOf, options);
}
