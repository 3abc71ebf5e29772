/** `carafe cache push` and `pull`: a colleague computes nothing. */

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawImageSet } from '../drawn.ts';
import { onTinyNetwork, temporaryFolder } from './carafe.ts';

const { carafe, network } = onTinyNetwork();
const folder = temporaryFolder();
const [mine, theirs, team] = ['mine', 'theirs', 'team'].map((name) => join(folder, name));
beforeAll(() => drawImageSet(join(folder, 'photos'), 6));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('photos that a colleague has looked at are read, and not computed', async () => {
  const train = (photos: string, cache: string) =>
    carafe(
      ['train', join(folder, photos), '--backbone', network, '--out', join(folder, `out of ${photos}`), '--json'],
      cache,
    );
  expect(JSON.parse((await train('photos', mine)).stdout).images.computed).toBe(18);
  const pushed = await carafe(['cache', 'push', team], mine);
  expect(pushed).toMatchObject({ code: 0 });
  expect(pushed.stdout).toMatch(
    /^Pushed \d+ vectors and \d+ records of photos in \d+ objects, .*B; 0 values were there already\n$/,
  );
  expect((await carafe(['cache', 'push', team], mine)).stdout).toMatch(
    /^Pushed 0 vectors and 0 records of photos in 0 objects/,
  );
  expect((await carafe(['cache', 'pull', team], theirs)).stdout).toMatch(/^Pulled \d+ vectors/);
  // The same photos elsewhere, under another folder's name.
  cpSync(join(folder, 'photos'), join(folder, 'their photos'), { recursive: true });
  expect(JSON.parse((await train('their photos', theirs)).stdout).images).toMatchObject({ computed: 0, cached: 18 });
});

test('an address that is missing, or too much, is said', async () => {
  const missing = await carafe(['cache', 'push'], mine);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('cache push lacks an address.');
  expect((await carafe(['cache', 'verify', team], mine)).stderr).toContain('cache verify takes no address.');
});
