/** The kind of a file, by its first bytes. */

import { ImageError } from '../../errors.ts';
import { convertTo } from './conversion.ts';
import { isTarga } from './targa.ts';
import { tiffTags } from './tiff.ts';

/** Formats that are decoded. */
// biome-ignore format: one line says it
export const readableFormats = ['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF', 'HEIC', 'BMP', 'Netpbm', 'Targa'] as const;
export type ReadableFormat = (typeof readableFormats)[number];

const raw = 'camera raw files cannot be read; export them all as JPEG or TIFF from your raw converter';

const archive = 'it is an archive, not a photo; unpack it';

const cannotBeRead = (name: string, extension: string): string =>
  `${name} files cannot be read; ${convertTo('PNG', extension)}`;

/** What begins with these bytes (given as Latin-1 text) at this offset, and why it is not decoded. */
const unsupported: readonly (readonly [offset: number, start: string, reason: string])[] = [
  [0, '\xff\x0a', cannotBeRead('JPEG XL', 'jxl')],
  [4, 'JXL ', cannotBeRead('JPEG XL', 'jxl')],
  [4, 'jP  ', cannotBeRead('JPEG 2000', 'jp2')],
  [0, '\xff\x4f\xff\x51', cannotBeRead('JPEG 2000', 'j2k')],
  [0, '8BPS', cannotBeRead('Photoshop', 'psd')],
  [0, 'gimp xcf', cannotBeRead('GIMP', 'xcf')],
  [0, 'v/1\x01', cannotBeRead('OpenEXR', 'exr')],
  [0, '#?RADIANCE', cannotBeRead('Radiance', 'hdr')],
  [0, '#?RGBE', cannotBeRead('Radiance', 'hdr')],
  [0, 'DDS ', cannotBeRead('DirectDraw Surface', 'dds')],
  [0, 'SDPX', cannotBeRead('DPX', 'dpx')],
  [0, 'XPDS', cannotBeRead('DPX', 'dpx')],
  [0, 'qoif', cannotBeRead('QOI', 'qoi')],
  [0, 'II\xbc', cannotBeRead('JPEG XR', 'jxr')],
  [0, '\x01\xda', cannotBeRead('SGI', 'sgi')],
  [0, '/* XPM */', cannotBeRead('XPM', 'xpm')],
  [0, 'SIMPLE  =', cannotBeRead('FITS', 'fits')],
  [128, 'DICM', cannotBeRead('DICOM', 'dcm')],
  [0, 'PK\x03\x04', archive],
  [0, 'Rar!', archive],
  [0, '7z\xbc\xaf', archive],
  [0, '\x1f\x8b', archive],
  [0, '\0'.repeat(64), 'the file begins with zeros; it was not written or copied completely'],
  [0, '%PDF', 'it is a PDF, not a photo; export its pictures'],
  [0, '%!PS', 'it is a PostScript file, not a photo; export its picture as PNG'],
  [0, '\x93NUMPY', 'it is a NumPy array, not a photo; save it as PNG, for instance with Pillow'],
  [0, 'FUJIFILMCCD-RAW', raw],
  [0, 'IIRO', raw],
  [0, 'IIRS', raw],
  [0, 'IIU\0', raw],
  [0, 'FOVb', raw],
  [0, '\0MRM', raw],
  [4, 'ftypcrx', raw],
];

const notImages: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^version https:\/\/git-lfs/, 'it is a Git LFS pointer, not the photo; run git lfs pull'],
  [/^\s*<(!doctype html|html)/i, 'it is a web page, not an image; the download went wrong'],
  [/^\s*(?=<)[\s\S]*<svg[\s>]/i, 'it is an SVG drawing, not a photo'],
];

/** Bytes of the headers that bitmaps have. */
const bmpHeaders = [12, 40, 52, 56, 64, 108, 124];

/**
 * Tells by the first bytes, whatever the name says, what a file is; so only the decoders that are wanted ever see it.
 * @throws ImageError EMPTY, UNSUPPORTED_FORMAT or NOT_AN_IMAGE, with what to do
 */
export function fileKind(bytes: Uint8Array): ReadableFormat {
  if (bytes.length === 0) throw new ImageError('EMPTY', 'the file is empty (zero bytes)');
  const start = latin1(bytes, 0, 1024);
  if (start.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (start.startsWith('GIF8')) return 'GIF';
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'WebP';
  if (start.startsWith('BM') && bmpHeaders.includes(bytes[14]) && start.startsWith('\0\0\0', 15)) return 'BMP';
  if (/^P[1-6][\s#]|^P7\n|^P[fF]\n/.test(start)) return 'Netpbm';
  for (const [offset, magic, reason] of unsupported)
    if (start.startsWith(magic, offset)) throw new ImageError('UNSUPPORTED_FORMAT', reason);
  const [first, second, third, fourth, fifth] = bytes;
  if (first + second + fourth === 0 && (third === 1 || third === 2) && fifth > 0)
    throw new ImageError('UNSUPPORTED_FORMAT', 'it is an icon, not a photo; export its picture as PNG');
  if (first === 10 && second <= 5 && third === 1 && fourth <= 8)
    throw new ImageError('UNSUPPORTED_FORMAT', cannotBeRead('PCX', 'pcx'));
  if (start.startsWith('ftyp', 4)) return heifKind(bytes);
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) {
    if (isRaw(bytes)) throw new ImageError('UNSUPPORTED_FORMAT', raw);
    return 'TIFF';
  }
  for (const [pattern, reason] of notImages) if (pattern.test(start)) throw new ImageError('NOT_AN_IMAGE', reason);
  // Targa has nothing that it must begin with: it is what fits and is nothing else.
  if (isTarga(bytes)) return 'Targa';
  throw new ImageError('NOT_AN_IMAGE', 'the file does not contain an image, despite its name');
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Array.from(bytes.subarray(from, to), (byte) => String.fromCharCode(byte)).join('');
}

/** The box that a HEIF file begins with names its brands, four letters each; AVIF may hide behind a general one. */
function heifKind(bytes: Uint8Array): 'AVIF' | 'HEIC' {
  const size = (bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3];
  const box = latin1(bytes, 0, Math.min(256, size));
  const brands = [8, ...Array.from({ length: 59 }, (_, i) => 16 + 4 * i)].map((at) => box.slice(at, at + 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'AVIF';
  if (brands.some((brand) => /^(he(ic|ix|im|is|vc|vx|vm|vs)|mif1|msf1)$/.test(brand))) return 'HEIC';
  throw new ImageError('NOT_AN_IMAGE', 'it is a video or audio file, not a photo');
}

/**
 * Most raw formats are TIFF files whose first picture is a small preview. Those say so (NewSubfileType, bit 0), have a
 * DNGVersion, or are Canon's; to take the preview for the photo would be a silent loss.
 */
function isRaw(bytes: Uint8Array): boolean {
  if (latin1(bytes, 8, 10) === 'CR') return true;
  const tags = tiffTags(bytes);
  return tags.has(0xc612) || ((tags.get(254)?.[0] ?? 0) & 1) === 1;
}
