/** A place that holds objects by name: a folder, or a prefix of an S3 bucket. */

/** One object, as a listing shows it. */
export interface ObjectInfo {
  /** Relative to the place, with `/`. */
  readonly name: string;
  readonly bytes: number;
  /** Changes whenever the object's content does. */
  readonly stamp: string;
}

/**
 * Names are relative to the place, and nothing outside it is ever read or written.
 * All methods throw CarafeError: UNREADABLE, UNWRITABLE, NOT_FOUND, UNAVAILABLE.
 */
export interface ObjectPlace {
  /** As the user named it: for messages. */
  readonly address: string;
  /** All objects whose names begin so, in the order of their names' UTF-8 bytes. */
  list(prefix?: string): AsyncIterable<ObjectInfo>;
  /** Undefined where there is no such object. */
  info(name: string): Promise<ObjectInfo | undefined>;
  /** The whole object, or the bytes from `start` up to, not including, `end`. */
  read(name: string, start?: number, end?: number): Promise<Uint8Array>;
  /** The whole object, unless it has more bytes than `most`: then it is not loaded, and undefined is given. */
  readUpTo(name: string, most: number): Promise<Uint8Array | undefined>;
  /** Writes the object whole or not at all; an older one of the name is replaced. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Whether an address names a bucket: `s3://bucket/prefix`. */
export function isBucketAddress(address: string): boolean {
  return address.startsWith('s3://');
}

/** Splits `s3://bucket/key`. Undefined where it is none. */
export function bucketAddress(address: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(address) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** Whether a name stays inside its place: no empty, `.` or `..` parts, and no other separators. */
export function isInside(name: string): boolean {
  return (
    name !== '' && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\\\0]/.test(name)
  );
}
