/** Decodes files to upright sRGB pixels with sharp; thumbnails. */

import { readFile, stat } from 'node:fs/promises';
import type { Metadata, Sharp } from 'sharp';
import sharp from 'sharp';
import { ImageError } from '../errors.ts';
import { largestOf } from '../numerics/statistics.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { PhotoFacts } from './facts.ts';
import { bitmapDecoder, bitmapDecoderOf } from './formats/bitmaps.ts';
import { cutShort, requireSize } from './formats/canvas.ts';
import { mogrify } from './formats/conversion.ts';
import { isCutShort } from './formats/cutShort.ts';
import type { ReadableFormat } from './formats/fileKind.ts';
import { fileKind } from './formats/fileKind.ts';
import { decodeHeic, heicDecoder } from './formats/heic.node.ts';
import { jpegStream, withEnd } from './formats/jpeg.ts';
import { jpegQuality } from './formats/jpegQuality.ts';
import { hasFurtherBands, rareCompression, tiffTags } from './formats/tiff.ts';
import type { Limits } from './limits.ts';
import { usualLimits } from './limits.ts';
import type { Remark } from './remarks.ts';
import { resizePixels } from './resize.ts';
import { readShot, type Shot } from './shot.ts';
import { type Region, type Resizing, resizedRegion, type Size, targetSize } from './targetSize.ts';

// Photos are decoded side by side in workers: threads and caches inside libvips would only be in each other's way.
sharp.concurrency(1);
sharp.cache(false);

const sharpKernels = { bilinear: 'linear', bicubic: 'cubic', lanczos3: 'lanczos3', nearest: 'nearest' } as const;

/** Raised when what decodePhoto gives for a usual photo changes, since cached values depend on it. */
const decodeRevision = 1;

/** Everything besides a photo and its preprocessing that its pixels depend on, for cache keys. */
export const decoderVersion: string = [
  `carafe ${decodeRevision}`,
  ...(['sharp', 'vips', 'mozjpeg', 'png', 'spng', 'webp', 'tiff', 'heif', 'aom', 'lcms'] as const).map(
    (library) => `${library} ${(sharp.versions as Record<string, string | undefined>)[library] ?? '-'}`,
  ),
].join(', ');

/** What decodes photos that are not usual: these have cache keys of their own, so that other photos keep theirs. */
export const rareDecoders = {
  tiff: `tiff 2, ${decoderVersion}`,
  deep: `deep 2, ${decoderVersion}`,
  ink: `ink 2, ${decoderVersion}`,
  heic: `${heicDecoder}, ${decoderVersion}`,
  bitmap: `${bitmapDecoder}, ${decoderVersion}`,
} as const;

/**
 * Reads a photo's bytes.
 * @throws ImageError NOT_FOUND, UNREADABLE, EMPTY or TOO_LARGE
 */
export async function readPhoto(
  file: string,
  { maxBytes = usualLimits.maxBytes }: Partial<Limits> = {},
): Promise<Uint8Array> {
  try {
    const info = await stat(file);
    if (info.isDirectory()) throw new ImageError('UNREADABLE', 'it is a folder, not a file');
    // Opening a pipe would wait for a writer for ever; so may what the kernel shows as empty files (/proc/kmsg).
    if (!info.isFile()) throw new ImageError('UNREADABLE', 'it is not a regular file');
    if (info.size === 0) throw new ImageError('EMPTY', 'the file is empty (zero bytes)');
    if (info.size > maxBytes)
      throw new ImageError(
        'TOO_LARGE',
        `the file has ${megabytes(info.size)} MB, more than the limit of ${megabytes(maxBytes)} MB; make it smaller, or raise maxBytes in the library`,
      );
    const bytes = await readFile(file);
    if (bytes.length === 0) throw new ImageError('EMPTY', 'the file is empty (zero bytes)');
    return bytes;
  } catch (error) {
    throw error instanceof ImageError ? error : readError(error);
  }
}

function megabytes(bytes: number): string {
  return Math.ceil(bytes / 1e6).toLocaleString('en-US');
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
      return new ImageError('UNREADABLE', 'its symbolic link points in a circle', { cause: error });
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
  readonly shot?: Shot | undefined;
  /** What the file is, by its own bytes. */
  readonly file?: Pick<PhotoFacts, 'format' | 'quality'> | undefined;
  /** What was left out of the file. */
  readonly remarks?: readonly Remark[] | undefined;
  /** What decoded it, where that is not `decoderVersion`. */
  readonly decoder?: string | undefined;
}

