import { expect, test } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { extractFeatures } from '../../src/features/extract.ts';
import type { Extraction, ExtractionProgress } from '../../src/features/extraction.ts';
import type { MapTable } from '../../src/features/mapTable.ts';
import { memoryStore } from '../../src/features/memoryStore.ts';
import { rowsAt } from '../../src/numerics/rows.ts';
import type { FakePlatform } from './fakePlatform.ts';
import { fakePlatform, featuresOf, itemsOf, lookOf, mapOf, sha } from './fakePlatform.ts';
import { tinyBackbone } from './tinyBackbone.ts';

const run = (platform: FakePlatform, options = {}): Promise<Extraction> =>
  extractFeatures(itemsOf(platform.files.keys()), tinyBackbone(), platform, options);
const counts = ({ found, cached, computed, failed }: Extraction) => [found, cached, computed, failed.length];
const rows = ({ features }: Extraction) =>
  Array.from({ length: features.rows }, (_, row) => rowsAt(features, row, 1).slice());
const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`/${'x'.repeat(i % 7)}${i}.jpg`, `photo ${i}`]));

/** Texts of photos of one class, in the order of their rows. */
const inOrder = (texts: readonly string[]) => texts.toSorted((a, b) => (sha(a) < sha(b) ? -1 : 1));

test('gives a row a photo, in the order of their content, whatever finished first', async () => {
  const platform = fakePlatform(many);
  const extraction = await run(platform);
  const texts = inOrder(Object.values(many));
  expect(counts(extraction)).toEqual([30, 0, 30, 0]);
  expect(extraction.items.map(({ file }) => many[file])).toEqual(texts);
  expect(rows(extraction)).toEqual(texts.map((text) => featuresOf(text)));
  expect(extraction.photos).toEqual(
    texts.map((text) => ({ sha256: sha(text), width: 40, height: 30, ...lookOf(text) })),
  );
});

test('rows come class by class, and are the same whatever photos are called', async () => {
  const texts = Array.from({ length: 12 }, (_, i) => (i % 4 === 1 ? `broken ${i}` : `photo ${i}`));
  const named = async (nameOf: (i: number) => string) => {
    const names = texts.map((_, i) => nameOf(i));
    const items = itemsOf(names).map((item, i) => ({ ...item, labels: [i % 3 === 0 ? 'b' : 'a'] }));
    const platform = fakePlatform(Object.fromEntries(names.map((name, i) => [name, texts[i]])));
    const inTurn = items.toSorted((a, b) => (a.file < b.file ? -1 : 1));
    return extractFeatures(inTurn, tinyBackbone(), platform, { views: [view(1)] });
  };
  const first = await named((i) => `/${10 + i}.jpg`);
  const renamed = await named((i) => `/${90 - i}.jpg`);
  expect(renamed.features).toEqual(first.features);
  expect(renamed.photos).toEqual(first.photos);
  expect(first.items.map(({ labels: [label] }) => label).join('')).toBe('aaaaaabbb');
  const used = first.items.map(({ file }) => texts[Number(file.slice(1, 3)) - 10]);
  expect(rows(first)).toEqual([0, 1].flatMap((number) => used.map((text) => featuresOf(text, number))));
});

test('the second run reads no photo and starts no worker', async () => {
  const platform = fakePlatform(many);
  const first = await run(platform);
  platform.log.length = 0;
  const second = await run(platform);
  expect(platform.log).toEqual([]);
  expect(counts(second)).toEqual([30, 30, 0, 0]);
  expect({ ...second, cached: 0, computed: 30 }).toEqual(first);
  // Threads are sent features: in memory they are plain data.
  expect(structuredClone(second.features)).toEqual(second.features);
});

test('new photos cost themselves only; renamed and copied ones are read, not run', async () => {
  const platform = fakePlatform({ '/a.jpg': 'one', '/b.jpg': 'two' });
  await run(platform);
  platform.log.length = 0;
  platform.files.set('/new.jpg', 'three');
  platform.files.set('/copy of a.jpg', 'one');
  platform.files.set('/renamed b.jpg', 'two');
  platform.files.delete('/b.jpg');
  const extraction = await run(platform);
  expect(counts(extraction)).toEqual([4, 3, 1, 0]);
  expect(platform.log.filter((line) => line.startsWith('run'))).toEqual(['run three']);
  platform.log.length = 0;
  expect(counts(await run(platform))).toEqual([4, 4, 0, 0]);
  expect(platform.log).toEqual([]);
});

