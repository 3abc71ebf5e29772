import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImageError } from '../../src/errors.ts';
import { decodePhoto, decoderVersion, encodeThumbnail, readPhoto } from '../../src/images/decode.node.ts';
import type { Kernel, Resize } from '../../src/images/preprocessing.ts';
import { resizePixels } from '../../src/images/resize.ts';
import type { Pixels } from '../../src/runtime/platform.ts';
import { decodeWhole, drawScene, meanDifference, picture } from './draw.ts';

const how: { resize: Resize; kernel: Kernel } = { resize: { rule: 'shortest-edge', size: 48 }, kernel: 'bilinear' };
const scene = drawScene(120, 90);
const photo = () => picture(scene);
const reference = async () => (await decodePhoto(await photo().png().toBuffer(), how)).pixels;

/** Code and reason of the failure. */
async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ImageError) return `${error.code}: ${error.reason}`;
  throw error ?? new Error('did not fail');
}

describe('decodePhoto', () => {
  test('resizes the whole photo and says the upright size', async () => {
    const { pixels, width, height, file } = await decodePhoto(await photo().png().toBuffer(), how);
    expect({ width, height, file }).toEqual({ width: 120, height: 90, file: { format: 'PNG' } });
    expect([pixels.width, pixels.height, pixels.data.length]).toEqual([64, 48, 64 * 48 * 3]);
    const squashed = await decodePhoto(await photo().png().toBuffer(), {
      ...how,
      resize: { rule: 'squash', width: 30, height: 50 },
    });
    expect([squashed.pixels.width, squashed.pixels.height]).toEqual([30, 50]);
  });

  // Lossy formats stay near the picture; the others give it exactly.
  test.each([
    ['JPEG', () => photo().jpeg({ quality: 95 }), 3],
    ['progressive JPEG', () => photo().jpeg({ quality: 95, progressive: true }), 3],
    ['PNG', () => photo().png(), 0],
    ['16-bit PNG', () => photo().toColourspace('rgb16').png(), 0.5],
    ['palette PNG', () => photo().png({ palette: true }), 4],
    ['opaque PNG with alpha', () => photo().ensureAlpha().png(), 0],
    ['WebP', () => photo().webp({ quality: 95 }), 4],
    ['lossless WebP', () => photo().webp({ lossless: true }), 0],
    ['GIF', () => photo().gif(), 4],
    ['TIFF', () => photo().tiff({ compression: 'lzw' }), 0],
    ['AVIF', () => photo().avif({ quality: 80 }), 4],
  ])('%s', async (_, encode, tolerance) => {
    const { pixels } = await decodePhoto(await encode().toBuffer(), how);
    expect(meanDifference(pixels.data, (await reference()).data)).toBeLessThanOrEqual(tolerance);
  });

  test.each([
    ['grey JPEG', () => photo().greyscale().jpeg({ quality: 95 })],
    ['grey PNG', () => photo().greyscale().png()],
    ['16-bit grey PNG', () => photo().toColourspace('grey16').png()],
    ['black and white TIFF', () => photo().toColourspace('b-w').tiff({ bitdepth: 1 })],
    ['grey PNG with alpha', () => photo().greyscale().ensureAlpha().png()],
  ])('%s becomes three equal channels', async (_, encode) => {
    const { pixels } = await decodePhoto(await encode().toBuffer(), how);
    expect(pixels.data.length).toBe(64 * 48 * 3);
    for (let at = 0; at < pixels.data.length; at += 3)
      expect([pixels.data[at + 1], pixels.data[at + 2]]).toEqual([pixels.data[at], pixels.data[at]]);
  });

  test('transparency is put on white', async () => {
    const clear = {
      create: { width: 60, height: 60, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    } as const;
    const { pixels } = await decodePhoto(await sharp(clear).png().toBuffer(), how);
    expect([...pixels.data.subarray(0, 3)].map((value) => Math.abs(value - [255, 127, 127][0]) < 2)).toEqual([
      true,
      false,
      false,
    ]);
    expect(pixels.data[1]).toBeGreaterThanOrEqual(126);
    expect(pixels.data[1]).toBeLessThanOrEqual(128);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is turned upright', async (orientation) => {
    const stored = await picture(storedAs(orientation, scene)).withMetadata({ orientation }).png().toBuffer();
    const { pixels, width, height } = await decodePhoto(stored, how);
    expect([width, height]).toEqual([120, 90]);
    expect(meanDifference(pixels.data, (await reference()).data)).toBeLessThan(0.5);
  });

  test.each(['gif', 'webp'] as const)('of an animated %s the first picture is taken', async (format) => {
    const frames = Buffer.concat([scene.data, new Uint8Array(scene.data.length)]);
    const animated = await sharp(frames, { raw: { width: 120, height: 180, channels: 3, pageHeight: 90 } })
      [format]({ loop: 0, delay: [100, 100] })
      .toBuffer();
    expect((await sharp(animated).metadata()).pages).toBe(2);
    const { pixels, height } = await decodePhoto(animated, how);
    expect(height).toBe(90);
    expect(meanDifference(pixels.data, (await reference()).data)).toBeLessThan(8);
  });

  test('a small photo is enlarged in place: sharp alone would shift it by half a pixel', async () => {
    const small = drawScene(40, 30);
    const { pixels } = await decodePhoto(await picture(small).png().toBuffer(), how);
    expect(pixels).toEqual(resizePixels(small, { width: 64, height: 48 }, 'bilinear'));
  });

  test('equal bytes give equal pixels', async () => {
    const jpeg = await photo().jpeg().toBuffer();
    expect(await decodePhoto(jpeg, how)).toEqual(await decodePhoto(Uint8Array.from(jpeg), how));
  });

  test('a damaged JPEG that still decodes whole is used', async () => {
    const jpeg = await photo().jpeg().toBuffer();
    const trailing = Buffer.concat([jpeg, Buffer.alloc(500, 7)]);
    expect((await decodePhoto(trailing, how)).width).toBe(120);
  });
});

/** The picture as a camera stores it that was held so: EXIF says which visual side row 0 and column 0 are. */
function storedAs(orientation: number, { width, height, data }: Pixels): Pixels {
  const turned = orientation >= 5;
  const fromRight = [2, 3, 6, 7].includes(orientation);
  const fromBottom = [3, 4, 7, 8].includes(orientation);
  const [columns, rows] = turned ? [height, width] : [width, height];
  const stored = new Uint8Array(data.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [x, y] = turned ? [row, column] : [column, row];
      const from = ((fromBottom ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x)) * 3;
      stored.set(data.subarray(from, from + 3), (row * columns + column) * 3);
    }
  return { width: columns, height: rows, data: stored };
}

/** A PNG of one bit a pixel, so that a large one is written fast. */
function blackPng(width: number, height: number): Buffer {
  const chunk = (type: string, content: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height), { level: 1 });
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

test.each([
  [34925, 'LZMA'],
  [50000, 'Zstandard'],
  [34712, 'JPEG 2000'],
  [34887, 'LERC'],
])('a TIFF of a compression that cannot be read (%i) is not called damaged', async (number, name) => {
  const bytes = await photo().tiff({ compression: 'lzw' }).toBuffer();
  const tag = bytes.indexOf(Buffer.from([0x03, 0x01, 3, 0, 1, 0, 0, 0, 5, 0]));
  expect(tag).toBeGreaterThan(0);
  bytes.writeUInt16LE(number, tag + 8);
  expect(await failure(decodePhoto(bytes, how))).toMatch(new RegExp(`^UNSUPPORTED_FORMAT.*\\(${name}\\); convert`));
});

test('the PNG that is drawn here is one', async () => {
  expect((await decodePhoto(blackPng(100, 70), how)).pixels.data.every((value) => value === 0)).toBe(true);
});

describe('what is no usable photo says why', () => {
  const cut = async (bytes: Promise<Buffer>, part: number) => {
    const whole = await bytes;
    return whole.subarray(0, Math.floor(whole.length * part));
  };

  test.each([
    ['JPEG', () => photo().jpeg().toBuffer()],
    ['progressive JPEG', () => photo().jpeg({ progressive: true }).toBuffer()],
    ['PNG', () => photo().png().toBuffer()],
    ['WebP', () => photo().webp().toBuffer()],
    ['GIF', () => photo().gif().toBuffer()],
    ['TIFF', () => photo().tiff({ compression: 'lzw' }).toBuffer()],
    ['AVIF', () => photo().avif().toBuffer()],
  ])('%s cut short', async (name, encode) => {
    const format = name.split(' ').at(-1);
    for (const part of [0.3, 0.6, 0.9])
      expect(await failure(decodePhoto(await cut(encode(), part), how))).toBe(
        `TRUNCATED: the ${format} file is cut short; copy or download it again`,
      );
  });

  const text = (content: string) => new TextEncoder().encode(content);
  const bytes = (...parts: (string | number[])[]) =>
    Buffer.concat([
      ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
      Buffer.alloc(64),
    ]);

  test.each([
    ['nothing', new Uint8Array(), 'EMPTY: the file is empty (zero bytes)'],
    ['plain text', text('not an image'), 'NOT_AN_IMAGE: the file does not contain an image, despite its name'],
    ['a web page', text('\n<!DOCTYPE html><html>404 <svg >'), 'NOT_AN_IMAGE: it is a web page, not an image'],
    [
      'a Git LFS pointer',
      text('version https://git-lfs.github.com/spec/v1\n'),
      'NOT_AN_IMAGE: it is a Git LFS pointer',
    ],
    [
      'SVG',
      text('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'NOT_AN_IMAGE: it is an SVG drawing',
    ],
    ['PDF', text('%PDF-1.7\n'), 'UNSUPPORTED_FORMAT: it is a PDF'],
    [
      'BMP of a head only',
      bytes('BM', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 1, 0, 24, 0]),
      'TRUNCATED: the BMP',
    ],
    ['HEIC', bytes([0, 0, 0, 24], 'ftypheic', [0, 0, 0, 0], 'mif1heic'), 'BROKEN: the HEIC file is damaged'],
    ['HEIC behind a general brand', bytes([0, 0, 0, 24], 'ftypmif1', [0, 0, 0, 0], 'mif1heic'), 'BROKEN: the HEIC'],
    ['a film', bytes([0, 0, 0, 20], 'ftypisom', [0, 0, 0, 0], 'mp41'), 'NOT_AN_IMAGE: it is a video'],
    ['JPEG XL', bytes([0xff, 0x0a]), 'UNSUPPORTED_FORMAT: JPEG XL'],
    ['JPEG 2000', bytes([0, 0, 0, 12], 'jP  \r\n\x87\n'), 'UNSUPPORTED_FORMAT: JPEG 2000'],
    ['a Canon raw', bytes('II*\0', [16, 0, 0, 0], 'CR'), 'UNSUPPORTED_FORMAT: camera raw'],
    ['a newer Canon raw', bytes([0, 0, 0, 24], 'ftypcrx '), 'UNSUPPORTED_FORMAT: camera raw'],
    [
      'a raw that begins with a preview',
      bytes('II*\0', [8, 0, 0, 0, 1, 0, 254, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
      'UNSUPPORTED_FORMAT: camera raw',
    ],
    [
      'a DNG',
      bytes('MM\0*', [0, 0, 0, 8, 0, 1, 0xc6, 0x12, 0, 1, 0, 0, 0, 4, 1, 4, 0, 0]),
      'UNSUPPORTED_FORMAT: camera raw',
    ],
    ['a TIFF that points outside itself', bytes('II*\0', [255, 255, 255, 127]), 'TRUNCATED: '],
    ['a JPEG of a head only', bytes([0xff, 0xd8, 0xff, 0xe0]), 'TRUNCATED: '],
    ['a GIF of a head only', text('GIF89a'), 'TRUNCATED: '],
  ])('%s', async (_, content, expected) => {
    expect(await failure(decodePhoto(content, how))).toContain(expected);
  });

  test('any format under any name: only the bytes count', async () => {
    // decodePhoto never sees the name; a PNG called photo.jpg is a PNG.
    expect((await decodePhoto(await photo().png().toBuffer(), how)).width).toBe(120);
  });

  test('a damaged PNG', async () => {
    const png = await photo().png().toBuffer();
    png[Math.floor(png.length / 2)] ^= 255;
    expect(await failure(decodePhoto(png, how))).toBe('BROKEN: the PNG file is damaged; copy it again from its source');
  });

  test('30,000 x 30,000 pixels are refused before they are decoded', async () => {
    const bomb = blackPng(30_000, 30_000);
    const before = process.memoryUsage.rss();
    expect(await failure(decodePhoto(bomb, how))).toBe('TOO_LARGE: it has 30000 x 30000 pixels, more than 268 million');
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  test('of a strip that resizing would make gigabytes of, the middle is taken', async () => {
    const strip = await sharp({ create: { width: 60_000, height: 1, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    const { pixels, width, height } = await decodePhoto(strip, how);
    expect([width, height]).toEqual([60_000, 1]);
    expect(pixels.width * pixels.height).toBeLessThanOrEqual(2 ** 22);
    expect(pixels.width).toBeGreaterThan(20 * pixels.height);
    expect([...pixels.data.subarray(0, 3)]).toEqual([0x11, 0x22, 0x33]);
  });
});

describe('readPhoto', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'carafe-read-'));
    writeFileSync(join(root, ' שלום\n🌻.jpg'), 'abc');
    writeFileSync(join(root, 'empty.jpg'), '');
    mkdirSync(join(root, 'folder.jpg'));
    symlinkSync(join(root, 'loop.jpg'), join(root, 'loop.jpg'));
    symlinkSync(join(root, 'nowhere.jpg'), join(root, 'dangling.jpg'));
    writeFileSync(join(root, 'secret.jpg'), 'abc', { mode: 0 });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  test('gives the bytes, whatever the name', async () => {
    expect([...(await readPhoto(join(root, ' שלום\n🌻.jpg')))]).toEqual([97, 98, 99]);
  });

  test.each([
    ['gone.jpg', 'NOT_FOUND: there is no such file'],
    ['empty.jpg/inside.jpg', 'NOT_FOUND: there is no such file'],
    ['dangling.jpg', 'NOT_FOUND: there is no such file'],
    ['empty.jpg', 'EMPTY: the file is empty (zero bytes)'],
    ['folder.jpg', 'UNREADABLE: it is a folder, not a file'],
    ['loop.jpg', 'UNREADABLE: its symbolic link points in a circle'],
  ])('%s', async (name, expected) => {
    expect(await failure(readPhoto(join(root, name)))).toBe(expected);
  });

  test.skipIf(process.platform === 'win32')('a device, as a pipe would be, is refused, not waited for', async () => {
    expect(await failure(readPhoto('/dev/null'))).toBe('UNREADABLE: it is not a regular file');
  });

  test.skipIf(process.platform === 'win32')('a file that may not be read', async () => {
    // Root may read everything, so the test is somebody else for a moment.
    const isRoot = process.geteuid?.() === 0;
    chmodSync(root, 0o755);
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(await failure(readPhoto(join(root, 'secret.jpg')))).toBe(
        'UNREADABLE: the file may not be read (permission denied)',
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('encodeThumbnail', () => {
  test.each([
    [320, 200, undefined, 160, 100],
    [90, 300, undefined, 48, 160],
    [50, 40, undefined, 50, 40],
    [1, 2000, undefined, 1, 160],
    [224, 224, { width: 4000, height: 3000 }, 160, 120],
  ])('%i x %i, photo %j: %i x %i', async (width, height, proportions, toWidth, toHeight) => {
    const thumbnail = await encodeThumbnail(drawScene(width, height), proportions);
    const { format, ...size } = await sharp(thumbnail).metadata();
    expect([format, size.width, size.height]).toEqual(['webp', toWidth, toHeight]);
  });

  test('shows the photo', async () => {
    const thumbnail = await decodeWhole(await encodeThumbnail(scene));
    expect(meanDifference(thumbnail.data, scene.data)).toBeLessThan(6);
  });
});

test('decoderVersion names the libraries', () => {
  expect(decoderVersion).toMatch(/^carafe 1, sharp [\d.]+, vips [\d.]+, mozjpeg [^,]+, png /);
});
