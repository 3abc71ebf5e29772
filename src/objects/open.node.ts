/** Opens a place by its address. */

import { type BucketOptions, bucketPlace } from './bucket.node.ts';
import { folderPlace } from './folder.node.ts';
import { isBucketAddress, type ObjectPlace } from './objects.ts';

/** @param address a folder, or `s3://bucket/prefix` @throws CarafeError USAGE */
export function openPlace(address: string, options: BucketOptions = {}): ObjectPlace {
  return isBucketAddress(address) ? bucketPlace(address, options) : folderPlace(address);
}
