import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extractFeatures } from '../../src/features/extract.ts';
import type { Extraction, ExtractionPlatform } from '../../src/features/extraction.ts';
import { openStore } from '../../src/features/lmdbStore.node.ts';
import { memoryStore } from '../../src/features/memoryStore.ts';
import { extractionModel } from '../../src/features/network.ts';
import { extractionPlatform } from '../../src/features/platform.node.ts';
import { thumbnails } from '../../src/features/thumbnails.ts';
import { crop } from '../../src/images/crop.ts';
import { decodePhoto, readPhoto } from '../../src/images/decode.node.ts';
import type { Preprocessing } from '../../src/images/preprocessing.ts';
import { rowsAt } from '../../src/numerics/rows.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor } from '../../src/runtime/platform.ts';
import { drawImageSet } from '../drawn.ts';
import { itemsOf } from './fakePlatform.ts';
import { tinyBackbone } from './tinyBackbone.ts';

const root = mkdtempSync(join(tmpdir(), 'carafe-workers-'));
const photos = join(root, 'photos');
let files: string[] = [];
beforeAll(async () => {
  await drawImageSet(photos, 8);
  const names = readdirSync(photos, { recursive: true, encoding: 'utf8' });
  files = names.filter((name) => name.endsWith('.jpg')).map((name) => join(photos, name));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const counts = ({ found, cached, computed, failed }: Extraction) => [found, cached, computed, failed.length];
// A crop smaller than the photo, so that all of the way is gone.
const preprocessing: Partial<Preprocessing> = {
  resize: { rule: 'shortest-edge', size: 40 },
  crop: { height: 32, width: 36 },
};

test('features are those of the plain loop, bit for bit, whatever the number of threads and the order', async () => {
  const backbone = tinyBackbone({ preprocessing });
  const session = await openSession(extractionModel(backbone));
  const expected = new Map<string, number[]>();
  for (const file of files) {
    const { pixels } = await decodePhoto(await readPhoto(file), backbone.preprocessing);
    const { height, width, data } = crop(pixels, backbone.preprocessing.crop);
    const { features } = await session.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
    expected.set(file, [...expectTensor(features, 'float32').data]);
  }
  const extracted = async (given: readonly string[], threads: number) => {
    const platform = extractionPlatform(memoryStore());
    const { features, items } = await extractFeatures(itemsOf(given), backbone, platform, { threads });
    expect(items).toHaveLength(files.length);
    for (const [row, { file }] of items.entries()) expect([...rowsAt(features, row, 1)]).toEqual(expected.get(file));
  };
  for (const threads of [1, 2, 5]) await extracted(files, threads);
  await extracted(files.toReversed(), 2);
});

test('sizes and hashes come with the features; thumbnails are made once when they are asked for', async () => {
  const platform = extractionPlatform(memoryStore());
  const { photos, items } = await extractFeatures(itemsOf(files), tinyBackbone(), platform);
  expect(new Set(photos.map(({ width, height }) => `${width}x${height}`))).toEqual(new Set(['160x120', '120x150']));
  for (const { hash } of photos) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  const shown = photos.map(({ sha256 }, row) => ({ path: `${row}`, file: items[row].file, sha256 })).slice(0, 9);
  // Of a photo that is another by now there is none.
  const made = await thumbnails([...shown, { path: 'changed', file: files[0], sha256: 'another' }], platform);
  expect([...made.keys()].sort()).toEqual(shown.map(({ path }) => path));
  for (const thumbnail of made.values()) expect(Buffer.from(thumbnail).toString('latin1', 8, 12)).toBe('WEBP');
  const makeThumbnail = () => expect.unreachable();
  expect(await thumbnails(shown, { store: platform.store, makeThumbnail })).toEqual(made);
});

/** Counts the photos that workers read. */
function counting(platform: ExtractionPlatform): ExtractionPlatform & { readonly read: string[] } {
  const read: string[] = [];
  const openWorkers: ExtractionPlatform['openWorkers'] = (...args) => {
    const pool = platform.openWorkers(...args);
    const process: typeof pool.process = (file, ...rest) => {
      read.push(file);
      return pool.process(file, ...rest);
    };
    return { ...pool, process };
  };
  return { ...platform, openWorkers, read };
}

test('on real files: moved, copied, touched, given back its time, overwritten, emptied', async () => {
  const folder = join(root, 'cache');
  const at = (name: string): string => join(root, name);
  const all = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map(at);
  for (const [i, file] of all.entries()) copyFileSync(files[i], file);
  const run = async (list: readonly string[]) => {
    const store = openStore({ folder });
    const platform = counting(extractionPlatform(store));
    const extraction = await extractFeatures(itemsOf(list), tinyBackbone(), platform);
    await store.close();
    return { counts: counts(extraction), read: platform.read, failed: extraction.failed };
  };
  expect(await run(all)).toMatchObject({ counts: [4, 0, 4, 0] });
  expect(await run(all)).toMatchObject({ counts: [4, 4, 0, 0], read: [] });
  renameSync(at('a.jpg'), at('moved.jpg'));
  copyFileSync(at('b.jpg'), at('copy.jpg'));
  utimesSync(at('c.jpg'), new Date(), new Date(2020, 1));
  const list = ['moved.jpg', 'b.jpg', 'copy.jpg', 'c.jpg', 'd.jpg'].map(at);
  expect(await run(list)).toMatchObject({ counts: [5, 5, 0, 0], read: ['moved.jpg', 'copy.jpg', 'c.jpg'].map(at) });
  expect(await run(list)).toMatchObject({ counts: [5, 5, 0, 0], read: [] });
  // Other bytes under the old time of change.
  const time = new Date(2021, 2);
  utimesSync(at('d.jpg'), time, time);
  await run(list);
  copyFileSync(files[10], at('d.jpg'));
  utimesSync(at('d.jpg'), time, time);
  expect(await run(list)).toMatchObject({ counts: [5, 4, 1, 0], read: [at('d.jpg')] });
  writeFileSync(at('d.jpg'), '');
  writeFileSync(at('c.jpg'), 'no photo at all');
  const failed = [
    { path: at('c.jpg').slice(1), code: 'NOT_AN_IMAGE' },
    { path: at('d.jpg').slice(1), code: 'EMPTY' },
  ];
  expect(await run(list)).toMatchObject({ counts: [5, 3, 0, 2], failed });
  expect(await run(list)).toMatchObject({ counts: [5, 3, 0, 2], failed, read: [] });
});

test('a network that does not open is an error of its own', async () => {
  const tiny = tinyBackbone();
  const network = { ...tiny.network, nodes: tiny.network.nodes.slice(1) };
  const broken = extractFeatures(itemsOf(files), { ...tiny, network }, extractionPlatform(memoryStore()));
  await expect(broken).rejects.toMatchObject({ code: 'BAD_MODEL' });
});
