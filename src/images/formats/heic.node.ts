/** HEIC, by libheif. */

/**
 * HEIC by libheif, compiled to WebAssembly (the optional package libheif-js): sharp comes without a decoder of HEVC.
 * libheif turns and joins what the file says (irot, imir, clap, grids); sharp then does what it does for any photo.
 */
import { readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import type { MainModule } from 'libheif-js/libheif-wasm/libheif.js';
import * as z from 'zod';
import { ImageError } from '../../errors.ts';
import type { Remark } from '../remarks.ts';
import { cutShort, requireSize } from './canvas.ts';
import { convertTo } from './conversion.ts';
import { isCutShort } from './cutShort.ts';
import { profileOf } from './iccProfile.ts';
import { tiffOf } from './tiffOf.ts';

// Not by their usual names: bundles have a line of their own that declares these.
const fromHere = nodeModule.createRequire(import.meta.url);

/** Name and version of what decodes HEIC; without a version where it is not installed. */
export const heicDecoder: string = `libheif-js ${installedVersion() ?? '-'}`;

function installedVersion(): string | undefined {
  try {
    return z.object({ version: z.string() }).safeParse(fromHere('libheif-js/package.json')).data?.version;
  } catch {
    return undefined;
  }
}

/** Of a module that has grown beyond this, nothing is kept: WebAssembly never gives memory back. */
const mostKept = 256e6;
let loaded: Promise<MainModule> | undefined;

function load(): Promise<MainModule> {
  loaded ??= (async () => {
    // Its types say that the package exports this under another name than it does.
    const { default: open }: { default: unknown } = await import('libheif-js/libheif-wasm/libheif.js');
    if (typeof open !== 'function') throw new TypeError('this version of libheif-js is not supported');
    return open({ wasmBinary: readFileSync(fromHere.resolve('libheif-js/libheif-wasm/libheif.wasm')) });
  })();
  return loaded;
}

const howToConvert = `${convertTo('JPEG', 'heic')}; to make an iPhone write JPEG, choose Settings > Camera > Formats > Most Compatible`;

/** H.273: curves of pictures that are brighter than white. */
const hdrCurves = [16, 18];
/** libheif's numbers. */
const rgb = 1;
const interleaved = { rgb: 10, rgba: 11 } as const;
const profileKinds = { nclx: 0x6e636c78 } as const;
const limitExceeded = 1000;
/** The EXIF block of a camera has some kilobytes, with its preview at most 64. */
const mostExif = 1e6;

/** The first picture of a HEIC file. */
interface HeicPhoto {
  /** Uncompressed, with its profile. */
  readonly tiff: Uint8Array;
  readonly exif: Uint8Array | undefined;
  readonly remarks: readonly Remark[] | undefined;
}

/**
 * Decodes the first picture of a HEIC file.
 * @throws ImageError UNSUPPORTED_FORMAT, TRUNCATED, TOO_LARGE or BROKEN
 */
export async function decodeHeic(bytes: Uint8Array, maxPixels: number): Promise<HeicPhoto> {
  let heif: MainModule;
  try {
    heif = await load();
  } catch (error) {
    loaded = undefined;
    const reason = `HEIC photos need the package libheif-js; install it (npm install libheif-js), or ${howToConvert}`;
    throw new ImageError('UNSUPPORTED_FORMAT', reason, { cause: error });
  }
  try {
    return decodeWith(heif, bytes, maxPixels);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    // A trap inside WebAssembly leaves its memory as it was in the middle of the work.
    loaded = undefined;
    throw isCutShort(bytes, 'HEIC') ? cutShort('HEIC') : broken(error);
  } finally {
    if (heif.HEAPU8.length > mostKept) loaded = undefined;
  }
}

function broken(cause?: unknown): ImageError {
  return new ImageError('BROKEN', 'the HEIC file is damaged; copy it again from its source', { cause });
}

function decodeWith(heif: MainModule, bytes: Uint8Array, maxPixels: number): HeicPhoto {
  const undo: (() => void)[] = [];
  const memory = (size: number): number => {
    const at = heif._malloc(size);
    undo.push(() => heif._free(at));
    return at;
  };
  const number = (at: number): number => new DataView(heif.HEAPU8.buffer).getUint32(at, true);
  const error = memory(16);
  const out = memory(16);
  /** Calls what reports its error; gives what it wrote. */
  const get = (call: () => void): number => {
    call();
    if (number(error) === 0) return number(out);
    if (number(error + 4) === limitExceeded)
      throw new ImageError('TOO_LARGE', 'it is larger than the HEIC decoder allows');
    throw isCutShort(bytes, 'HEIC') ? cutShort('HEIC') : broken();
  };
  try {
    const file = memory(bytes.length);
    heif.HEAPU8.set(bytes, file);
    const context = heif._heif_context_alloc();
    undo.push(() => heif._heif_context_free(context));
    get(() => heif._heif_context_read_from_memory_without_copy(error, context, file, bytes.length, 0));
    const handle = get(() => heif._heif_context_get_primary_image_handle(error, context, out));
    undo.push(() => heif._heif_image_handle_release(handle));
    const [width, height] = [heif._heif_image_handle_get_width(handle), heif._heif_image_handle_get_height(handle)];
    requireSize(width, height, maxPixels);
    const profile = profileFrom(heif, handle, get, { error, out, memory, number });
    const hasAlpha = heif._heif_image_handle_has_alpha_channel(handle) !== 0;
    const channel = hasAlpha ? interleaved.rgba : interleaved.rgb;
    const image = get(() => heif._heif_decode_image(error, handle, out, rgb, channel, 0));
    undo.push(() => heif._heif_image_release(image));
    const plane = heif._heif_image_get_plane_readonly(image, interleaved.rgb, out);
    const stride = number(out);
    const size = {
      width: heif._heif_image_get_width(image, interleaved.rgb),
      height: heif._heif_image_get_height(image, interleaved.rgb),
    };
    if (plane === 0 || size.width !== width || size.height !== height) throw broken();
    const pixels = heif.HEAPU8.subarray(plane, plane + stride * height);
    const tiff = tiffOf({ width, height, bands: hasAlpha ? 4 : 3, stride, pixels }, profile);
    const several = heif._heif_context_get_number_of_top_level_images(context) > 1;
    const exif = exifFrom(heif, handle, { error, memory, number });
    return { tiff, exif, remarks: several ? ['pages'] : undefined };
  } finally {
    for (const each of undo.reverse()) each();
  }
}

interface Reading {
  readonly error: number;
  readonly out: number;
  readonly memory: (size: number) => number;
  readonly number: (at: number) => number;
}

/** The picture's EXIF block, which begins behind a number that says how far away (ISO 23008-12, A.2.1). */
function exifFrom(
  heif: MainModule,
  handle: number,
  { error, memory, number }: Omit<Reading, 'out'>,
): Uint8Array | undefined {
  const kind = memory(5);
  heif.HEAPU8.set(new TextEncoder().encode('Exif\0'), kind);
  const first = memory(4);
  if (heif._heif_image_handle_get_list_of_metadata_block_IDs(handle, kind, first, 1) < 1) return undefined;
  const size = heif._heif_image_handle_get_metadata_size(handle, number(first));
  if (size < 4 || size > mostExif) return undefined;
  const at = memory(size);
  heif._heif_image_handle_get_metadata(error, handle, number(first), at);
  if (number(error) !== 0) return undefined;
  const block = heif.HEAPU8.slice(at, at + size);
  return block.subarray(4 + new DataView(block.buffer).getUint32(0));
}

/** The picture's ICC profile, given or named by a number; undefined for sRGB. */
function profileFrom(
  heif: MainModule,
  handle: number,
  get: (call: () => void) => number,
  { error, out, memory, number }: Reading,
): Uint8Array | undefined {
  const length = heif._heif_image_handle_get_raw_color_profile_size(handle);
  if (length > 0) {
    const at = memory(length);
    get(() => heif._heif_image_handle_get_raw_color_profile(error, handle, at));
    return heif.HEAPU8.slice(at, at + length);
  }
  if (heif._heif_image_handle_get_color_profile_type(handle) !== profileKinds.nclx) return undefined;
  const named = get(() => heif._heif_image_handle_get_nclx_color_profile(error, handle, out));
  const [primaries, curve] = [number(named + 4), number(named + 8)];
  heif._heif_nclx_color_profile_free(named);
  if (hdrCurves.includes(curve))
    throw new ImageError(
      'UNSUPPORTED_FORMAT',
      `it is an HDR picture (${curve === 16 ? 'PQ' : 'HLG'}), which would come out far too dark; ${howToConvert}`,
    );
  return profileOf(primaries);
}
