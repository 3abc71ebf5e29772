import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheContents, clearCache, pruneCache, verifyCache } from '../../src/features/cacheTools.node.ts';
import { openStore } from '../../src/features/lmdbStore.node.ts';
import type { VectorSpace } from '../../src/features/store.ts';
import { tableFolders } from '../../src/features/tableFolders.node.ts';
import { cacheFolder } from '../../src/runtime/cacheFolder.node.ts';
import { lookOf, sha } from './fakePlatform.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carafe-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const space = (name: string): VectorSpace => ({
  id: sha(name),
  description: '{}',
  backbone: { name, hash: sha(`${name}.onnx`) },
  width: 4,
});

async function fill(name: string, photos: readonly string[]): Promise<void> {
  const store = openStore({ folder });
  const entries = photos.map((photo) => ({
    sha256: sha(photo),
    at: { file: `/${photo}.jpg`, stamp: '1' },
    photo: { width: 1, height: 1 },
    vector: { features: new Float32Array(4), ...lookOf(photo) },
  }));
  await store.write(space(name), entries);
  await store.writeThumbnails(new Map(photos.map((photo) => [sha(photo), Uint8Array.of(1, 2, 3)])));
  await store.close();
}

async function known(photos: readonly string[]): Promise<string[]> {
  const store = openStore({ folder });
  const found: string[] = [];
  for (const photo of photos)
    if ((await store.sha256At(`/${photo}.jpg`, '1')) && (await store.photo(sha(photo)))) found.push(photo);
  await store.close();
  return found;
}

/** Makes a backbone's vectors look as if they were last used so many days ago. */
function age(name: string, days: number): void {
  const time = new Date(Date.now() - days * 86_400_000);
  utimesSync(tableFolders(folder).space(space(name).id), time, time);
}

test('an empty cache, or none, holds nothing', async () => {
  for (const place of [folder, join(folder, 'none')]) {
    expect(await cacheContents(place)).toEqual({
      folder: place,
      bytes: 0,
      photos: 0,
      photoBytes: 0,
      backbones: [],
      damaged: [],
    });
    expect(await pruneCache({ unusedDays: 0 }, place)).toEqual([]);
    expect(clearCache(place)).toBe(0);
    expect(await verifyCache(place)).toEqual({ good: 0, broken: 0, unreadable: [] });
  }
});

test('shows each backbone with its size, the last used first', async () => {
  await fill('old', ['a', 'b']);
  await fill('new', ['a', 'b', 'c']);
  age('old', 5);
  const { bytes, photos, photoBytes, backbones } = await cacheContents(folder);
  expect(photos).toBe(3);
  expect(backbones).toMatchObject([
    { name: 'new', hash: sha('new.onnx'), width: 4, vectors: 3 },
    { name: 'old', hash: sha('old.onnx'), width: 4, vectors: 2 },
  ]);
  expect(bytes).toBe(photoBytes + backbones[0].bytes + backbones[1].bytes);
  expect(backbones[1].bytes).toBeGreaterThan(8192);
});

test('a run counts as use', async () => {
  await fill('one', ['a']);
  age('one', 100);
  const store = openStore({ folder });
  expect(await store.readVector(space('one'), sha('a'), new Float32Array(4))).toBeDefined();
  await store.close();
  expect(await pruneCache({ unusedDays: 90 }, folder)).toEqual([]);
});

test('prune takes what is unused, named or too large, and forgets photos without vectors', async () => {
  await fill('old', ['a', 'b']);
  await fill('middle', ['b', 'c']);
  await fill('new', ['c', 'd']);
  age('old', 100);
  age('middle', 50);
  expect(await pruneCache({ unusedDays: 90 }, folder)).toMatchObject([{ name: 'old', vectors: 2 }]);
  expect(await known(['a', 'b', 'c', 'd'])).toEqual(['b', 'c', 'd']);
  const { backbones } = await cacheContents(folder);
  expect(await pruneCache({ maxBytes: backbones[0].bytes }, folder)).toMatchObject([{ name: 'middle' }]);
  expect(await known(['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
  expect(await pruneCache({ backbone: 'nobody' }, folder)).toEqual([]);
  expect(await pruneCache({ backbone: sha('new.onnx').slice(0, 8) }, folder)).toMatchObject([{ name: 'new' }]);
  expect((await cacheContents(folder)).bytes).toBe(0);
});

test('clear takes the cache, older layouts too, and nothing else in the folder', async () => {
  await fill('one', ['a']);
  mkdirSync(join(folder, 'v0'));
  writeFileSync(join(folder, 'v0', 'data'), 'x'.repeat(100));
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  expect(clearCache(folder)).toBeGreaterThan(8192);
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  expect(await known(['a'])).toEqual([]);
});

/** Changes one byte of every stored thumbnail. */
function damage(table: string): void {
  const path = join(table, 'data.mdb');
  const bytes = readFileSync(path);
  for (let at = bytes.indexOf('THUMBNAIL'); at >= 0; at = bytes.indexOf('THUMBNAIL', at + 1)) bytes[at] ^= 1;
  writeFileSync(path, bytes);
}

test('verify finds what is broken, and a run takes it for missing', async () => {
  await fill('one', ['a']);
  const store = openStore({ folder });
  await store.writeThumbnails(new Map([[sha('x'), Buffer.from('THUMBNAIL')]]));
  await store.close();
  expect(await verifyCache(folder)).toEqual({ good: 6, broken: 0, unreadable: [] });
  damage(tableFolders(folder).thumbnails);
  expect(await verifyCache(folder)).toEqual({ good: 5, broken: 1, unreadable: [] });
  const again = openStore({ folder });
  expect(await again.thumbnail(sha('x'))).toBeUndefined();
  expect(await again.thumbnail(sha('a'))).toEqual(Uint8Array.of(1, 2, 3));
  await again.writeThumbnails(new Map([[sha('x'), Buffer.from('THUMBNAIL')]]));
  await again.close();
  expect(await verifyCache(folder)).toEqual({ good: 6, broken: 0, unreadable: [] });
});

test('a table that is no table is named by verify, and costs a run a warning', async () => {
  await fill('one', ['a']);
  const { photos } = tableFolders(folder);
  writeFileSync(join(photos, 'data.mdb'), 'this is no database '.repeat(1000));
  expect((await verifyCache(folder)).unreadable).toMatchObject([{ folder: photos }]);
  const warnings: string[] = [];
  const store = openStore({ folder, onWarning: (text) => warnings.push(text) });
  expect(await store.photo(sha('a'))).toBeUndefined();
  await store.write(space('one'), [{ sha256: sha('b'), photo: { width: 2, height: 3 } }]);
  expect(await store.photo(sha('b'))).toEqual({ width: 2, height: 3 });
  await store.close();
  expect(warnings).toHaveLength(1);
});

test('the place of the cache: named, from the environment, or the platform’s', () => {
  const before = process.env.CARAFE_CACHE;
  try {
    process.env.CARAFE_CACHE = join(folder, 'from the environment');
    expect(cacheFolder()).toBe(join(folder, 'from the environment'));
    expect(cacheFolder(join(folder, 'named'))).toBe(join(folder, 'named'));
    delete process.env.CARAFE_CACHE;
    expect(cacheFolder()).toMatch(/[\\/]carafe([\\/]|$)/i);
    expect(existsSync(join(folder, 'named'))).toBe(false);
  } finally {
    if (before !== undefined) process.env.CARAFE_CACHE = before;
  }
});
