import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, expect, test } from 'vitest';
import { findImageSet } from '../../src/sets/find.node.ts';
import { unpackZip } from '../../src/sets/zip.node.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-zip-test-'));
process.env.CARAFE_CACHE = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function zipOf(files: Record<string, string>): string {
  const path = join(folder, `${Math.random()}.zip`);
  writeFileSync(path, zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]))));
  return path;
}

test('a zip with a list is what the list says', async () => {
  const set = await findImageSet(
    zipOf({
      'labels.csv': 'path,labels\nphotos/a.jpg,sea|sky\nphotos/b.jpg,\n',
      'photos/a.jpg': 'a',
      'photos/b.jpg': 'b',
    }),
  );
  expect(set.items.map(({ path, labels }) => [path, ...labels])).toEqual([
    ['photos/b.jpg'],
    ['photos/a.jpg', 'sea', 'sky'],
  ]);
});

test('a zip is the folder that it holds, whatever its entries are called', async () => {
  const file = zipOf({
    'cat/1.jpg': 'one',
    'cat/2.jpg': 'two',
    'dog/1.jpg': 'three',
    '../../outside.jpg': 'out',
    '/abs/x.jpg': 'out',
    'dog/.hidden.jpg': 'out',
    '__MACOSX/cat/1.jpg': 'out',
    'dog/notes.txt': 'out',
  });
  const { items } = await findImageSet(file);
  expect(items.map(({ path }) => path)).toEqual(['cat/1.jpg', 'cat/2.jpg', 'dog/1.jpg']);
  const unpacked = await unpackZip(file);
  expect(readdirSync(unpacked).sort()).toEqual(['cat', 'dog']);
  // Nobody else on the computer sees the photos, or lays others there.
  expect(statSync(unpacked).mode & 0o077).toBe(0);
  expect(unpacked.startsWith(join(folder, 'cache'))).toBe(true);
  rmSync(unpacked, { recursive: true });
});

test('what is damaged says so, and leaves nothing', async () => {
  const file = join(folder, 'broken.zip');
  const bytes = zipSync({ 'cat/1.jpg': strToU8('one'), 'cat/2.jpg': strToU8('two') });
  for (const damaged of [bytes.subarray(0, -40), strToU8('no zip at all'), new Uint8Array()]) {
    writeFileSync(file, damaged);
    await expect(findImageSet(file)).rejects.toMatchObject({
      code: 'UNREADABLE',
      what: expect.stringMatching(/cannot be unpacked: .*cut short/),
    });
  }
});
