import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { carafeProcess as carafe } from '../cli/carafe.ts';
import { drawnCache } from './drawnCache.ts';

/** Commands run as processes of their own: what LMDB does with a damaged file would end this one. */
const folder = mkdtempSync(join(tmpdir(), 'carafe-tables-'));
const whole = join(folder, 'whole');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tables = (cache: string) =>
  readdirSync(cache, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('data.mdb'))
    .sort()
    .map((name) => join(cache, name));

beforeAll(async () => {
  await drawnCache(whole, 400);
});

const cut = (share: number) => (file: string) => truncateSync(file, Math.floor(statSync(file).size * share));
const damages: [string, (file: string) => void][] = [
  ['cut in half', cut(0.5)],
  ['cut by one page', (file) => truncateSync(file, statSync(file).size - 8192)],
  ['cut after two pages', (file) => truncateSync(file, 16_384)],
  ['cut within the first page', (file) => truncateSync(file, 100)],
  ['of zeros', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  ['a text', (file) => writeFileSync(file, 'no database '.repeat(5000))],
  [
    'of random bytes behind its first page',
    (file) => {
      const bytes = readFileSync(file);
      for (let at = 8192; at < bytes.length; at++) bytes[at] = (at * 7919) >> 3;
      writeFileSync(file, bytes);
    },
  ],
  [
    'a folder',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
];

describe.each(damages)('tables %s', (name, damage) => {
  test.concurrent('are told, deleted by prune, and end no command', async () => {
    const cache = join(folder, name.replaceAll(' ', '-'));
    cpSync(whole, cache, { recursive: true });
    const files = tables(cache);
    expect(files).toHaveLength(4);
    for (const file of files) damage(file);
    const shown = await carafe(['cache'], cache);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/4 damaged tables, not used; `carafe cache prune` deletes them/);
    const verified = await carafe(['cache', 'verify', '--json'], cache);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(verified.stdout).unreadable).toHaveLength(4);
    const pruned = await carafe(['cache', 'prune'], cache);
    expect(pruned).toMatchObject({ code: 0, stderr: '' });
    expect(pruned.stdout).toContain('Deleted 4 damaged tables');
    expect(tables(cache)).toEqual([]);
  });
});

test('a run with damaged tables warns, and goes on in memory', async () => {
  const cache = join(folder, 'running');
  cpSync(whole, cache, { recursive: true });
  for (const file of tables(cache)) truncateSync(file, statSync(file).size - 8192);
  const ended = await carafe(['train', join(folder, 'nowhere')], cache);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/warning: The feature cache .* is damaged \(`carafe cache prune` deletes it\)/);
});

test('a whole cache is read as it was written', async () => {
  const verified = await carafe(['cache', 'verify', '--json'], whole);
  expect(JSON.parse(verified.stdout)).toEqual({ good: 1601, broken: 0, unreadable: [] });
});
