import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nextResult } from '../../src/results/nextResult.ts';
import { drawImageSet } from '../drawn.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe, network } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const open = join(folder, 'open');
const labelled = join(folder, 'labelled');
const cache = join(folder, 'cache');
const list = join(folder, 'next.csv');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await drawImageSet(photos, 12);
  mkdirSync(open);
  for (const label of readdirSync(photos)) {
    mkdirSync(join(labelled, label), { recursive: true });
    for (const [i, name] of readdirSync(join(photos, label)).entries())
      copyFileSync(join(photos, label, name), i < 3 ? join(labelled, label, name) : join(open, `${label}-${name}`));
  }
});

const run = (...words: string[]) => carafe(['next', open, '--backbone', network, ...words], cache);

test('writes a list of photos to label, which training reads once labels are filled in', async () => {
  const { code, stdout } = await run('--count', '18', '--out', list);
  expect(code).toBe(0);
  expect(stdout).toContain('Label these 18 first');
  const lines = readFileSync(list, 'utf8').trimEnd().split('\n');
  expect(lines[0]).toBe('path,label,stands_for,looks_like,or');
  expect(lines).toHaveLength(19);
  const filled = lines.map((line, i) => {
    const [path, , ...rest] = line.split(',');
    return i === 0 ? line : [path, /(circle|cross|square)-/.exec(path)?.[1], ...rest].join(',');
  });
  writeFileSync(list, `${filled.join('\n')}\n`);
  const dry = await carafe(['train', list, '--dry-run'], cache);
  expect(dry).toMatchObject({ code: 0, stderr: '' });
});

test('with labelled photos it chooses what a classifier of these is unsure of, and copies into a folder', async () => {
  const out = join(folder, 'chosen');
  const words = ['--labelled', labelled, '--count', '4', '--out', out];
  const { stdout } = await run(...words, '--json');
  const result = nextResult.strict().parse(JSON.parse(stdout));
  expect(result).toMatchObject({ by: 'unsure', labelled: { photos: 9, classes: 3 }, written: out });
  expect(result.photos).toHaveLength(4);
  for (const { classes = [] } of result.photos) expect(classes).toHaveLength(2);
  expect(readdirSync(out).sort()).toEqual(
    result.photos.map(({ path }, i) => `${i + 1}-${path.slice(open.length + 1)}`).sort(),
  );
  // Copies: the photos stay where they are.
  for (const { path } of result.photos) expect(existsSync(path)).toBe(true);
  expect(await run(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('is not empty') });
});

test('a finished classifier says how sure it is, and what it learned from is not chosen', async () => {
  const trained = await carafe(['train', labelled, '--out', join(folder, 'out')], cache);
  expect(trained.code).toBe(0);
  const words = [
    'next',
    photos,
    '--classifier',
    join(folder, 'out'),
    '--count',
    '1000',
    '--out',
    join(folder, 'unsure.csv'),
    '--json',
  ];
  const { stdout } = await carafe(words, cache);
  const result = nextResult.strict().parse(JSON.parse(stdout));
  expect(result.by).toBe('unsure');
  const learned = readdirSync(labelled).flatMap((label) =>
    readdirSync(join(labelled, label)).map((name) => join(photos, label, name)),
  );
  expect(result.photos.length).toBeGreaterThan(3);
  for (const { path } of result.photos) expect(learned).not.toContain(path);
});

test('a list without labels is written anew, one with labels never', async () => {
  const out = join(folder, 'again.csv');
  for (const count of ['2', '3']) expect(await run('--count', count, '--out', out)).toMatchObject({ code: 0 });
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  const labelled = lines.map((line, i) => (i === 2 ? line.replace(',,', ',circle,') : line)).join('\n');
  writeFileSync(out, labelled);
  expect(await run('--out', out)).toMatchObject({ code: 2, stderr: expect.stringContaining('may hold labels') });
  expect(readFileSync(out, 'utf8')).toBe(labelled);
});

test('mistakes are told', async () => {
  const spare = join(folder, 'spare.csv');
  const all = await carafe(['next', labelled, '--backbone', network, '--labelled', labelled, '--out', spare], cache);
  expect(all).toMatchObject({ code: 2, stderr: expect.stringContaining('have labels already') });
  expect(await run('--count', '0')).toMatchObject({ code: 2, stderr: expect.stringContaining('--count') });
  expect(await carafe(['next', join(folder, 'nowhere')], cache)).toMatchObject({ code: 2 });
  const normal = await carafe(
    ['train', join(photos, 'circle'), '--one-class', '--out', join(folder, 'normal'), '--force'],
    cache,
  );
  expect(normal.code).toBe(0);
  const oneClass = await carafe(['next', open, '--classifier', join(folder, 'normal'), '--out', spare], cache);
  expect(oneClass).toMatchObject({ code: 2, stderr: expect.stringContaining('--classifier') });
});