/**
 * Decodes a photo and resizes the whole of it; of a strip that is hundreds of times as long as wide, the middle. JPEG, PNG, WebP, GIF (first frame), TIFF (first page), AVIF, HEIC, BMP,
 * PBM, PGM, PPM, PAM and Targa; turned as EXIF says, converted to 8-bit sRGB, transparency on white.
 * @throws ImageError EMPTY, NOT_AN_IMAGE, UNSUPPORTED_FORMAT, TRUNCATED, TOO_LARGE or BROKEN
 */
export async function decodePhoto(
  bytes: Uint8Array,
  resizing: Resizing,
  { maxPixels = usualLimits.maxPixels }: Partial<Limits> = {},
): Promise<DecodedPhoto> {
  const format = fileKind(bytes);
  const photo = await decodeAs(format, bytes, resizing, maxPixels);
  return { ...photo, file: format === 'JPEG' ? { format, quality: jpegQuality(bytes) } : { format } };
}

async function decodeAs(
  format: ReadableFormat,
  bytes: Uint8Array,
  resizing: Resizing,
  maxPixels: number,
): Promise<DecodedPhoto> {
  const bitmap = bitmapDecoderOf(format);
  if (bitmap) {
    const photo = await enlargedOrShrunk(bitmap(bytes, maxPixels), resizing);
    return { ...photo, decoder: rareDecoders.bitmap };
  }
  if (format === 'HEIC') {
    const { tiff, exif, remarks } = await decodeHeic(bytes, maxPixels);
    const photo = await bySharp(tiff, 'HEIC', resizing, maxPixels);
    return { ...photo, shot: readShot(exif), remarks, decoder: rareDecoders.heic };
  }
  try {
    return await bySharp(bytes, format, resizing, maxPixels);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    if (format === 'JPEG' && (await lacksOnlyItsEnd(bytes)))
      return bySharp(withEnd(bytes), format, resizing, maxPixels);
    throw decodeError(error, bytes, format);
  }
}

/**
 * Whether a JPEG is whole but for its end marker, as browsers show it: then every scan is there, and what stands behind
 * the last one does not change the picture.
 */
async function lacksOnlyItsEnd(bytes: Uint8Array): Promise<boolean> {
  const { isEnded, isWhole } = jpegStream(bytes);
  if (isEnded || !isWhole) return false;
  const [one, other] = [0x00, 0x5a].map((filling) =>
    sharp(withEnd(bytes, filling), { failOn: 'none' }).raw().toBuffer(),
  );
  return Promise.all([one, other]).then(
    ([first, second]) => first.equals(second),
    () => false,
  );
}

async function bySharp(
  bytes: Uint8Array,
  format: ReadableFormat,
  { resize, kernel }: Resizing,
  maxPixels: number,
): Promise<DecodedPhoto> {
  const hasBands = format === 'TIFF' && hasFurtherBands(tiffTags(bytes));
  // The frames of a film are counted by their own pixels.
  const image = sharp(bytes, { failOn: 'error', limitInputPixels: false });
  const about = await image.metadata();
  const { width, height } = about.autoOrient;
  requireSize(width, height, maxPixels);
  const isDeep = about.space === 'rgb16' && about.hasProfile;
  // Of deep colours sharp makes Display P3 in between; unless told so, it hands them over as sRGB.
  if (isDeep) image.withIccProfile('srgb');
  const isInk = about.space === 'cmyk' && !about.hasProfile;
  const whole = isInk ? await fromInk(image) : hasBands ? await withoutBands(image) : undefined;
  const pixels = whole
    ? (await enlargedOrShrunk(whole, { resize, kernel })).pixels
    : await resized(image, { width, height }, { resize, kernel });
  if (about.depth === 'ushort' && (format === 'PNG' || format === 'TIFF')) await refuseDark(bytes, pixels);
  const decoder =
    format === 'TIFF' ? rareDecoders.tiff : isDeep ? rareDecoders.deep : isInk ? rareDecoders.ink : undefined;
  return {
    pixels,
    width,
    height,
    shot: readShot(about.exif),
    remarks: remarksOf(about, format, hasBands),
    decoder,
  };
}

