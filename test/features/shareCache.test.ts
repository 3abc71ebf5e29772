/** A cache that a team shares: in a bucket and in a folder. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dealPacks, readIndex, readPack, writePack } from '../../src/features/cachePack.node.ts';
import { verifyCache } from '../../src/features/cacheTools.node.ts';
import { openStore } from '../../src/features/lmdbStore.node.ts';
import { pullCache, pushCache } from '../../src/features/shareCache.node.ts';
import { openPlace } from '../../src/objects/open.node.ts';
import { keys, startS3 } from '../objects/s3.ts';
import { lookOf, sha } from './fakePlatform.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
let s3: Awaited<ReturnType<typeof startS3>>;
let caches = 0;
const newCache = () => join(folder, `cache ${++caches}`);
const space = { id: sha('{}'), description: '{}', backbone: { name: 'tiny', hash: sha('tiny') }, width: 300 };

beforeAll(async () => {
  s3 = await startS3('team');
  Object.assign(process.env, keys, { AWS_ENDPOINT_URL_S3: s3.endpoint });
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

async function written(names: readonly string[], cache = newCache()): Promise<string> {
  const store = openStore({ folder: cache });
  await store.write(
    space,
    names.map((name, i) => ({
      sha256: sha(name),
      at: { file: `/here/${name}.jpg`, stamp: '1' },
      photo: { width: i + 1, height: 1 },
      vector: { features: new Float32Array(300).fill(name.length + i), ...lookOf(name) },
    })),
  );
  await store.writeThumbnails(new Map(names.slice(0, 1).map((name) => [sha(name), Uint8Array.of(1, 2, 3)])));
  await store.close();
  return cache;
}

async function held(cache: string, name: string): Promise<number | undefined> {
  const store = openStore({ folder: cache });
  const target = new Float32Array(300);
  const look = await store.readVector(space, sha(name), target);
  const photo = await store.photo(sha(name));
  await store.close();
  return look && photo ? target[299] : undefined;
}

async function objects(address: string): Promise<string[]> {
  const all: string[] = [];
  for await (const { name } of openPlace(address).list()) all.push(name);
  return all;
}

const some = (count: number, of = 'p') => Array.from({ length: count }, (_, i) => `${of}${i}`);

describe.each([
  ['a bucket', 's3://team/one/cache'],
  ['a folder', join(folder, 'shared')],
])('%s', (_, address) => {
  test('gives a colleague all that was computed, once, and nothing of where photos lie', async () => {
    const mine = await written(some(1200));
    const pushed = await pushCache(address, { folder: mine });
    expect(pushed).toMatchObject({ vectors: 1200, others: 1201, there: 0, objects: 5 });
    const names = await objects(address);
    expect(names).toHaveLength(5);
    for (const name of names)
      expect(name).toMatch(/^v1\/(photos|thumbnails|vectors\/[0-9a-f]{64})\/[0-9a-f]{64}\.pack$/);
    expect(await pushCache(address, { folder: mine })).toMatchObject({ objects: 0, bytes: 0, there: 2401 });

    const theirs = newCache();
    const pulled = await pullCache(address, { folder: theirs });
    expect(pulled).toMatchObject({ vectors: 1200, others: 1201, there: 0, objects: 5, bytes: pushed.bytes });
    expect(await held(theirs, 'p7')).toBe(9);
    expect(await held(theirs, 'p1199')).toBe(1204);
    expect(await verifyCache(theirs)).toEqual({ good: 2402, broken: 0, unreadable: [] });
    const store = openStore({ folder: theirs });
    expect(await store.sha256At('/here/p7.jpg', '1')).toBeUndefined();
    await store.close();
    expect(await pullCache(address, { folder: theirs })).toMatchObject({ objects: 0, there: 2401 });
  });

  test('takes from each what the others lack', async () => {
    const theirs = await written([...some(3), ...some(4, 'theirs ')]);
    expect(await pushCache(address, { folder: theirs })).toMatchObject({ vectors: 4, others: 4, there: 7 });
    const mine = await written(some(2));
    expect(await pullCache(address, { folder: mine })).toMatchObject({ vectors: 1202, there: 5 });
    expect(await held(mine, 'theirs 3')).toBe(8 + 6);
  });

  test('leaves alone what is not its own, and what was cut off', async () => {
    const place = openPlace(address);
    const vectors = (await objects(address)).filter((name) => name.includes('vectors'));
    const whole = await place.read(vectors[0]);
    await place.write('v1/vectors/notes.txt', Uint8Array.of(1));
    await place.write(vectors[0], whole.subarray(0, whole.length - 7));
    const warnings: string[] = [];
    const mine = newCache();
    const pulled = await pullCache(address, { folder: mine, onWarning: (text) => warnings.push(text) });
    expect(pulled.vectors).toBeLessThan(1204);
    expect(warnings).toEqual([
      `${address}/${vectors[0]} is damaged and left out. Delete it; \`carafe cache push\` on a machine that has these photos writes it anew.`,
    ]);
    await place.write(vectors[0], Uint8Array.of(1, 2));
    // What cannot be read is not there: whoever has it writes it again, under the name that it had.
    await pushCache(address, { folder: await written(some(1200)), onWarning: () => {} });
    expect(await place.read(vectors[0])).toEqual(whole);
    expect(await objects(address)).toContain('v1/vectors/notes.txt');
  });

  test('goes on where it was broken off', async () => {
    const many = await written(some(2500, 'many '));
    const abort = new AbortController();
    const stopped = pushCache(address, {
      folder: many,
      signal: abort.signal,
      onProgress: (done, all) => all === done + 1 && done === 1 && abort.abort(),
    });
    await expect(stopped).rejects.toThrow(expect.objectContaining({ code: 'INTERRUPTED' }));
    const rest = await pushCache(address, { folder: many });
    expect(rest.there).toBeGreaterThanOrEqual(1000);
    expect(rest.vectors).toBe(1500);
  });
});

test('a place without a cache says so', async () => {
  await expect(pullCache('s3://team/nowhere')).rejects.toThrow(
    's3://team/nowhere holds no features of a cache.\nCheck the address, or run `carafe cache push` there first.',
  );
  const occupied = join(folder, 'occupied');
  mkdirSync(occupied);
  writeFileSync(join(occupied, 'v1'), '');
  const mine = await written(some(1));
  await pushCache(join(folder, 'good'), { folder: mine });
  await expect(pullCache(join(folder, 'good'), { folder: occupied })).rejects.toThrow(/cannot be used/);
});

test('vectors of another space than their record says are not taken', async () => {
  const address = join(folder, 'forged');
  const forged = Buffer.from(JSON.stringify({ ...space, description: '{"model":"other"}' }));
  const { name, bytes } = writePack({ space: forged, entries: [[Buffer.from(sha('x'), 'hex'), new Uint8Array(2000)]] });
  await openPlace(address).write(`v1/vectors/${space.id}/${name}.pack`, bytes);
  const warnings: string[] = [];
  const pulled = await pullCache(address, { folder: newCache(), onWarning: (text) => warnings.push(text) });
  expect([pulled.objects, warnings.length]).toEqual([0, 1]);
});

test('packs hold a thousand values or sixteen megabytes, and are read back', () => {
  const value = (size: number) => new Uint8Array(size).fill(size % 251);
  const entries = Array.from({ length: 1001 }, (_, i) => [Buffer.from(sha(`${i}`), 'hex'), value(i)] as const);
  const packs = [...dealPacks(Uint8Array.of(9), entries)];
  expect(packs.map((pack) => pack.entries.length)).toEqual([1000, 1]);
  const { name, bytes } = writePack(packs[0]);
  const back = readPack(bytes, name);
  expect(back?.space).toEqual(Uint8Array.of(9));
  expect(back?.entries.map(([, read]) => read.length)).toEqual(entries.slice(0, 1000).map(([, given]) => given.length));
  expect(readPack(bytes.subarray(1), name)).toBeUndefined();
  for (const cut of [0, 5, 14, 22, 30]) expect(readIndex(bytes.subarray(0, cut))).toBeUndefined();
  const large = [
    ...dealPacks(
      new Uint8Array(),
      [...Array(3)].map((_, i) => [Buffer.from(sha(`${i}`), 'hex'), value(9 * 2 ** 20)]),
    ),
  ];
  expect(large.map((pack) => pack.entries.length)).toEqual([1, 1, 1]);
});
