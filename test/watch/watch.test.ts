import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cacheContents,
  chooseVersion,
  loadClassifier,
  serve,
  type VersionRow,
  versions,
  type WatchEvent,
  watch,
} from '../../src/index.ts';
import { Random } from '../../src/numerics/random.ts';
import { onTinyNetwork, temporaryFolder } from '../cli/carafe.ts';

const folder = temporaryFolder();
const { network, start } = onTinyNetwork();
const cache = join(folder, 'cache');
process.env.CARAFE_CACHE = cache;
const drawn = join(folder, 'drawn');
const stops: AbortController[] = [];
beforeAll(drawStripes);
afterAll(() => {
  for (const stop of stops) stop.abort();
  rmSync(folder, { recursive: true, force: true });
});

const classes = ['across', 'diagonal', 'down'] as const;
const perClass = 24;

/** Stripes in three directions under noise: the tiny network tells them apart. */
async function drawStripes(): Promise<void> {
  for (const [at, label] of classes.entries()) {
    mkdirSync(join(drawn, label), { recursive: true });
    for (let i = 0; i < perClass; i++) {
      const random = new Random(`${label} ${i}`);
      const [slant, wide, start] = [
        random.normal() * 0.15 + (at * Math.PI) / 4,
        0.9 + 0.3 * random.uniform(),
        6 * random.uniform(),
      ];
      const data = Uint8Array.from({ length: 56 * 56 }, (_, place) => {
        const [x, y] = [place % 56, Math.floor(place / 56)];
        const wave = Math.sin(wide * (x * Math.sin(slant) + y * Math.cos(slant)) + start);
        return Math.max(0, Math.min(255, 128 + 50 * wave + 40 * random.normal()));
      });
      await sharp(data, { raw: { width: 56, height: 56, channels: 1 } })
        .jpeg()
        .toFile(join(drawn, label, `${i}.jpg`));
    }
  }
}

/** Copies drawn photos: `from` up to `to` of each class. */
function copyPhotos(photos: string, from: number, to: number): void {
  for (const label of readdirSync(drawn)) {
    mkdirSync(join(photos, label), { recursive: true });
    for (let i = from; i < to; i++) cpSync(join(drawn, label, `${i}.jpg`), join(photos, label, `${i}.jpg`));
  }
}

interface Watched {
  readonly photos: string;
  readonly out: string;
  readonly events: WatchEvent[];
  rows(): VersionRow[];
  /** The next version that is trained. */
  version(number: number): Promise<VersionRow>;
  stop(): Promise<void>;
}

/** Watches a folder with the photos 0 to 8 of each class. */
function watched(name: string, options: Parameters<typeof watch>[1] = {}): Watched {
  const [photos, out] = [join(folder, name, 'photos'), join(folder, name, 'out')];
  if (!existsSync(photos)) copyPhotos(photos, 0, 8);
  const stop = new AbortController();
  stops.push(stop);
  const events: WatchEvent[] = [];
  const done = watch(photos, {
    ...{ out, backbone: network, head: 'prototype', threads: 1, folds: 2, every: 0.05, signal: stop.signal },
    onEvent: (event) => events.push(event),
    ...options,
  });
  done.catch(() => {});
  const rows = () => events.flatMap((event) => (event.event === 'version' ? [event.row] : []));
  return {
    photos,
    out,
    events,
    rows,
    async version(number) {
      await expect.poll(() => rows().some(({ version }) => version === number), { timeout: 60_000 }).toBe(true);
      return rows().find(({ version }) => version === number) as VersionRow;
    },
    async stop() {
      stop.abort();
      await done;
    },
  };
}