function remarksOf({ pages = 1 }: Metadata, format: ReadableFormat, hasBands: boolean): Remark[] | undefined {
  const remarks: Remark[] = [];
  if (pages > 1 && format !== 'AVIF') remarks.push(format === 'TIFF' ? 'pages' : 'frames');
  if (hasBands) remarks.push('bands');
  return remarks.length > 0 ? remarks : undefined;
}

/** Pixels of the whole photo in cyan, magenta, yellow and black, to what they let through of white light. */
async function fromInk(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .autoOrient()
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const colours = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < colours.length; from += channels)
    for (let ink = 0; ink < 3; ink++)
      colours[to++] = Math.round(((255 - data[from + ink]) * (255 - data[from + 3])) / 255);
  return { width, height, data: colours };
}

/** Pixels of the whole photo, of its colours alone. */
async function withoutBands(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const colours = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < colours.length; from += channels) {
    colours[to++] = data[from];
    colours[to++] = data[from + 1];
    colours[to++] = data[from + 2];
  }
  return { width, height, data: colours };
}

/** The same of pixels that are at hand. @throws ImageError TOO_LARGE */
export async function resizeDecoded(whole: Pixels, resizing: Resizing): Promise<Pixels> {
  return (await enlargedOrShrunk(whole, resizing)).pixels;
}

async function enlargedOrShrunk(whole: Pixels, resizing: Resizing): Promise<DecodedPhoto> {
  const { width, height, data } = whole;
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return { pixels: await resized(image, whole, resizing), width, height };
}

/** The brightest that photos of few bits reach, of 65,535: 14 bits, written into 16. */
const darkest = 0x3fff;

/**
 * Microscopes and machine cameras write 10, 12 or 14 bits into 16: shown as the file says, such photos are black.
 * @throws ImageError UNSUPPORTED_FORMAT
 */
async function refuseDark(bytes: Uint8Array, { data }: Pixels): Promise<void> {
  // Resizing may overshoot a little.
  if (data.some((value) => value > 80)) return;
  const { channels } = await sharp(bytes).stats();
  const brightest = largestOf(channels.slice(0, channels.length > 2 ? 3 : 1).map(({ max }) => max));
  if (brightest === 0 || brightest > darkest) return;
  const bits = Math.max(9, Math.ceil(Math.log2(brightest + 1)));
  throw new ImageError(
    'UNSUPPORTED_FORMAT',
    `its 16-bit samples reach only ${brightest.toLocaleString('en-US')} of 65,535, as if it held ${bits}-bit values, so it would look nearly black; scale all photos alike (with ImageMagick, for 12 bits: ${mogrify('-evaluate multiply 16 -format png *.tif')}; for 10 bits 64, for 14 bits 4)`,
  );
}

async function resized(image: Sharp, whole: Size, { resize, kernel }: Resizing): Promise<Pixels> {
  const from: Region = resizedRegion(whole.width, whole.height, resize);
  const to = targetSize(from.width, from.height, resize);
  const bySharp = kernel !== 'nearest' && to.width <= from.width && to.height <= from.height;
  const upright = image.autoOrient().flatten({ background: '#ffffff' });
  if (from.width < whole.width || from.height < whole.height) upright.extract(from);
  if (bySharp) upright.resize({ ...to, fit: 'fill', kernel: sharpKernels[kernel], fastShrinkOnLoad: false });
  const { data, info } = await upright
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`the decoder gave ${info.channels} channels`);
  const pixels = { width: info.width, height: info.height, data };
  return bySharp ? pixels : resizePixels(pixels, to, kernel);
}

/** What the decoder says is not told: its list of errors is one for all threads, and may be of another photo. */
function decodeError(error: unknown, bytes: Uint8Array, format: ReadableFormat): ImageError {
  if (isCutShort(bytes, format)) return cutShort(format);
  const rare = format === 'TIFF' ? rareCompression(bytes) : undefined;
  if (rare) return rare;
  return new ImageError('BROKEN', `the ${format} file is damaged; copy it again from its source`, { cause: error });
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
