import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableFolders } from '../../src/features/tableFolders.node.ts';
import { trainResult } from '../../src/results/trainResult.ts';
import { drawImageSet } from '../drawn.ts';
import { carafe, onTinyNetwork, start as startEmbedded, temporaryFolder } from './carafe.ts';

const { start } = onTinyNetwork();
const folder = temporaryFolder();
const photos = join(folder, 'photos');
const few = join(folder, 'few');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await drawImageSet(photos, 40);
  await drawImageSet(few, 20);
});

/** Each photo is looked at once, and the head takes no time. */
const simply = ['--framing', 'crop', '--head', 'prototype'];
/** On the network that takes its time. */
const train = ['train', photos, '--out', join(folder, 'out'), ...simply];

/** Stops a run on one core when features are first stored, after 50 of 120 photos. */
async function stopped(signal: NodeJS.Signals, cache: string) {
  const { child, ended } = startEmbedded([...train, '--threads', '1', '--json'], cache);
  const { vectors } = tableFolders(cache);
  const isStored = () =>
    existsSync(vectors) && readdirSync(vectors).some((space) => existsSync(join(vectors, space, 'data.mdb')));
  while (!isStored() && child.exitCode === null) await setTimeout(20);
  // A moment for what is written.
  await setTimeout(200);
  child.kill(signal);
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
  const next = await carafe([...train, '--folds', '2', '--json'], cache);
  const { images } = trainResult.parse(JSON.parse(next.stdout));
  expect(images.cached + images.computed).toBe(120);
  expect(images.cached).toBeGreaterThan(0);
  expect(images.computed).toBeGreaterThan(0);
});

test('Ctrl-C while a head is fitted ends with 130 and no talk of a fault', async () => {
  const curves = join(folder, 'curves');
  const args = ['train', few, '--head', 'mlp', '--tensorboard', curves, '--out', join(folder, 'out')];
  const { child, ended } = start(args, join(folder, 'fitting'));
  // The first settings that were tried stand in the event file: others are being fitted.
  const watch = setInterval(() => {
    const file = join(curves, 'events.out.tfevents.carafe');
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < 200) return;
    clearInterval(watch);
    child.kill('SIGINT');
  }, 10);
  const { code, stdout, stderr } = await ended;
  clearInterval(watch);
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toContain('error: Interrupted.\nStart it again');
});

test('Ctrl-C ends a study and its threads', async () => {
  const { child, ended } = start(['study', few, '--threads', '2', '--out', join(folder, 'out')], join(folder, 'study'));
  // By then its threads are at work, for half a minute more; on a slow machine photos are still being looked at.
  await setTimeout(2500);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/^(\d+ of 60 .*\n)*error: (Extraction was i|I)nterrupted\.\n.*\n$/);
});

test('two runs on one cache at the same time both end well', async () => {
  const cache = join(folder, 'shared');
  const both = await Promise.all(
    ['a', 'b'].map(
      (name) => start(['train', few, '--out', join(folder, name), '--folds', '2', ...simply, '--json'], cache).ended,
    ),
  );
  for (const { code, stdout } of both) {
    expect(code).toBe(0);
    expect(trainResult.parse(JSON.parse(stdout)).images.failed).toEqual([]);
  }
});
