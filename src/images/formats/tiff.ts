/** The tags of a TIFF: what its samples and bands mean. */

import { ImageError } from '../../errors.ts';
import { convertTo, mogrify } from './conversion.ts';

/** The tags of a TIFF file's first picture, by number. */
export type TiffTags = ReadonlyMap<number, readonly number[]>;

/** Bytes of a value, by its type. */
const valueBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
/** More values than this are not read: only tables of strips and profiles are so long. */
const fewValues = 4096;

/** Reads the tags of the first picture of a TIFF or BigTIFF file; those that are there, where it is cut short. */
export function tiffTags(bytes: Uint8Array): TiffTags {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const tags = new Map<number, readonly number[]>();
  const whole = (at: number, size: number): number => {
    if (at + size > bytes.length) return Number.NaN;
    if (size === 1) return bytes[at];
    if (size === 2) return data.getUint16(at, little);
    return size === 4 ? data.getUint32(at, little) : Number(data.getBigUint64(at, little));
  };
  const isBig = whole(2, 2) === 43;
  const word = isBig ? 8 : 4;
  const directory = whole(isBig ? 8 : 4, word);
  const first = directory + (isBig ? 8 : 2);
  const entry = isBig ? 20 : 12;
  const entries = Math.min(whole(directory, isBig ? 8 : 2), Math.floor((bytes.length - first) / entry));
  for (let i = 0; i < entries; i++) {
    const at = first + i * entry;
    const size = valueBytes[whole(at + 2, 2)] ?? 0;
    const count = whole(at + 4, word);
    const values = at + 4 + word;
    const from = size * count <= word ? values : whole(values, word);
    const readable = size > 0 && count <= fewValues && from + size * count <= bytes.length;
    const numbers = readable ? Array.from({ length: count }, (_, k) => whole(from + k * size, size)) : [];
    tags.set(whole(at, 2), numbers);
  }
  return tags;
}

/** Bands of each way to say colours (PhotometricInterpretation), without further ones. */
const bandsOf: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3 };
const opacity = [1, 2];

/**
 * Whether a TIFF file has bands besides its colours which are not opacity and must not be used as such.
 * @throws ImageError UNSUPPORTED_FORMAT for samples whose black and white nobody knows, and for bands without colours
 */
export function hasFurtherBands(tags: TiffTags): boolean {
  const value = (tag: number, otherwise: number): number => tags.get(tag)?.[0] ?? otherwise;
  const bits = value(258, 1);
  const format = value(339, 1);
  const bands = value(277, 1);
  const colours = value(262, 1);
  if (format === 3) throw unknownRange(`its samples are decimal numbers (${bits}-bit float)`, 'for values from 0 to 1');
  if (format === 2) throw unknownRange(`its samples are signed numbers of ${bits} bits`);
  if (format > 4) throw unknownRange('its samples are complex numbers');
  if (bits > 16) throw unknownRange(`its samples have ${bits} bits`, `for values that use all ${bits} bits`);
  const expected = bandsOf[colours];
  if (colours !== 5 && (expected === undefined || bands < expected))
    throw rare(`colours of a rare kind (${colourNames[colours] ?? colours})`);
  if (colours === 5 && (value(332, 1) !== 1 || bands < 4))
    throw rare(`${bands} bands of ink other than cyan, magenta, yellow and black`);
  if (tags.has(322) && value(284, 1) === 2 && bands > 1) throw rare('tiles of one colour each');
  const further = bands - expected;
  if (expected === 1 && bands > 2)
    throw new ImageError(
      'UNSUPPORTED_FORMAT',
      `it is a TIFF of ${bands} bands that does not say which are red, green and blue; write those three to separate files (GDAL, for bands 3, 2 and 1: gdal_translate -b 3 -b 2 -b 1 -ot Byte -scale -co PHOTOMETRIC=RGB IN.tif OUT.tif)`,
    );
  if (further > 2) throw rare(`${bands} bands, of which five at most can be read`);
  if (further === 0) return false;
  return further > 1 || !opacity.includes(tags.get(338)?.[0] ?? 0);
}

/** Compressions that few decoders know, by their number in tag 259. */
const rareCompressions: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  32766: 'NeXT',
  32771: 'CCITT RLE with words',
  32809: 'ThunderScan',
  32908: 'Pixar film',
  32909: 'PixarLog',
  34661: 'JBIG',
  34676: 'SGILog',
  34677: 'SGILog24',
  33003: 'JPEG 2000',
  33005: 'JPEG 2000',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

/** Why a TIFF file whose compression few decoders know could not be decoded; undefined for the usual ones. */
export function rareCompression(bytes: Uint8Array): ImageError | undefined {
  const number = tiffTags(bytes).get(259)?.[0] ?? 1;
  const name = rareCompressions[number];
  return name === undefined ? undefined : rare(`a compression that cannot be read (${name})`);
}

/** Names of PhotometricInterpretation. */
const colourNames: Readonly<Record<number, string>> = { 4: 'a mask', 8: 'Lab', 9: 'Lab', 10: 'Lab', 32803: 'a sensor' };

function rare(what: string): ImageError {
  return new ImageError('UNSUPPORTED_FORMAT', `it is a TIFF with ${what}; ${convertTo('PNG', 'tif')}`);
}

/** @param magickFor values that ImageMagick scales to 8 bits, where there are any */
function unknownRange(what: string, magickFor?: string): ImageError {
  const how = magickFor && ` (with ImageMagick, ${magickFor}: ${mogrify('-format png -depth 8 *.tif')})`;
  return new ImageError(
    'UNSUPPORTED_FORMAT',
    `${what}, and nothing says which values are black and white; scale all photos alike to 8 bits in the program that made them${how ?? ''}`,
  );
}

/** Whether the strips or tiles of a TIFF file lie, in part, behind its end. */
export function isTiffCutShort(bytes: Uint8Array): boolean {
  const tags = tiffTags(bytes);
  const [offsets, counts] = tags.has(324) ? [tags.get(324), tags.get(325)] : [tags.get(273), tags.get(279)];
  if (!offsets) return true;
  return offsets.some((offset, i) => !(offset + (counts?.[i] ?? 1) <= bytes.length));
}
