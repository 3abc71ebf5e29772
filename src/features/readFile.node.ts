/** Reads a photo from where it lies: a file, or an object of a bucket. */

import { CarafeError, ImageError } from '../errors.ts';
import { readPhoto } from '../images/decode.node.ts';
import type { Limits } from '../images/limits.ts';
import { usualLimits } from '../images/limits.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import { bucketAddress } from '../objects/objects.ts';
import { openPlace } from '../objects/open.node.ts';

const buckets = new Map<string, ObjectPlace>();

/**
 * @param file a path, or `s3://bucket/key`
 * @throws ImageError for a photo that cannot be used; CarafeError UNAVAILABLE or UNREADABLE where the store is at fault,
 * so that no photo counts as broken for it
 */
export async function readPhotoAt(file: string, limits: Partial<Limits> = {}): Promise<Uint8Array> {
  const parsed = bucketAddress(file);
  if (!parsed) return readPhoto(file, limits);
  const { maxBytes = usualLimits.maxBytes } = limits;
  const address = `s3://${parsed.bucket}`;
  const bucket = buckets.get(address) ?? openPlace(address);
  buckets.set(address, bucket);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await bucket.readUpTo(parsed.key, maxBytes);
  } catch (error) {
    if (error instanceof CarafeError && error.code === 'NOT_FOUND')
      throw new ImageError('NOT_FOUND', 'there is no such object in the bucket');
    throw error;
  }
  if (bytes?.length === 0) throw new ImageError('EMPTY', 'the file is empty (zero bytes)');
  if (!bytes)
    throw new ImageError(
      'TOO_LARGE',
      'the file is larger than the limit; make it smaller, or raise maxBytes in the library',
    );
  return bytes;
}
