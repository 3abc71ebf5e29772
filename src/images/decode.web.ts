/** Decodes files to upright sRGB pixels in a browser. */

import { CarafeError, ImageError } from '../errors.ts';
import { fetchBytes } from '../runtime/fetchBytes.ts';
import type { Pixels } from '../runtime/platform.ts';
import { bitmapDecoderOf } from './formats/bitmaps.ts';
import { requireSize } from './formats/canvas.ts';
import { convertTo } from './formats/conversion.ts';
import { isCutShort } from './formats/cutShort.ts';
import { fileKind } from './formats/fileKind.ts';
import { usualLimits } from './limits.ts';
import { kindOf, requirePixels } from './pixels.ts';
import type { Kernel } from './preprocessing.ts';
import { resizePixels } from './resize.ts';
import { shrinkPixels } from './shrink.ts';
import { type Region, type Resizing, resizedRegion, type Size, targetSize } from './targetSize.ts';

/**
 * What a page has at hand: an address, the bytes of an image file, a File or Blob; an image, canvas, video, bitmap or
 * ImageData; or upright sRGB pixels.
 */
export type WebPhoto = string | URL | Uint8Array | ArrayBuffer | ImageBitmapSource | Pixels;

/** Raised when what decodePhoto gives for a usual photo changes, since cached values depend on it. */
export const decodeRevision = 2;

type Drawable = ImageBitmapSource | Pixels;

/**
 * Decodes a photo and resizes the whole of it: upright, 8-bit sRGB, transparency on white. The file's own graph could
 * resize too; at 12 megapixels this takes a third of the time, and a hundredth of the memory.
 * @throws ImageError with what is wrong
 */
export async function decodePhoto(
  photo: WebPhoto,
  { resize, kernel }: Resizing,
  signal?: AbortSignal,
): Promise<{ pixels: Pixels } & Size> {
  const whole = await named(photo, async () => decodeWhole(await drawable(photo, signal)));
  const { width, height } = whole;
  const part = cut(whole, resizedRegion(width, height, resize));
  const size = targetSize(part.width, part.height, resize);
  return { pixels: resized(part, size, kernel), width, height };
}

/** An error says which photo it is of, where that has a name. */
async function named<T>(photo: WebPhoto, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const name = photo instanceof URL ? photo.href : photo instanceof File ? photo.name : photo;
    throw error instanceof ImageError && typeof name === 'string' && !/^(data|blob):/.test(name)
      ? error.of(name)
      : error;
  }
}

/** As Node does it: browsers decode JPEG to the very bytes that libvips has, so that all else has to be the same, too. */
function resized(whole: Pixels, size: Size, kernel: Kernel): Pixels {
  const isSmaller = size.width <= whole.width && size.height <= whole.height;
  return isSmaller && kernel !== 'nearest' ? shrinkPixels(whole, size, kernel) : resizePixels(whole, size, kernel);
}

function cut(whole: Pixels, { left, top, width, height }: Region): Pixels {
  if (width === whole.width && height === whole.height) return whole;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((row + top) * whole.width + left) * 3;
    data.set(whole.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}

/** What holds a file becomes a Blob. @throws ImageError NOT_FOUND where an address gives none */
async function drawable(photo: WebPhoto, signal?: AbortSignal): Promise<Drawable> {
  if (typeof photo === 'string' || photo instanceof URL) return blobOf(await fetchPhoto(photo, signal));
  if (photo instanceof Uint8Array || photo instanceof ArrayBuffer) return blobOf(new Uint8Array(photo));
  if (typeof photo === 'object' && photo !== null && !ArrayBuffer.isView(photo)) return photo;
  throw noPhoto(photo);
}

function blobOf(bytes: Uint8Array): Blob {
  return new Blob([new Uint8Array(bytes)]);
}

async function fetchPhoto(address: string | URL, signal?: AbortSignal): Promise<Uint8Array> {
  try {
    return await fetchBytes(address, signal);
  } catch (error) {
    throw error instanceof CarafeError ? new ImageError('NOT_FOUND', error.what, { cause: error }) : error;
  }
}

/** @returns CarafeError USAGE for what a page cannot draw, whatever a program's types said */
function noPhoto(photo: unknown): CarafeError {
  return new CarafeError(
    'USAGE',
    `A photo is an address, the bytes of an image file, a File or Blob, an image, a canvas or pixels, not ${kindOf(photo)}.`,
    'Give one photo, such as the File from an <input>.',
  );
}

async function decodeWhole(photo: Drawable): Promise<Pixels> {
  if (isPixels(photo)) return requirePixels(photo);
  const bitmap = photo instanceof Blob ? await ownBitmap(photo) : undefined;
  if (bitmap) return bitmap;
  try {
    // An image that is still on its way is waited for.
    if ('decode' in photo) await photo.decode();
    const bitmap = await createImageBitmap(photo, { imageOrientation: 'from-image' });
    const { width, height } = bitmap;
    requireSize(width, height, usualLimits.maxPixels);
    const context = canvas(width, height);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    return { width, height, data: withoutAlpha(context.getImageData(0, 0, width, height).data) };
  } catch (error) {
    throw await decodeError(error, photo);
  }
}

/** A file of a format that Carafe reads by itself, and browsers mostly do not. */
async function ownBitmap(photo: Blob): Promise<Pixels | undefined> {
  try {
    const decode = bitmapDecoderOf(fileKind(new Uint8Array(await photo.slice(0, 4096).arrayBuffer())));
    return decode?.(new Uint8Array(await photo.arrayBuffer()), usualLimits.maxPixels);
  } catch (error) {
    if (error instanceof ImageError && error.code !== 'UNSUPPORTED_FORMAT' && error.code !== 'NOT_AN_IMAGE')
      throw error;
    // The browser may know better.
    return undefined;
  }
}

function isPixels(photo: Drawable): photo is Pixels {
  // ImageData has its pixels in a clamped array; what else has data means pixels, be they right or not.
  return 'data' in photo && !(photo.data instanceof Uint8ClampedArray);
}

/** A drawing surface in sRGB, kept where its pixels can be read without a graphics card. */
function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { colorSpace: 'srgb', willReadFrequently: true });
  if (!context) throw new ImageError('TOO_LARGE', `this browser cannot make a canvas of ${width} x ${height} pixels`);
  return context;
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return rgb;
}

