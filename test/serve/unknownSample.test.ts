import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { UnknownSample } from '../../src/serve/feedback.node.ts';
import { temporaryFolder } from '../cli/carafe.ts';

test('the sample of unknown photos is the same, whenever the service was started and however often a photo came', async () => {
  const photos = Array.from({ length: 60 }, (_, i) => Buffer.from(`P5 1 1 255 ${i}`));
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const smallest = photos.map(hash).sort().slice(0, 20);
  const [once, again] = [temporaryFolder(), temporaryFolder()];
  const offer = async (folder: string, some: readonly Uint8Array[]) => {
    const sample = await UnknownSample.open(folder, 20);
    for (const photo of some) await sample.offer(photo);
  };
  await offer(once, photos);
  for (const start of [0, 15, 30, 45])
    await offer(
      again,
      photos.slice(start, start + 15).flatMap((photo) => [photo, photo]),
    );
  await offer(again, photos.slice(0, 30));
  for (const folder of [once, again])
    expect(
      readdirSync(folder)
        .map((name) => name.slice(0, 16))
        .sort(),
    ).toEqual(smallest);
});

test('a photo that loses its place before it is written leaves nothing', async () => {
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const large = Buffer.alloc(30e6, 'P5 1 1 255 ');
  const small = Array.from({ length: 100 }, (_, i) => Buffer.from(`P5 1 1 255 ${i}`)).find(
    (one) => hash(one) < hash(large),
  );
  if (!small) throw new Error('no photo with a smaller hash');
  const folder = temporaryFolder();
  const sample = await UnknownSample.open(folder, 1);
  await Promise.all([sample.offer(large), sample.offer(small)]);
  expect(readdirSync(folder).map((name) => name.slice(0, 16))).toEqual([hash(small).slice(0, 16)]);
});
