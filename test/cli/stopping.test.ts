import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trainResult } from '../../src/report/trainResult.ts';
import { drawImageSet } from '../drawn.ts';
import { carafe, start, temporaryFolder } from './carafe.ts';

const folder = temporaryFolder();
const photos = join(folder, 'photos');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => drawImageSet(photos, 200));

/** Stops a run on one core as soon as it has said that photos are done. */
async function stopped(signal: NodeJS.Signals, cache: string) {
  const { child, ended } = start(['train', photos, '--out', join(folder, 'out'), '--threads', '1', '--json'], cache);
  child.stderr?.on('data', (text: string) => {
    if (/^[1-9]\d* of 600 photos/m.test(text)) child.kill(signal);
  });
  return ended;
}

test.each(['SIGINT', 'SIGKILL'] as const)('after %s the next run goes on from there', async (signal) => {
  const cache = join(folder, signal);
  const { code, stdout, stderr } = await stopped(signal, cache);
  if (signal === 'SIGINT') {
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
    expect(stderr).not.toMatch(/\n\s+at /);
  }
  const next = await carafe(['train', photos, '--out', join(folder, 'out'), '--json'], cache);
  const { images } = trainResult.parse(JSON.parse(next.stdout));
  expect(images.cached + images.computed).toBe(600);
  expect(images.cached).toBeGreaterThan(0);
  expect(images.computed).toBeGreaterThan(0);
});

test('two runs on one cache at the same time both end well', async () => {
  const cache = join(folder, 'shared');
  const both = await Promise.all(
    ['a', 'b'].map((name) => carafe(['train', photos, '--out', join(folder, name), '--json'], cache)),
  );
  for (const { code, stdout } of both) {
    expect(code).toBe(0);
    expect(trainResult.parse(JSON.parse(stdout)).images.failed).toEqual([]);
  }
});
