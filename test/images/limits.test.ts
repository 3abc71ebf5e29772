import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CarafeError, ImageError } from '../../src/errors.ts';
import { decodePhoto, readPhoto } from '../../src/images/decode.node.ts';
import { isFlat } from '../../src/images/flat.ts';
import { bitmapDecoderOf } from '../../src/images/formats/bitmaps.ts';
import { fileKind } from '../../src/images/formats/fileKind.ts';
import { requirePixels } from '../../src/images/pixels.ts';
import { remarkSentences } from '../../src/images/remarks.ts';
import { drawScene, picture } from './draw.ts';

const root = mkdtempSync(join(tmpdir(), 'carafe-limits-'));
afterAll(() => rmSync(root, { recursive: true }));
const how = { resize: { rule: 'shortest-edge', size: 32 }, kernel: 'bilinear' } as const;
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: unknown) => (error instanceof ImageError ? `${error.code}: ${error.reason}` : String(error)),
  );

test('a file beyond the limit is refused before it is read', async () => {
  const file = join(root, 'sparse.jpg');
  writeFileSync(file, '');
  truncateSync(file, 600e6);
  expect(await reasonOf(readPhoto(file))).toMatch(/^TOO_LARGE: the file has 600 MB, more than the limit of 512 MB/);
  expect(await reasonOf(readPhoto(file, { maxBytes: 1e6 }))).toMatch(/^TOO_LARGE: .* more than the limit of 1 MB/);
});

test.skipIf(process.platform !== 'linux')('what the kernel shows as an empty file is not waited for', async () => {
  symlinkSync('/proc/kmsg', join(root, 'kmsg.jpg'));
  expect(await reasonOf(readPhoto(join(root, 'kmsg.jpg')))).toMatch(/^EMPTY/);
});

test.each(['png', 'jpeg', 'tiff'] as const)('a %s of more pixels than allowed is refused', async (format) => {
  const bytes = await picture(drawScene(100, 60))[format]().toBuffer();
  expect(await reasonOf(decodePhoto(bytes, how, { maxPixels: 5999 }))).toMatch(/^TOO_LARGE: it has 100 x 60 pixels/);
  expect(await reasonOf(decodePhoto(bytes, how, { maxPixels: 6000 }))).toBe('read');
});

test('a header alone, whatever size it claims, takes no room for pixels', () => {
  const edge = 7000;
  const words = (...values: number[]) => values.flatMap((value) => [value & 255, value >> 8]);
  const text = (head: string) => Buffer.concat([Buffer.from(head), Buffer.alloc(40, '1 ')]);
  const targa = (kind: number) =>
    Buffer.from([
      0,
      0,
      kind,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      ...words(edge, edge),
      kind % 8 === 3 ? 8 : 24,
      0,
      ...Array(40).fill(130),
    ]);
  const bmp = Buffer.alloc(80);
  bmp.write('BM');
  bmp[10] = 54;
  bmp[14] = 40;
  bmp.writeInt32LE(edge, 18);
  bmp.writeInt32LE(edge, 22);
  bmp.writeUInt16LE(24, 28);
  const pam = `P7\nWIDTH ${edge}\nHEIGHT ${edge}\nDEPTH 4\nMAXVAL 255\nENDHDR\n`;
  const files = [
    ...[1, 2, 3, 4, 5, 6].map((kind) => text(`P${kind}\n${edge} ${edge}\n${kind % 3 === 1 ? '' : '255\n'}`)),
    text(pam),
  ];
  for (const bytes of [...files, targa(2), targa(3), targa(10), targa(11), bmp]) {
    const decode = bitmapDecoderOf(fileKind(bytes));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decode?.(bytes, 1e9), bytes.toString('latin1', 0, 20)).toThrow(
      expect.objectContaining({ code: 'TRUNCATED' }),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  }
});

test('of many damaged photos that are read at once, each has its own reason', async () => {
  const scene = picture(drawScene(120, 90));
  const kinds = {
    JPEG: scene.clone().jpeg(),
    PNG: scene.clone().png(),
    WebP: scene.clone().webp(),
    GIF: scene.clone().gif(),
  };
  const work = await Promise.all(
    Object.entries(kinds).map(async ([name, encoded]) => {
      const whole = await encoded.toBuffer();
      return Array.from({ length: 10 }, () => [name, whole.subarray(0, whole.length / 2)] as const);
    }),
  );
  const reasons = await Promise.all(
    work.flat().map(async ([name, bytes]) => [name, await reasonOf(decodePhoto(bytes, how))]),
  );
  for (const [name, reason] of reasons) expect(reason).toContain(`TRUNCATED: the ${name} file is cut short`);
});

test.each([
  [undefined],
  [5],
  [new ArrayBuffer(3)],
  [{ width: 0, height: 0, data: new Uint8Array() }],
  [{ width: 10, height: 10, data: new Uint8Array(3) }],
  [{ width: 1.5, height: 2, data: new Uint8Array(9) }],
  [{ width: 1, height: 1, data: [1, 2, 3] }],
])('%j is no pixels', (given) => {
  expect(() => requirePixels(given)).toThrow(CarafeError);
});

test('pixels are pixels', () => {
  const scene = drawScene(4, 3);
  expect(requirePixels(scene)).toEqual(scene);
});

test('photos of one colour are told, with how many and which', () => {
  const flat = (value: number) => ({ width: 20, height: 20, data: new Uint8Array(1200).fill(value) });
  expect([isFlat(flat(0)), isFlat(flat(255)), isFlat(drawScene(20, 20))]).toEqual([true, true, false]);
  const photos = [
    { path: 'a/1.tif', remarks: ['flat' as const] },
    { path: 'a/2.tif', remarks: ['flat' as const] },
    { path: 'b/3.tif' },
  ];
  expect(remarkSentences(photos)).toEqual([
    expect.stringMatching(/^2 of 3 photos are nearly a single colour.*a\/1\.tif/),
  ]);
  expect(remarkSentences([{ path: 'b/3.tif' }])).toEqual([]);
});