test('equal photos in one run are run once', async () => {
  const platform = fakePlatform({ '/a.jpg': 'same', '/b.jpg': 'same', '/cc.jpg': 'same', '/d.jpg': 'other' });
  const extraction = await run(platform);
  expect(counts(extraction)).toEqual([4, 2, 2, 0]);
  expect(rows(extraction)).toEqual(inOrder(['same', 'same', 'same', 'other']).map((text) => featuresOf(text)));
  expect(platform.log.filter((line) => line.startsWith('run')).sort()).toEqual(['run other', 'run same']);
});

test('an overwritten photo is computed, one that was only touched is read', async () => {
  const platform = fakePlatform({ '/a.jpg': 'before', '/b.jpg': 'same' });
  await run(platform);
  platform.log.length = 0;
  platform.files.set('/a.jpg', 'after!');
  const touched = { ...platform, stamp: (file: string) => `later ${platform.stamp(file)}` };
  const extraction = await run(touched);
  expect(platform.log.sort()).toEqual(['close', 'open', 'read /a.jpg', 'read /b.jpg', 'run after!']);
  expect(counts(extraction)).toEqual([2, 1, 1, 0]);
  expect(rows(extraction)).toEqual(inOrder(['after!', 'same']).map((text) => featuresOf(text)));
});

test('another backbone, preprocessing or version never meets old vectors, but knows the photos', async () => {
  const platform = fakePlatform({ '/a.jpg': 'one' });
  await run(platform);
  const items = itemsOf(platform.files.keys());
  platform.log.length = 0;
  const again = async (backbone = tinyBackbone(), computer = platform.computer) =>
    (await extractFeatures(items, backbone, { ...platform, computer })).computed;
  expect(await again(tinyBackbone({ hash: 'beef' }))).toBe(1);
  expect(await again(tinyBackbone({ preprocessing: { scale: 1 } }))).toBe(1);
  expect(await again(tinyBackbone(), { ...platform.computer, runtime: 'runtime 2' })).toBe(1);
  expect(platform.log.filter((line) => line.startsWith('run'))).toHaveLength(3);
  expect(await again()).toBe(0);
});

test('what cannot be used is left out and listed, and rows close up', async () => {
  const platform = fakePlatform({
    '/a.jpg': 'broken 1',
    '/b.jpg': 'good 1',
    '/c.jpg': 'broken 2',
    '/d.jpg': 'broken 1',
    '/e.jpg': 'good 2',
  });
  const items = itemsOf([...platform.files.keys(), '/missing.jpg']);
  const failed = [
    { path: 'a.jpg', code: 'BROKEN', reason: 'it is broken 1' },
    { path: 'c.jpg', code: 'BROKEN', reason: 'it is broken 2' },
    { path: 'd.jpg', code: 'BROKEN', reason: 'it is broken 1' },
    { path: 'missing.jpg', code: 'NOT_FOUND', reason: 'there is no such file' },
  ];
  const first = await extractFeatures(items, tinyBackbone(), platform);
  expect(first.failed).toEqual(failed);
  const paths = new Map([
    ['good 1', 'b.jpg'],
    ['good 2', 'e.jpg'],
  ]);
  expect(first.items.map(({ path }) => path)).toEqual(inOrder([...paths.keys()]).map((text) => paths.get(text)));
  expect(rows(first)).toEqual(inOrder([...paths.keys()]).map((text) => featuresOf(text)));
  expect(first.features).toMatchObject({ rows: 2, columns: 8, data: { length: 16 } });
  expect(counts(first)).toEqual([6, 0, 2, 4]);
  // Failures of a photo's content are remembered; that a file is missing is not.
  platform.log.length = 0;
  const second = await extractFeatures(items, tinyBackbone(), platform);
  expect(second).toEqual({ ...first, cached: 2, computed: 0 });
  expect(platform.log).toEqual(['open', 'read /missing.jpg', 'close']);
});

test('a newer decoder tries again what failed', async () => {
  const platform = fakePlatform({ '/a.jpg': 'broken', '/b.jpg': 'good' });
  await run(platform);
  platform.log.length = 0;
  await run({ ...platform, computer: { ...platform.computer, decoder: 'decoder 2' } });
  expect(platform.log).toContain('read /a.jpg');
});

test('where nothing can be used, the error sums it up by reason', async () => {
  const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`/${i}.jpg`, i < 5 ? 'broken A' : 'broken B']));
  const error: unknown = await run(fakePlatform(files)).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(CarafeError);
  expect(error).toMatchObject({
    code: 'ALL_IMAGES_FAILED',
    what: 'None of the 6 photos can be used: it is broken A (0.jpg, 1.jpg, 2.jpg and 2 more); it is broken B (5.jpg)',
  });
});

test('no items give an empty matrix', async () => {
  expect(await run(fakePlatform({}))).toMatchObject({ features: { rows: 0, columns: 8 }, found: 0 });
});

