import { expect, test } from 'vitest';
import { cardFromMetadata } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { readModel } from '../../src/onnx/read.ts';
import type { TrainOptions } from '../../src/runs/options.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyBackbone } from '../features/tinyBackbone.ts';
import { type MemoryPhoto, memoryPlatform, normals, trainInMemory, trainOneClassInMemory } from '../memoryPlatform.ts';

const width = 64;
/** Of the photos' features, those that the pooled maps of memoryPlatform repeat. */
const pooled = 4;

/** What tells the classes lies in the pooled features, drowned in the others; or in these alone. */
function photosTold(by: 'pooled' | 'others', count = 100): MemoryPhoto[] {
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2 === 0 ? 'a' : 'b';
    const noise = normals(`photo ${i}`, width);
    const sign = label === 'a' ? 1 : -1;
    const features = noise.map((value, d) => {
      const told = by === 'pooled' ? d < pooled : d >= pooled;
      return (d < pooled ? 0.5 : 1) * value + (told ? (by === 'pooled' ? 0.35 : 0.2) * sign : 0);
    });
    return { path: `${label}/${i}.jpg`, labels: [label], features };
  });
}

const deep = (photos: readonly MemoryPhoto[]) =>
  memoryPlatform(photos, { backbone: tinyBackbone({ width, depths: true }) });

async function trained(photos: readonly MemoryPhoto[], options: Partial<TrainOptions> = {}, platform = deep(photos)) {
  const result = await trainInMemory(platform, { folds: 3, ...options });
  const bytes = platform.written.get(result.files.classifier);
  if (!(bytes instanceof Uint8Array)) throw new TypeError('no classifier was written');
  const card = cardFromMetadata(readModel(bytes, 'it').metadata, 'it');
  return { result, bytes, card, platform };
}

test('depths are chosen inside each part, by what they tell', async () => {
  const { result, card, bytes } = await trained(photosTold('pooled'));
  const [choice] = result.representations ?? [];
  expect(choice).toMatchObject({ kind: 'depths', chosen: 'all', inParts: [{ name: 'all' }] });
  const [last, all] = choice.candidates;
  expect(all.logLoss).toBeLessThan(last.logLoss);
  // The file reads what was chosen, says so, and proves itself.
  expect(result.backbone.width).toBe(width + 16);
  expect(card.backbone).toMatchObject({ width: width + 16, depths: { width, pooled: { channels: 16 } } });
  const file = await Classifier.open(bytes, 'it', openSession, {});
  expect((await file.verify()).passed).toBe(true);
  const photo = { width: 40, height: 40, data: new Uint8Array(4800).map((_, i) => (i * 37) % 256) };
  expect((await file.run(photo)).features).toHaveLength(width + 16);
  await file.release();

  const other = await trained(photosTold('others'));
  expect(other.result.representations).toMatchObject([{ chosen: 'last' }]);
  expect(other.card.backbone).toMatchObject({ width });
  expect(other.card.backbone.depths).toBeUndefined();
});

test('what is named is not chosen, and what nobody reads is not computed', async () => {
  const photos = photosTold('others');
  const all = await trained(photos, { depths: 'all' });
  expect(all.result.representations).toBeUndefined();
  expect(all.card.backbone.width).toBe(width + 16);
  const last = await trained(photos, { depths: 'last' });
  expect(last.result.representations).toBeUndefined();
  expect(last.card.backbone.width).toBe(width);
  // The photos are grouped and split in the same way.
  expect(all.result.split).toEqual(last.result.split);
  expect(all.result.duplicates).toEqual(last.result.duplicates);
  // A cache from before has no pooled maps: they are computed, and the features stay.
  const { platform } = last;
  platform.computed.length = 0;
  const again = await trained(photos, { depths: 'all' }, platform);
  expect(platform.computed).toHaveLength(photos.length);
  expect(again.result.evaluation).toEqual(all.result.evaluation);
  platform.computed.length = 0;
  await trained(photos, {}, platform);
  expect(platform.computed).toEqual([]);
});

test('every head and option goes with depths', async () => {
  // With a part of their own to test on, all is fitted once.
  const photos = photosTold('pooled', 60).map(
    (photo, i) => ({ ...photo, split: i % 4 > 1 ? 'train' : 'test' }) as const,
  );
  for (const options of [
    { head: 'auto', budget: 20 },
    { head: 'knn' },
    { bottleneck: 8 },
    { views: { count: 1 } },
  ] as const) {
    const { result, card } = await trained(photos, { folds: undefined, ...options });
    expect(result.representations?.[0].candidates.map(({ name }) => name)).toEqual(['last', 'all']);
    expect(card.backbone.width).toBe(result.representations?.[0].chosen === 'all' ? width + 16 : width);
  }
  const labels = photos.map((photo, i) => ({ ...photo, labels: i % 3 === 0 ? [...photo.labels, 'c'] : photo.labels }));
  const { result } = await trained(labels, { folds: undefined });
  expect(result.task).toBe('multi-label');
  expect(result.representations?.[0].kind).toBe('depths');
});

test('a classifier that reads all depths is compared with', async () => {
  const photos = photosTold('pooled');
  const { platform, result } = await trained(photos, { depths: 'all' });
  platform.computed.length = 0;
  const next = await trained(photos, { compareWith: result.files.classifier, out: 'next' }, platform);
  // Its own network, its own cache.
  expect(platform.computed).toEqual([]);
  expect(next.result.backbone.width).toBe(width + 16);
  expect(next.result.changes).toMatchObject({ compared: { verdict: 'tie' } });
  const refused = trained(photos, { compareWith: result.files.classifier, depths: 'last' }, platform);
  await expect(refused).rejects.toMatchObject({ code: 'USAGE' });
});

test('where it cannot be done as asked, that is said before any photo is read', async () => {
  const flat = memoryPlatform(photosTold('others'));
  await expect(trainInMemory(flat, { depths: 'all' })).rejects.toMatchObject({
    code: 'UNSUPPORTED_MODEL',
    what: "`depths: 'all'`: no earlier feature maps were found in tiny.",
  });
  const platform = deep(photosTold('others'));
  await expect(trainInMemory(platform, { depths: 'all', head: 'conv' })).rejects.toMatchObject({ code: 'USAGE' });
  expect([...flat.computed, ...platform.computed]).toEqual([]);
});

test('one class reads all depths, where its head reads features', async () => {
  const photos = photosTold('others', 60).map((photo) => ({ ...photo, labels: ['good'] }));
  for (const head of ['gaussian', 'knn', 'svm'] as const) {
    const result = await trainOneClassInMemory(deep(photos), { head });
    expect(result.backbone.width).toBe(width + 16);
    const plain = await trainOneClassInMemory(deep(photos), { head, depths: 'last' });
    expect(plain.backbone.width).toBe(width);
    expect(plain.threshold).not.toEqual(result.threshold);
  }
});
