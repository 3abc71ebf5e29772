import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/features/lmdbStore.node.ts';
import { memoryStore } from '../../src/features/memoryStore.ts';
import type { FeatureStore, VectorSpace } from '../../src/features/store.ts';
import { lookOf } from './fakePlatform.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const space = (name: string, width = 3): VectorSpace => ({
  id: sha(name),
  description: '{}',
  backbone: { name, hash: sha(`${name}.onnx`) },
  width,
});

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const stores: Record<string, () => FeatureStore> = {
  memoryStore: () => memoryStore(),
  lmdbStore: () => {
    folders.push(mkdtempSync(join(tmpdir(), 'carafe-store-')));
    return openStore({
      folder: folders.at(-1),
      onWarning: (text) => {
        throw new Error(text);
      },
    });
  },
};

describe.each(Object.entries(stores))('%s', (_, open) => {
  const a = space('a');
  const b = space('b');
  const photo = { width: 400, height: 300 };
  const thumbnail = Uint8Array.of(1, 2, 3);
  const vector = { features: Float32Array.of(1.5, -2, 1e-30), ...lookOf('x') };

  test('finds what was written, and nothing before', async () => {
    const store = open();
    const target = new Float32Array(3);
    expect(await store.sha256At('/x.jpg', '1')).toBeUndefined();
    expect(await store.photo(sha('x'))).toBeUndefined();
    expect(await store.thumbnail(sha('x'))).toBeUndefined();
    expect(await store.readVector(a, sha('x'), target)).toBeUndefined();
    await store.write(a, [{ sha256: sha('x'), at: { file: '/x.jpg', stamp: '1' }, photo, vector }]);
    await store.writeThumbnails(new Map([[sha('x'), thumbnail]]));
    expect(await store.sha256At('/x.jpg', '1')).toBe(sha('x'));
    const files: string[] = [];
    for await (const file of store.files()) files.push(file);
    expect(files).toEqual(['/x.jpg']);
    expect(await store.photo(sha('x'))).toEqual(photo);
    expect(await store.thumbnail(sha('x'))).toEqual(thumbnail);
    expect(await store.readVector(a, sha('x'), target)).toEqual(lookOf('x'));
    expect(target).toEqual(vector.features);
    await store.close();
  });

  test('keeps maps in spaces of their own, with their size', async () => {
    const store = open();
    const map = { height: 2, width: 1, data: Uint16Array.of(1, 2, 3, 4, 5, 65535) };
    const larger = { height: 1, width: 4, data: Uint16Array.from({ length: 12 }, (_, i) => i) };
    await store.writeMaps(
      a,
      new Map([
        [sha('x'), map],
        [sha('y'), larger],
      ]),
    );
    expect(await store.readMap(a, sha('x'))).toEqual(map);
    expect(await store.readMap(a, sha('y'))).toEqual(larger);
    expect(await store.readMap(a, sha('z'))).toBeUndefined();
    expect(await store.readMap(b, sha('x'))).toBeUndefined();
    await store.write(b, [{ sha256: sha('x'), vector }]);
    expect(await store.readMap(b, sha('x'))).toBeUndefined();
    await store.close();
  });

  test('a place with another stamp is not found', async () => {
    const store = open();
    await store.write(a, [{ sha256: sha('x'), at: { file: '/x.jpg', stamp: '1' } }]);
    expect(await store.sha256At('/x.jpg', '2')).toBeUndefined();
    await store.write(a, [{ sha256: sha('y'), at: { file: '/x.jpg', stamp: '2' } }]);
    expect(await store.sha256At('/x.jpg', '2')).toBe(sha('y'));
    expect(await store.sha256At('/x.jpg', '1')).toBeUndefined();
    await store.close();
  });

  test('names of files may be anything', async () => {
    const store = open();
    const files = ['/a b\n.jpg', `/${'long'.repeat(900)}.jpg`, '/\u202eשלום/猫🐈.jpg', '/A.jpg', '/a.jpg'];
    await store.write(
      a,
      files.map((file) => ({ sha256: sha(file), at: { file, stamp: '1' } })),
    );
    expect(await Promise.all(files.map((file) => store.sha256At(file, '1')))).toEqual(files.map(sha));
    await store.close();
  });

  test('spaces do not meet, nor do vectors of another width', async () => {
    const store = open();
    await store.write(a, [{ sha256: sha('x'), vector }]);
    const target = Float32Array.of(7, 7, 7);
    expect(await store.readVector(b, sha('x'), target)).toBeUndefined();
    expect(target).toEqual(Float32Array.of(7, 7, 7));
    expect(await store.readVector(a, sha('x'), new Float32Array(4))).toBeUndefined();
    await store.write(b, [{ sha256: sha('x'), vector: { ...vector, features: Float32Array.of(4, 5, 6) } }]);
    expect(await store.readVector(b, sha('x'), target)).toEqual(lookOf('x'));
    expect(target).toEqual(Float32Array.of(4, 5, 6));
    await store.close();
  });

  test('keeps failures, and replaces them', async () => {
    const store = open();
    const failure = { failure: { code: 'TRUNCATED', reason: 'it is cut short' }, decoder: 'sharp 1' } as const;
    await store.write(a, [{ sha256: sha('x'), photo: failure }]);
    expect(await store.photo(sha('x'))).toEqual(failure);
    await store.write(a, [{ sha256: sha('x'), photo }]);
    expect(await store.photo(sha('x'))).toEqual(photo);
    await store.close();
  });

  test('holds many, and gives each its own', async () => {
    const store = open();
    const names = Array.from({ length: 2500 }, (_, i) => `photo ${i}`);
    for (let i = 0; i < names.length; i += 500)
      await store.write(
        a,
        names.slice(i, i + 500).map((name, k) => ({
          sha256: sha(name),
          photo: { width: i + k + 1, height: 1 },
          vector: { features: Float32Array.of(i + k, 0, 0), ...lookOf(name) },
        })),
      );
    const target = new Float32Array(3);
    for (const [i, name] of names.entries()) {
      const [look, expected] = [await store.readVector(a, sha(name), target), lookOf(name)];
      expect(look?.hash).toBe(expected.hash);
      // Equal bytes, in a thousandth of the time that a look at each takes.
      expect(Buffer.compare(look?.cells ?? Buffer.of(), expected.cells)).toBe(0);
      expect(target[0]).toBe(i);
      expect(await store.photo(sha(name))).toEqual({ width: i + 1, height: 1 });
    }
    await store.close();
  });
});

