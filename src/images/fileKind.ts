import { ImageError } from '../errors.ts';

/** Formats that are decoded. */
export type ReadableFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'TIFF' | 'AVIF';

const toJpeg = 'convert it to JPEG, for instance with ImageMagick: magick IN OUT.jpg';
const heic =
  'HEIC photos cannot be read; convert them to JPEG (macOS: sips -s format jpeg IN --out OUT.jpg; Linux: heif-convert IN OUT.jpg)';
const raw = 'camera raw files cannot be read: export it as JPEG or TIFF with the program that develops it';

/** What begins with these bytes (given as Latin-1 text) at this offset, and why it is not decoded. */
const unsupported: readonly (readonly [offset: number, start: string, reason: string])[] = [
  [0, 'BM', `BMP files cannot be read: ${toJpeg}`],
  [0, '\xff\x0a', `JPEG XL files cannot be read: ${toJpeg}`],
  [4, 'JXL ', `JPEG XL files cannot be read: ${toJpeg}`],
  [4, 'jP  ', `JPEG 2000 files cannot be read: ${toJpeg}`],
  [0, '8BPS', 'Photoshop files cannot be read: export it as JPEG'],
  [0, '%PDF', 'it is a PDF, not a photo: export its pictures'],
  [0, 'FUJIFILMCCD-RAW', raw],
  [0, 'IIRO', raw],
  [0, 'IIRS', raw],
  [0, 'IIU\0', raw],
  [4, 'ftypcrx', raw],
];

const notImages: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^version https:\/\/git-lfs/, 'it is a Git LFS pointer, not the photo: run git lfs pull'],
  [/^\s*<(!doctype html|html)/i, 'it is a web page, not an image: the download went wrong'],
  [/^\s*(?=<)[\s\S]*<svg[\s>]/i, 'it is an SVG drawing, not a photo'],
];

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
  for (const [offset, magic, reason] of unsupported)
    if (start.startsWith(magic, offset)) throw new ImageError('UNSUPPORTED_FORMAT', reason);
  if (start.startsWith('ftyp', 4)) return heifKind(bytes);
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) {
    if (isRaw(bytes)) throw new ImageError('UNSUPPORTED_FORMAT', raw);
    return 'TIFF';
  }
  for (const [pattern, reason] of notImages) if (pattern.test(start)) throw new ImageError('NOT_AN_IMAGE', reason);
  throw new ImageError('NOT_AN_IMAGE', 'the file holds no image, whatever its name says');
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Array.from(bytes.subarray(from, to), (byte) => String.fromCharCode(byte)).join('');
}

/** The box that a HEIF file begins with names its brands, four letters each; AVIF may hide behind a general one. */
function heifKind(bytes: Uint8Array): 'AVIF' {
  const box = latin1(bytes, 0, Math.min(256, view(bytes).getUint32(0)));
  const brands = [8, ...Array.from({ length: 59 }, (_, i) => 16 + 4 * i)].map((at) => box.slice(at, at + 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'AVIF';
  if (brands.some((brand) => /^(he(ic|ix|im|is|vc|vm|vs)|mif1|msf1)$/.test(brand)))
    throw new ImageError('UNSUPPORTED_FORMAT', heic);
  throw new ImageError('NOT_AN_IMAGE', 'it is a film or a sound, not a photo');
}

/**
 * Most raw formats are TIFF files whose first picture is a small preview. Those say so (NewSubfileType, bit 0), have a
 * DNGVersion, or are Canon's; to take the preview for the photo would be a silent loss.
 */
function isRaw(bytes: Uint8Array): boolean {
  if (latin1(bytes, 8, 10) === 'CR') return true;
  const data = view(bytes);
  const little = bytes[0] === 0x49;
  if (bytes.length < 8 || data.getUint16(2, little) !== 42) return false;
  const directory = data.getUint32(4, little);
  if (directory + 2 > bytes.length) return false;
  const entries = Math.min(data.getUint16(directory, little), Math.floor((bytes.length - directory - 2) / 12));
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i;
    const tag = data.getUint16(at, little);
    if (tag === 0xc612 || (tag === 254 && data.getUint32(at + 8, little) & 1)) return true;
  }
  return false;
}

/**
 * Whether a file that did not decode is cut short, told by its own statement of its size.
 * JPEG, GIF and AVIF do not state it; there the decoder's message tells.
 */
export function isCutShort(bytes: Uint8Array, format: ReadableFormat): boolean {
  const data = view(bytes);
  if (format === 'PNG') return !latin1(bytes, Math.max(0, bytes.length - 4096), bytes.length).includes('IEND');
  if (format === 'WebP') return bytes.length < 12 || data.getUint32(4, true) + 8 > bytes.length;
  if (format === 'TIFF') return bytes.length < 8 || data.getUint32(4, bytes[0] === 0x49) + 2 > bytes.length;
  return false;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
