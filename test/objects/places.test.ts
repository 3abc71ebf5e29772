/** What holds for every place that keeps objects: a folder, and a bucket of an S3 server. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bucketPlace } from '../../src/objects/bucket.node.ts';
import { folderPlace } from '../../src/objects/folder.node.ts';
import { isInside, type ObjectPlace } from '../../src/objects/objects.ts';
import { openPlace } from '../../src/objects/open.node.ts';
import { startS3 } from './s3.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
let s3: Awaited<ReturnType<typeof startS3>>;
const credentials = async () => ({ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' });

beforeAll(async () => {
  s3 = await startS3();
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

const places: [string, () => ObjectPlace][] = [
  ['a folder', () => folderPlace(join(folder, 'not/there/yet'))],
  ['a bucket', () => bucketPlace('s3://photos/a prefix/', { endpoint: s3.endpoint, credentials })],
];

describe.each(places)('%s', (_, open) => {
  const names = async (place: ObjectPlace, prefix?: string) => {
    const all: string[] = [];
    for await (const { name } of place.list(prefix)) all.push(name);
    return all;
  };

  test('is empty at first, and what is not there is not there', async () => {
    const place = open();
    expect(await names(place)).toEqual([]);
    expect(await place.info('none')).toBeUndefined();
    await expect(place.read('none')).rejects.toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    await place.remove('none');
  });

  test('gives back what was written, whole or in part, under any name', async () => {
    const place = open();
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    const odd = ['a.txt', 'b/ü &+%41 (1).bin', "b/it's.bin", 'b/c/d'];
    for (const name of odd) await place.write(name, bytes);
    expect(await names(place)).toEqual(odd.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(await names(place, 'b/c')).toEqual(['b/c/d']);
    for (const name of odd) {
      expect(await place.read(name)).toEqual(bytes);
      expect(await place.read(name, 990)).toEqual(bytes.subarray(990));
      expect(await place.read(name, 3, 7)).toEqual(bytes.subarray(3, 7));
      expect(await place.read(name, 5, 5)).toHaveLength(0);
      expect(await place.readUpTo(name, 1000)).toEqual(bytes);
      expect(await place.readUpTo(name, 999)).toBeUndefined();
      expect(await place.info(name)).toMatchObject({ name, bytes: 1000 });
    }
  });

  test('replaces, with another stamp, and removes', async () => {
    const place = open();
    await place.write('x', Uint8Array.of(1));
    const before = await place.info('x');
    await place.write('x', Uint8Array.of(2, 3));
    expect(await place.read('x')).toEqual(Uint8Array.of(2, 3));
    expect((await place.info('x'))?.stamp).not.toBe(before?.stamp);
    await place.remove('x');
    expect(await place.info('x')).toBeUndefined();
    await place.write('empty', new Uint8Array());
    expect(await place.readUpTo('empty', 10)).toHaveLength(0);
    await place.remove('empty');
  });

  test('writes an object of more than one part', async () => {
    const place = open();
    const bytes = new Uint8Array(33 * 2 ** 20);
    for (let i = 0; i < bytes.length; i += 1009) bytes[i] = i % 256;
    await place.write('large', bytes);
    expect(Buffer.compare(await place.read('large'), bytes)).toBe(0);
    await place.remove('large');
  });

  test('never leaves its own place', async () => {
    for (const name of ['../x', 'a/../../x', '/x', 'a//b', '', '.', 'a\\..\\x', 'a\0b'])
      await expect(open().write(name, new Uint8Array())).rejects.toThrow('leaves');
  });
});

test('names inside a place', () => {
  expect(['a', 'a/b', '...', 'a..b'].every(isInside)).toBe(true);
  expect(['', '/', 'a/', './a', 'a/./b'].some(isInside)).toBe(false);
});

test('a folder shows no file that is being written, and nothing beside it is touched', async () => {
  const place = folderPlace(join(folder, 'seen'));
  await place.write('whole', Uint8Array.of(1));
  writeFileSync(join(folder, 'seen/.carafe-half'), '');
  const all: string[] = [];
  for await (const { name } of place.list()) all.push(name);
  expect(all).toEqual(['whole']);
  expect(readdirSync(join(folder, 'seen')).sort()).toEqual(['.carafe-half', 'whole']);
});

test('two prefixes of a bucket do not see each other', async () => {
  const options = { endpoint: s3.endpoint, credentials };
  await bucketPlace('s3://photos/one', options).write('x', Uint8Array.of(1));
  const other = bucketPlace('s3://photos/on', options);
  expect(await other.info('x')).toBeUndefined();
  for await (const { name } of other.list()) expect.unreachable(name);
});

test.each([
  ['s3://', 'names no bucket'],
  ['s3://UPPER/x', 'names no bucket'],
])('%s is refused', (address, message) => {
  expect(() => openPlace(address)).toThrow(message);
});

test('the folder in which one stands is a place like all others', async () => {
  const here = process.cwd();
  process.chdir(folder);
  try {
    await folderPlace('.').write('deep/name', Uint8Array.of(1));
    for (const name of ['.', './', join('.', 'deep', '..')]) {
      const names: string[] = [];
      for await (const found of folderPlace(name).list('deep/')) names.push(found.name);
      expect(names).toEqual(['deep/name']);
    }
  } finally {
    process.chdir(here);
  }
});
