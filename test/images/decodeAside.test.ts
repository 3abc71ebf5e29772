import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodePhoto } from '../../src/images/decode.node.ts';
import { decodeAside } from '../../src/images/decodeAside.node.ts';

const folder = new URL('../fixtures/images/formats/', import.meta.url);
const look = { resize: { rule: 'shortest-edge', size: 48 }, kernel: 'bilinear' } as const;
const settled = async (photo: Promise<Awaited<ReturnType<typeof decodePhoto>>>) => {
  const [outcome] = await Promise.allSettled([photo]);
  if (outcome.status === 'rejected') return { refused: `${outcome.reason.code}: ${outcome.reason.message}` };
  const { pixels, ...rest } = outcome.value;
  return { ...rest, ...pixels, data: Buffer.from(pixels.data).toString('base64') };
};

test('photos of every kind come out as on the caller’s thread, and so does why others do not', async () => {
  const files = readdirSync(folder).filter((name) => !name.endsWith('.py'));
  expect(files.length).toBeGreaterThan(10);
  const photos = files.map((name) => new Uint8Array(readFileSync(new URL(name, folder))));
  photos.push(...photos.map((bytes) => bytes.subarray(0, bytes.length / 2)));
  const [here, aside] = await Promise.all(
    [decodePhoto, decodeAside].map((decode) => Promise.all(photos.map((bytes) => settled(decode(bytes, look))))),
  );
  expect(aside).toEqual(here);
});

test('limits hold', async () => {
  const bytes = Buffer.from(`P6 200 200 255\n${'x'.repeat(120_000)}`);
  await expect(decodeAside(bytes, look, { maxPixels: 100 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
});

test('the caller’s thread goes on while a large bitmap is decoded', async () => {
  const header = Buffer.from('P3 2000 2000 255\n');
  const bytes = Buffer.concat([header, Buffer.from('12 250 7 '.repeat(4_000_000))]);
  const turns = async (decode: typeof decodePhoto) => {
    let count = 0;
    const timer = setInterval(() => count++, 1);
    await decode(bytes, look);
    clearInterval(timer);
    return count;
  };
  await decodeAside(header, look).catch(() => {});
  expect(await turns(decodeAside)).toBeGreaterThan(5 * ((await turns(decodePhoto)) + 1));
});