test('the signal stops the run; what was done is stored, and the next run goes on from there', async () => {
  const platform = fakePlatform(many);
  const abort = new AbortController();
  const progress = ({ done }: ExtractionProgress) => done >= 10 && abort.abort();
  await expect(run(platform, { signal: abort.signal, progress })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(platform.log.at(-1)).toBe('close');
  const done = platform.log.filter((line) => line.startsWith('run')).length;
  expect(done).toBeGreaterThanOrEqual(10);
  expect(done).toBeLessThan(30);
  expect(counts(await run(platform))).toEqual([30, done, 30 - done, 0]);
  await expect(run(platform, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test('a worker that breaks ends the run with its error; what was done is stored', async () => {
  const platform = fakePlatform({ ...many, '/zz.jpg': 'crash' });
  await expect(run(platform)).rejects.toThrow('a worker broke');
  expect(platform.log.at(-1)).toBe('close');
  platform.files.delete('/zz.jpg');
  expect(counts(await run(platform))).toEqual([30, 30, 0, 0]);
});

test('progress counts every photo once and ends at the total', async () => {
  const platform = fakePlatform({ ...many, '/a.jpg': 'photo 1', '/b.jpg': 'broken', '/c.jpg': 'broken' });
  const states: ExtractionProgress[] = [];
  await run(platform, { progress: (state: ExtractionProgress) => states.push(state) });
  expect(states.every(({ done, cached, computed, failed }) => done === cached + computed + failed)).toBe(true);
  expect(states.map(({ done }) => done)).toEqual(states.map(({ done }) => done).sort((a, b) => a - b));
  expect(states.at(-1)).toEqual({ done: 33, total: 33, cached: 1, computed: 30, failed: 2 });
});

const view = (number: number) => ({ number, flip: true, crop: 10, scale: 10, brightness: 10, rotate: 5 });
const mapsOf = async (table: MapTable | undefined) =>
  table &&
  Promise.all(
    Array.from({ length: table.rows }, async (_, row) => {
      const target = new Uint16Array(table.height * table.width * table.channels);
      await table.read(row, target);
      return target;
    }),
  );

test('views are rows behind the photos, and are kept like them', async () => {
  const platform = fakePlatform({ '/a.jpg': 'one', '/b.jpg': 'broken', '/cc.jpg': 'three' });
  const views = [view(1), view(2)];
  const first = await run(platform, { views });
  expect(rows(first)).toEqual(
    [0, 1, 2].flatMap((number) => inOrder(['one', 'three']).map((text) => featuresOf(text, number))),
  );
  expect(first.items.map(({ path }) => path).sort()).toEqual(['a.jpg', 'cc.jpg']);
  expect(first.photos).toHaveLength(2);
  expect(counts(first)).toEqual([3, 0, 2, 1]);
  expect(first.views).toEqual({ cached: 0, computed: 4 });
  platform.log.length = 0;
  const second = await run(platform, { views });
  expect(platform.log).toEqual([]);
  expect(rows(second)).toEqual(rows(first));
  expect(second.views).toEqual({ cached: 4, computed: 0 });
  const wider = await run(platform, { views: [view(1), { ...view(2), rotate: 6 }, view(3)] });
  expect(wider.views).toEqual({ cached: 2, computed: 4 });
});

test('maps are computed when they are first asked for, beside features that stay what they are', async () => {
  const platform = fakePlatform({ '/a.jpg': 'one', '/b.jpg': 'three', '/copy.jpg': 'one' });
  const plain = await run(platform);
  expect(plain.spatial).toBeUndefined();
  platform.log.length = 0;
  const first = await run(platform, { needs: { spatial: true }, views: [view(1)] });
  expect(rows(first).slice(0, rows(plain).length)).toEqual(rows(plain));
  const texts = inOrder(['one', 'three', 'one']);
  const expected = [0, 1].flatMap((number) => texts.map((text) => mapOf(text, number).data));
  expect(first.spatial).toMatchObject({ rows: 6, height: 2, width: 3, channels: 4 });
  expect(await mapsOf(first.spatial)).toEqual(expected);
  expect(platform.log.filter((line) => line.startsWith('run'))).toHaveLength(4);
  platform.log.length = 0;
  expect(await mapsOf((await run(platform, { needs: { spatial: true }, views: [view(1)] })).spatial)).toEqual(expected);
  expect(platform.log).toEqual([]);
});

test('maps that the store could not keep are an error that says what to do', async () => {
  const platform = fakePlatform({ '/a.jpg': 'one', '/b.jpg': 'three' }, memoryStore(100));
  await expect(run(platform, { needs: { spatial: true } })).rejects.toMatchObject({ code: 'CACHE_LOST' });
});
