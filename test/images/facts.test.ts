import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePhoto } from '../../src/images/decode.node.ts';
import { toneOf } from '../../src/images/facts.ts';
import { jpegQuality } from '../../src/images/formats/jpegQuality.ts';

const picture = () =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: '#c06020' } }).composite([
    { input: { create: { width: 20, height: 20, channels: 3, background: '#103050' } }, left: 9, top: 9 },
  ]);

test.each([1, 20, 49, 50, 75, 92, 100])('the quality of a JPEG of quality %i', async (quality) => {
  const bytes = await picture().jpeg({ quality, quantisationTable: 0 }).toBuffer();
  expect(jpegQuality(bytes)).toBe(quality);
});

test('what is no JPEG, or is cut before its tables, has none', async () => {
  expect(jpegQuality(await picture().png().toBuffer())).toBeUndefined();
  expect(jpegQuality((await picture().jpeg().toBuffer()).subarray(0, 30))).toBeUndefined();
  expect(jpegQuality(new Uint8Array())).toBeUndefined();
});

test('the format is that of the bytes', async () => {
  const resizing = { resize: { rule: 'squash', width: 32, height: 32 }, kernel: 'bilinear' } as const;
  expect((await decodePhoto(await picture().webp().toBuffer(), resizing)).file).toEqual({ format: 'WebP' });
  expect((await decodePhoto(await picture().jpeg({ quality: 60 }).toBuffer(), resizing)).file).toEqual({
    format: 'JPEG',
    quality: 60,
  });
});

test('brightness and colour of pixels', () => {
  const pixels = (...colour: number[]) => ({
    width: 8,
    height: 2,
    data: Uint8Array.from({ length: 48 }, (_, i) => colour[i % 3]),
  });
  expect(toneOf(pixels(90, 90, 90))).toEqual({ brightness: 90, colour: 0 });
  expect(toneOf(pixels(200, 100, 0))).toEqual({ brightness: 100, colour: 200 });
});