test('a vector that was stored without grey cells, by an earlier version, is not found', async () => {
  const store = stores.lmdbStore();
  const old = space('old');
  const features = Float32Array.of(1, 2, 3);
  await store.write(old, [{ sha256: sha('x'), vector: { features, hash: '0'.repeat(16), cells: new Uint8Array(0) } }]);
  expect(await store.readVector(old, sha('x'), new Float32Array(3))).toBeUndefined();
  await store.close();
});

test('memory is bounded: the oldest thumbnails and vectors go first', async () => {
  const store = memoryStore(4000);
  const one = space('one', 50);
  for (let i = 0; i < 100; i++) {
    await store.writeThumbnails(new Map([[sha(`${i}`), new Uint8Array(100)]]));
    await store.write(one, [
      {
        sha256: sha(`${i}`),
        photo: { width: 1, height: 1 },
        vector: { features: new Float32Array(50), hash: '0'.repeat(16), cells: new Uint8Array(0) },
      },
    ]);
  }
  const kept = Array.from({ length: 100 }, (_, i) => i);
  const found = async (find: (sha256: string) => Promise<unknown>) => {
    const there = await Promise.all(kept.map((i) => find(sha(`${i}`))));
    return kept.filter((_, place) => there[place] !== undefined);
  };
  expect(await found((digest) => store.thumbnail(digest))).toEqual(kept.slice(-10));
  expect(await found((digest) => store.readVector(one, digest, new Float32Array(50)))).toEqual(kept.slice(-15));
  expect(await found((digest) => store.photo(digest))).toEqual(kept);
});
