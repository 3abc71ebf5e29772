import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isStale } from './freshBuild.ts';

let folder = '';
let built = '';
const at = (path: string, seconds: number) => utimesSync(path, seconds, seconds);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carafe-stale-'));
  built = join(folder, 'built.js');
  mkdirSync(join(folder, 'src/deep'), { recursive: true });
  for (const path of ['built.js', 'src/deep/a.ts', 'src/b.ts']) writeFileSync(join(folder, path), path);
  for (const path of ['src/deep/a.ts', 'src/b.ts', 'src/deep', 'src']) at(join(folder, path), 1000);
  at(built, 2000);
});
afterEach(() => rmSync(folder, { recursive: true }));

const stale = () => isStale([join(folder, 'src')], built);

test('a build is fresh that was written after all of its sources', () => {
  expect(stale()).toBe(false);
});

test.each([
  ['a source was changed', () => at(join(folder, 'src/deep/a.ts'), 3000)],
  ['a source came', () => writeFileSync(join(folder, 'src/deep/c.ts'), '')],
  ['a source was taken away', () => rmSync(join(folder, 'src/deep/a.ts'))],
  ['a source was renamed', () => renameSync(join(folder, 'src/b.ts'), join(folder, 'src/d.ts'))],
  ['there is no build', () => rmSync(built)],
])('a build is stale where %s', (_, change) => {
  change();
  expect(stale()).toBe(true);
});
