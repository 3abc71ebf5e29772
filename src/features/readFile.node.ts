/** Reads a photo from where it lies: a file, a part of a tar, or an object of a bucket. */

import { open } from 'node:fs/promises';
import { CarafeError, ImageError } from '../errors.ts';
import { readPhoto } from '../images/decode.node.ts';
import type { Limits } from '../images/limits.ts';
import { usualLimits } from '../images/limits.ts';
import type { ObjectPlace } from '../objects/objects.ts';
import { bucketAddress } from '../objects/objects.ts';
import { openPlace } from '../objects/open.node.ts';
import { fileReason, isMissing } from '../runtime/files.node.ts';
import { type TarMember, tarMember } from '../sets/tarMember.ts';

const buckets = new Map<string, ObjectPlace>();

/**
 * @param file a path, `s3://bucket/key`, or what `tarAddress` gives
 * @throws ImageError for a photo that cannot be used; CarafeError UNAVAILABLE or UNREADABLE where the store is at fault,
 * so that no photo counts as broken for it
 */
export async function readPhotoAt(file: string, limits: Partial<Limits> = {}): Promise<Uint8Array> {
  const member = tarMember(file);
  if (member) return readMember(member, limits);
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
  if (bytes?.length === 0) throw empty();
  if (!bytes) throw tooLarge();
  return bytes;
}

async function readMember({ tar, from, bytes }: TarMember, { maxBytes = usualLimits.maxBytes }: Partial<Limits>) {
  if (bytes === 0) throw empty();
  if (bytes > maxBytes) throw tooLarge();
  try {
    const file = await open(tar);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(bytes), 0, bytes, from);
      if (bytesRead === bytes) return buffer;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new ImageError(isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE', `its tar: ${fileReason(error)}`);
  }
  throw new ImageError('TRUNCATED', 'its tar is cut short');
}

function empty(): ImageError {
  return new ImageError('EMPTY', 'the file is empty (zero bytes)');
}

function tooLarge(): ImageError {
  return new ImageError(
    'TOO_LARGE',
    'the file is larger than the limit; make it smaller, or raise maxBytes in the library',
  );
}