/** The browser only says that it failed; a file's first bytes say more. */
async function decodeError(error: unknown, photo: Exclude<Drawable, Pixels>): Promise<ImageError | CarafeError> {
  if (error instanceof ImageError) return error;
  // The browser says so of what is no picture of any kind.
  if (error instanceof TypeError) return noPhoto(photo);
  const name = error instanceof Error ? error.name : '';
  const options = { cause: error };
  if (name === 'SecurityError')
    return new ImageError(
      'UNREADABLE',
      'the page may not read its pixels, since it comes from another site: load it with crossorigin, which that site must allow',
      options,
    );
  if (!(photo instanceof Blob)) return new ImageError('BROKEN', 'it is empty, or has not loaded yet', options);
  try {
    const bytes = new Uint8Array(await photo.arrayBuffer());
    const format = fileKind(bytes);
    if (isCutShort(bytes, format))
      return new ImageError('TRUNCATED', `the ${format} file is cut short; copy or download it again`, options);
    if (format === 'HEIC' || format === 'TIFF')
      return new ImageError(
        'UNSUPPORTED_FORMAT',
        `this browser cannot read ${format} files (Safari can); ${convertTo('JPEG', format === 'HEIC' ? 'heic' : 'tif')}`,
        options,
      );
    return new ImageError('BROKEN', `the ${format} file is damaged, or this browser cannot read it`, options);
  } catch (reason) {
    if (reason instanceof ImageError) return reason;
    return new ImageError('UNREADABLE', 'the browser no longer has access to the file: choose it again', options);
  }
}

/** A photo as the bytes of an image file; what is no file becomes a PNG. */
export async function photoBytes(photo: WebPhoto): Promise<Uint8Array> {
  const picture = await drawable(photo);
  if (picture instanceof Blob) return new Uint8Array(await picture.arrayBuffer());
  return encoded(await decodeWhole(picture), { type: 'image/png' });
}

const thumbnailEdge = 160;

/**
 * A small WebP of a decoded photo, its long side at most 160 pixels.
 * @param proportions of the upright photo, where the pixels no longer have them (`squash`)
 */
export async function encodeThumbnail(pixels: Pixels, proportions: Size = pixels): Promise<Uint8Array> {
  const shrink = Math.min(1, thumbnailEdge / Math.max(proportions.width, proportions.height));
  const edge = (length: number): number => Math.max(1, Math.round(length * shrink));
  const size = { width: edge(proportions.width), height: edge(proportions.height) };
  return encoded(resizePixels(pixels, size, 'bilinear'), { type: 'image/webp', quality: 0.75 });
}

async function encoded({ width, height, data }: Pixels, options: ImageEncodeOptions): Promise<Uint8Array> {
  const context = canvas(width, height);
  const rgba = context.createImageData(width, height);
  for (let from = 0, to = 0; from < data.length; to += 4) {
    rgba.data[to] = data[from++];
    rgba.data[to + 1] = data[from++];
    rgba.data[to + 2] = data[from++];
    rgba.data[to + 3] = 255;
  }
  context.putImageData(rgba, 0, 0);
  const blob = await context.canvas.convertToBlob(options);
  return new Uint8Array(await blob.arrayBuffer());
}
