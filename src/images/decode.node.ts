import { readFile, stat } from 'node:fs/promises';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { ImageError } from '../errors.ts';
import type { Pixels } from '../platform.ts';
import type { ReadableFormat } from './fileKind.ts';
import { fileKind, isCutShort } from './fileKind.ts';
import type { Kernel, Preprocessing } from './preprocessing.ts';
import { resizePixels } from './resize.ts';
import { readShot, type Shot } from './shot.ts';
import type { Size } from './targetSize.ts';
import { boundedTargetSize } from './targetSize.ts';

// Photos are decoded side by side in workers: threads and caches inside libvips would only be in each other's way.
sharp.concurrency(1);
sharp.cache(false);

/** More pixels than this are not decoded: 16,383 x 16,383, sharp's own limit; the largest phone photos have 200 million. */
const maxPixels = 0x3fff ** 2;

const sharpKernels = { bilinear: 'linear', bicubic: 'cubic', lanczos3: 'lanczos3', nearest: 'nearest' } as const;

/** Raised when what decodePhoto gives changes, since cached values depend on it. */
const decodeRevision = 1;

/** Everything besides a photo and its preprocessing that its pixels depend on, for cache keys. */
export const decoderVersion: string = [
  `carafe ${decodeRevision}`,
  ...(['sharp', 'vips', 'mozjpeg', 'png', 'spng', 'webp', 'tiff', 'heif', 'aom', 'lcms'] as const).map(
    (library) => `${library} ${(sharp.versions as Record<string, string | undefined>)[library] ?? '-'}`,
  ),
].join(', ');

/**
 * Reads a photo's bytes.
 * @throws ImageError NOT_FOUND, UNREADABLE, EMPTY or TOO_LARGE
 */
export async function readPhoto(file: string): Promise<Uint8Array> {
  try {
    const info = await stat(file);
    if (info.isDirectory()) throw new ImageError('UNREADABLE', 'it is a folder, not a file');
    // Opening a pipe would wait for a writer for ever.
    if (!info.isFile()) throw new ImageError('UNREADABLE', 'it is no regular file');
    const bytes = await readFile(file);
    if (bytes.length === 0) throw new ImageError('EMPTY', 'the file is empty (zero bytes)');
    return bytes;
  } catch (error) {
    throw error instanceof ImageError ? error : readError(error);
  }
}

function readError(error: unknown): ImageError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new ImageError('NOT_FOUND', 'there is no such file', { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new ImageError('UNREADABLE', 'the file may not be read (permission denied)', { cause: error });
    case 'ELOOP':
      return new ImageError('UNREADABLE', 'its symbolic link leads in a circle', { cause: error });
    case 'ERR_FS_FILE_TOO_LARGE':
      return new ImageError('TOO_LARGE', 'the file is larger than 2 GB', { cause: error });
    default:
      return new ImageError('UNREADABLE', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

export interface DecodedPhoto {
  /** The whole photo, resized; the crop is a step of its own. */
  readonly pixels: Pixels;
  /** Of the upright photo before resizing. */
  readonly width: number;
  readonly height: number;
  readonly shot: Shot | undefined;
}

/**
 * Decodes a photo and resizes the whole of it. JPEG, PNG, WebP, GIF (first frame), TIFF (first page) and AVIF; turned
 * as EXIF says, converted to 8-bit sRGB, transparency on white.
 * @throws ImageError EMPTY, NOT_AN_IMAGE, UNSUPPORTED_FORMAT, TRUNCATED, TOO_LARGE or BROKEN
 */
export async function decodePhoto(
  bytes: Uint8Array,
  { resize, kernel }: Pick<Preprocessing, 'resize' | 'kernel'>,
): Promise<DecodedPhoto> {
  const format = fileKind(bytes);
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels });
    const { autoOrient, exif } = await image.metadata();
    const { width, height } = autoOrient;
    const size = boundedTargetSize(width, height, resize);
    return { pixels: await resized(image, { width, height }, size, kernel), width, height, shot: readShot(exif) };
  } catch (error) {
    throw error instanceof ImageError ? error : decodeError(error, bytes, format);
  }
}

async function resized(image: Sharp, from: Size, to: Size, kernel: Kernel): Promise<Pixels> {
  const bySharp = kernel !== 'nearest' && to.width <= from.width && to.height <= from.height;
  const upright = image.autoOrient().flatten({ background: '#ffffff' });
  if (bySharp) upright.resize({ ...to, fit: 'fill', kernel: sharpKernels[kernel], fastShrinkOnLoad: false });
  const { data, info } = await upright
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`the decoder gave ${info.channels} channels`);
  const pixels = { width: info.width, height: info.height, data };
  return bySharp ? pixels : resizePixels(pixels, to, kernel);
}

function decodeError(error: unknown, bytes: Uint8Array, format: ReadableFormat): ImageError {
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (/exceeds pixel limit/i.test(message))
    return new ImageError('TOO_LARGE', `it has more than ${Math.floor(maxPixels / 1e6)} million pixels`, options);
  if (isCutShort(bytes, format) || /premature end|unexpected end|truncated/i.test(message))
    return new ImageError('TRUNCATED', `the ${format} file is cut short: copy or download it again`, options);
  // libvips repeats itself line by line; the first line says it.
  return new ImageError('BROKEN', `the ${format} file is damaged (${message.split('\n')[0]})`, options);
}

const thumbnailEdge = 160;

/**
 * A small WebP of a decoded photo, its long side at most 160 pixels.
 * @param proportions of the upright photo, where the pixels no longer have them (`squash`)
 */
export async function encodeThumbnail(pixels: Pixels, proportions: Size = pixels): Promise<Uint8Array> {
  const { width, height, data } = pixels;
  const shrink = Math.min(1, thumbnailEdge / Math.max(proportions.width, proportions.height));
  const edge = (length: number): number => Math.max(1, Math.round(length * shrink));
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: edge(proportions.width), height: edge(proportions.height), fit: 'fill' })
    .webp({ quality: 75 })
    .toBuffer();
}

/** A WebP of decoded pixels, as large as they are. */
export async function encodePicture({ width, height, data }: Pixels): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: 85 })
    .toBuffer();
}
