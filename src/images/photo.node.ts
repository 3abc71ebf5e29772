/** A photo as a Node program passes it: path, address or bytes. */

import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { CarafeError, ImageError } from '../errors.ts';
import type { Pixels } from '../runtime/platform.ts';
import { decodePhoto, readPhoto, resizeDecoded } from './decode.node.ts';
import { decodeAside } from './decodeAside.node.ts';
import { type Limits, usualLimits } from './limits.ts';
import { kindOf, requirePixels } from './pixels.ts';
import type { Resizing } from './targetSize.ts';

/** A path, the address of a photo (file:, https:, data:), the bytes of an image file, a Blob, or upright sRGB pixels. */
export type Photo = string | URL | Uint8Array | ArrayBuffer | Blob | Pixels;

export interface ReadOptions {
  readonly limits?: Partial<Limits> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Decode it without holding the caller's thread, whatever its format. */
  readonly aside?: boolean | undefined;
}

/**
 * Decodes a photo and resizes the whole of it, as training does.
 * @throws ImageError where it cannot be read; CarafeError USAGE for what is no photo, whatever a program's types said
 */
export async function pixelsOf(photo: Photo, resizing: Resizing, options: ReadOptions = {}): Promise<Pixels> {
  try {
    const bytes = await photoBytes(photo, options);
    if (!bytes) return resizeDecoded(requirePixels(photo), resizing);
    const decode = options.aside ? decodeAside : decodePhoto;
    return (await decode(bytes, resizing, options.limits)).pixels;
  } catch (error) {
    const name = nameOf(photo);
    throw error instanceof ImageError && name !== undefined ? error.of(name) : error;
  }
}

/** What a photo is called; undefined where it is its own bytes. */
function nameOf(photo: Photo): string | undefined {
  if (typeof photo === 'string') return photo;
  if (photo instanceof URL) return photo.protocol === 'data:' ? undefined : photo.href;
  return undefined;
}

/** The bytes of an image file; undefined for what may be pixels. */
async function photoBytes(photo: Photo, { limits, signal }: ReadOptions): Promise<Uint8Array | undefined> {
  if (typeof photo === 'string') {
    if (/^(https?|data|blob):/i.test(photo)) throw noPath(photo);
    return readPhoto(photo, limits);
  }
  if (photo instanceof URL)
    return photo.protocol === 'file:' ? readPhoto(fileURLToPath(photo), limits) : fetchPhoto(photo, { limits, signal });
  const { maxBytes = usualLimits.maxBytes } = limits ?? {};
  if (photo instanceof Blob) {
    if (photo.size > maxBytes) throw tooLarge(photo.size, maxBytes);
    return new Uint8Array(await photo.arrayBuffer());
  }
  // Not by instanceof: test runners and other realms have constructors of their own.
  if (types.isUint8Array(photo)) return photo;
  if (types.isAnyArrayBuffer(photo)) return new Uint8Array(photo);
  if (typeof photo === 'object' && photo !== null && 'width' in photo && 'data' in photo) return undefined;
  throw new CarafeError(
    'USAGE',
    `A photo is a path, a URL, the bytes of an image file, a Blob or pixels, not ${kindOf(photo)}.`,
    'Give one photo: a string, a URL, a Uint8Array, an ArrayBuffer, a Blob, or { width, height, data } of RGB bytes.',
  );
}

/** An address as text is no path; which of the two a text is shall not be guessed, since a path may come from outside. */
function noPath(address: string): CarafeError {
  const shown = address.length > 60 ? `${address.slice(0, 60)}...` : address;
  return new CarafeError(
    'USAGE',
    `'${shown}' is an address, and a text is taken as a path.`,
    'Give a URL object: new URL(address).',
  );
}

/** Reads no more than the limit allows, whatever the server says. */
async function fetchPhoto(address: URL, { limits, signal }: ReadOptions): Promise<Uint8Array> {
  const { maxBytes = usualLimits.maxBytes } = limits ?? {};
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const response = await fetch(address, signal ? { signal } : {});
    if (!response.ok)
      throw new ImageError('NOT_FOUND', `the server answered ${response.status} ${response.statusText}`.trimEnd());
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(size, maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ImageError || signal?.aborted) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ImageError(
      'NOT_FOUND',
      `it cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause: error,
      },
    );
  }
  return Buffer.concat(chunks);
}

function tooLarge(size: number, maxBytes: number): ImageError {
  const megabytes = (bytes: number): string => Math.ceil(bytes / 1e6).toLocaleString('en-US');
  return new ImageError(
    'TOO_LARGE',
    `it has ${megabytes(size)} MB or more, and ${megabytes(maxBytes)} MB are read at most; make it smaller, or raise maxBytes`,
  );
}