test('new, changed and removed photos make new versions; a service beside it answers with them', async () => {
  const { photos, out, version, stop, events, rows } = watched('lives');
  const first = await version(1);
  expect(first).toMatchObject({ isTaken: true, photos: 24, reason: 'It is the first.' });
  const service = await serve(out, { port: 0, threads: 1 });
  const served = async () => (await (await fetch(`${service.address}/v1/models`)).json()).models[0].version;
  expect(first.sha256.startsWith(await served())).toBe(true);

  // A photo that is still being copied is waited for.
  const whole = readFileSync(join(drawn, 'across/20.jpg'));
  const late = join(photos, 'across/late.jpg');
  for (let part = 1; part <= 6; part++) {
    writeFileSync(late, whole.subarray(0, (whole.length * part) / 6));
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  copyPhotos(photos, 8, 12);
  rmSync(join(photos, 'down/0.jpg'));
  // Where the copies took longer than a look, there are more versions than one.
  await expect.poll(() => rows().at(-1)?.photos, { timeout: 60_000 }).toBe(24 + 12 + 1 - 1);
  expect(events.filter(({ event }) => event === 'failed' || event === 'warning')).toEqual([]);
  const all = await versions(out);
  const current = all.find(({ isCurrent }) => isCurrent);
  await expect.poll(served, { timeout: 20_000 }).toBe(current?.sha256.slice(0, 12));
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('What changed?');

  // Back by one command, and the service follows.
  await chooseVersion(out, 1);
  await expect.poll(served, { timeout: 20_000 }).toBe(first.sha256.slice(0, 12));
  await expect(chooseVersion(out, 99)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await service.close();
  await stop();
});

test('features of photos that hold still are computed while others come', async () => {
  const { photos, version, stop, rows, events } = watched('comes', { every: 0.3 });
  await version(1);
  const known = async () => (await cacheContents()).backbones.reduce((all, { vectors }) => all + vectors, 0);
  const before = await known();
  for (let i = 0; i < 6; i++)
    await sharp(join(drawn, 'across', `${i}.jpg`))
      .negate()
      .toFile(join(photos, 'across', `negative ${i}.jpg`));
  const late = join(photos, 'across/late.jpg');
  const whole = readFileSync(join(drawn, 'across/21.jpg'));
  for (let part = 1; part < 1000 && (await known()) < before + 6; part++)
    writeFileSync(late, whole.subarray(0, Math.ceil((whole.length * part) / 1000)));
  // No training has begun since the first.
  expect(events.filter(({ event }) => event === 'changed')).toHaveLength(1);
  writeFileSync(late, whole);
  await expect.poll(() => rows().at(-1)?.photos, { timeout: 60_000 }).toBe(24 + 7);
  await stop();
});

test('photos with wrong labels are refused, and what was there goes on, also where another process chose it', async () => {
  copyPhotos(join(folder, 'wrong/photos'), 0, 12);
  const { photos, out, version, stop } = watched('wrong', { keep: 2 });
  const good = await version(1);
  // The same photo, written once more.
  cpSync(join(drawn, 'across/0.jpg'), join(photos, 'across/0.jpg'));
  expect(await version(2)).toMatchObject({ isTaken: true });
  await chooseVersion(out, 1);
  const before = readFileSync(join(out, 'classifier.onnx'));
  // As many again of two classes, each under the name of the other.
  for (let i = 12; i < 24; i++) {
    cpSync(join(drawn, 'across', `${i}.jpg`), join(photos, 'down', `${i}.jpg`));
    cpSync(join(drawn, 'down', `${i}.jpg`), join(photos, 'across', `${i}.jpg`));
  }
  const bad = await version(3);
  await stop();
  expect(bad).toMatchObject({ isTaken: false, compared: { changed: expect.any(Number) } });
  expect(bad.accuracy?.value).toBeLessThan(good.accuracy?.value ?? 0);
  expect(readFileSync(join(out, 'classifier.onnx'))).toEqual(before);
  expect(readFileSync(join(out, 'versions/3/report.html'), 'utf8')).toContain('Wrong now, right before');
  // Two are kept, and the one that answers.
  expect(await versions(out)).toMatchObject([
    { isCurrent: true, isKept: true },
    { isCurrent: false, isKept: true },
    { isCurrent: false, isKept: true },
  ]);
});

test('a folder that is being cleared is waited for', async () => {
  copyPhotos(join(folder, 'cleared/photos'), 0, 12);
  const { photos, version, stop, rows } = watched('cleared', { every: 0.2 });
  await version(1);
  for (let i = 0; i < 6; i++) {
    for (const label of classes) rmSync(join(photos, label, `${i}.jpg`));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await version(2)).toMatchObject({ photos: 18 });
  await stop();
  expect(rows()).toHaveLength(2);
});

/** Watches a folder of one normal class, `across`, and one other, `down`, to test on. */
function watchedOneClass(name: string): Watched {
  const photos = join(folder, name, 'photos');
  copyNormal(photos, 0, 16);
  mkdirSync(join(photos, 'down'));
  for (let i = 0; i < 12; i++) cpSync(join(drawn, 'down', `${i}.jpg`), join(photos, 'down', `${i}.jpg`));
  return watched(name, { oneClass: true, normal: 'good', head: 'gaussian', folds: undefined, falsePositiveRate: 0.1 });
}

function copyNormal(photos: string, from: number, to: number): void {
  mkdirSync(join(photos, 'good'), { recursive: true });
  for (let i = from; i < to; i++) cpSync(join(drawn, 'across', `${i}.jpg`), join(photos, 'good', `${i}.jpg`));
}

test('one class: more normal photos make a version, defects among them one that is refused', async () => {
  const { photos, out, version, stop, events } = watchedOneClass('one class');
  expect(await version(1)).toMatchObject({ isTaken: true, photos: 28, classes: 1, reason: 'It is the first.' });
  copyNormal(photos, 16, 24);
  const second = await version(2);
  expect(second).toMatchObject({ isTaken: true, photos: 36, compared: { changed: expect.any(Number) } });
  expect(second.falsePositiveRate?.value).toBeLessThan(0.5);
  expect(second.caught?.value).toBeGreaterThan(0.8);
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('What changed?');
  const before = readFileSync(join(out, 'classifier.onnx'));
  // Defects like those that it is judged by, put among the normal photos.
  for (let i = 12; i < 24; i++) cpSync(join(drawn, 'down', `${i}.jpg`), join(photos, 'good', `down ${i}.jpg`));
  const third = await version(3);
  await stop();
  expect(events.filter(({ event }) => event === 'failed')).toEqual([]);
  expect(third).toMatchObject({ isTaken: false, reason: expect.stringContaining('abnormal photos caught') });
  expect(readFileSync(join(out, 'classifier.onnx'))).toEqual(before);
  expect(readFileSync(join(out, 'versions/3/report.html'), 'utf8')).toContain('Wrong now, right before');
  expect(await versions(out)).toMatchObject([{}, { isCurrent: true }, { isCurrent: false, isKept: true }]);
  await expect(watch(photos, { out, oneClass: true, minAccuracy: 0.9 })).rejects.toMatchObject({ code: 'USAGE' });
});

test('a version below what is asked for is refused', async () => {
  const { out, version, stop } = watched('gated', { minAccuracy: 0.999 });
  expect(await version(1)).toMatchObject({ isTaken: false, reason: expect.stringContaining('below the 99.9%') });
  expect(existsSync(join(out, 'classifier.onnx'))).toBe(false);
  await stop();
});

test('a folder that is away is waited for, and nothing is trained on what is left of it', async () => {
  const { photos, version, stop, events, rows } = watched('away');
  await version(1);
  renameSync(photos, `${photos} away`);
  await expect.poll(() => events.some(({ event }) => event === 'away'), { timeout: 20_000 }).toBe(true);
  mkdirSync(photos);
  await new Promise((resolve) => setTimeout(resolve, 300));
  rmSync(photos, { recursive: true });
  renameSync(`${photos} away`, photos);
  await expect.poll(() => events.some(({ event }) => event === 'back'), { timeout: 20_000 }).toBe(true);
  expect(rows()).toHaveLength(1);
  // A set that cannot be trained on is said once, and the next change is waited for.
  for (const label of ['diagonal', 'down']) rmSync(join(photos, label), { recursive: true });
  await expect.poll(() => events.filter(({ event }) => event === 'failed').length, { timeout: 20_000 }).toBe(1);
  copyPhotos(photos, 0, 9);
  expect(await version(2)).toMatchObject({ photos: 27 });
  await stop();
});

test('a thousand changes while it trains end in the state that is there', async () => {
  const { photos, version, stop, rows } = watched('busy');
  await version(1);
  const labels = readdirSync(drawn);
  for (let change = 0; change < 1000; change++) {
    const [label, i] = [labels[change % 3], 8 + (change % 16)];
    const file = join(photos, label, `${i}.jpg`);
    if (existsSync(file) && change % 5 === 0) rmSync(file);
    else cpSync(join(drawn, label, `${i}.jpg`), file);
    if (change % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const count = readdirSync(photos, { recursive: true }).filter((name) => String(name).endsWith('.jpg')).length;
  await expect.poll(() => rows().at(-1)?.photos, { timeout: 60_000 }).toBe(count);
  await stop();
});

test('killed at any moment, it goes on where it was, and the classifier is whole', async () => {
  const [photos, out] = [join(folder, 'killed/photos'), join(folder, 'killed/out')];
  copyPhotos(photos, 0, 8);
  const begin = () =>
    start(
      [
        'watch',
        photos,
        '--out',
        out,
        '--backbone',
        network,
        '--threads',
        '1',
        '--folds',
        '2',
        '--head',
        'prototype',
        '--every',
        '0.1s',
        '--json',
      ],
      cache,
    );
  for (let round = 0; round < 4; round++) {
    const { child, ended } = begin();
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
    });
    await expect.poll(() => text.includes('"changed"') || text.includes('"watching"'), { timeout: 60_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 350 * round));
    child.kill('SIGKILL');
    await ended;
    if (existsSync(join(out, 'classifier.onnx'))) await (await loadClassifier(out)).release();
    copyPhotos(photos, 8 + round, 9 + round);
  }
  // A line that was torn, and a publication that was not done.
  const journal = join(out, 'journal.jsonl');
  if (existsSync(journal)) writeFileSync(journal, `${readFileSync(journal, 'utf8')}{"version":7,"at`);
  rmSync(join(out, 'classifier.onnx'), { force: true });
  const { child, ended } = begin();
  await expect.poll(async () => (await versions(out)).at(-1)?.photos, { timeout: 60_000 }).toBe(36);
  const second = start(['watch', photos, '--out', out, '--backbone', network], cache);
  expect(await second.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('Another process') });
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
  const all = await versions(out);
  expect(new Set(all.map(({ version }) => version)).size).toBe(all.length);
  const { passed } = await (await loadClassifier(out)).verify();
  expect(passed).toBe(true);
});

test('a folder that was never there, or never watched, is told', async () => {
  const nowhere = join(folder, 'nowhere');
  await expect(watch(nowhere, { out: join(folder, 'of-nowhere') })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  for (const asked of [versions(nowhere), chooseVersion(nowhere, 1)])
    await expect(asked).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('no versions') });
});
