/** Features computed in shares, merged, and trained on, from a folder and from a bucket. */

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { extract, merge, study, train, trainOneClass } from '../../src/index.ts';
import { openPlace } from '../../src/objects/open.node.ts';
import { drawImageSet } from '../drawn.ts';
import { keys, startS3 } from '../objects/s3.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
const photos = join(folder, 'photos');
const backbone = tinyNetworkFile();
const one = { backbone, threads: 1 };
let s3: Awaited<ReturnType<typeof startS3>>;

beforeAll(async () => {
  s3 = await startS3();
  Object.assign(process.env, keys, { CARAFE_CACHE: join(folder, 'cache'), AWS_ENDPOINT_URL_S3: s3.endpoint });
  await drawImageSet(photos, 12);
  writeFileSync(join(photos, 'circle/broken.jpg'), 'no photo');
});
afterAll(async () => {
  await s3.close();
  rmSync(folder, { recursive: true, force: true });
});

test('shares of any processes make the same files as one process, and each is computed once', async () => {
  const [shared, alone] = [join(folder, 'shared'), join(folder, 'alone')];
  for (const index of [1, 2, 3]) {
    const { parts, failed } = await extract(photos, { ...one, out: shared, shard: { index, of: 3 } });
    expect(parts).toEqual({ all: 3, own: 1, there: 0 });
    for (const { path, code } of failed) expect([path, code]).toEqual(['circle/broken.jpg', 'NOT_AN_IMAGE']);
  }
  const whole = await extract(photos, { ...one, out: alone, shard: { index: 1, of: 3 } });
  expect(whole.photos.found).toBe(37);
  const [first] = readdirSync(alone);
  expect(readFileSync(join(alone, first))).toEqual(readFileSync(join(shared, first)));
  expect((await extract(photos, { ...one, out: shared, shard: { index: 2, of: 3 } })).parts.there).toBe(1);
});

test('merged, they are trained on as the photos are', async () => {
  const [parts, merged] = [join(folder, 'exact'), join(folder, 'merged')];
  for (const index of [1, 2])
    await extract(photos, { ...one, out: parts, precision: 'float32', shard: { index, of: 2 } });
  const { photos: counts, classes } = await merge(parts, { out: merged });
  expect(counts).toEqual({ usable: 36, copies: 0, failed: 1 });
  expect(classes.map(({ count }) => count)).toEqual([12, 12, 12]);
  const warnings: string[] = [];
  const out = join(folder, 'out');
  const onFeatures = await train(merged, { out, threads: 1, onWarning: (text) => warnings.push(text) });
  const onPhotos = await train(photos, { ...one, out });
  expect(warnings.join()).toMatch(/1 of 37 photos could not be used.*circle\/broken\.jpg/);
  expect(onFeatures.images).toMatchObject({ cached: 36, computed: 0 });
  expect(onFeatures.task === 'single-label' && onFeatures.evaluation.accuracy).toEqual(
    onPhotos.task === 'single-label' && onPhotos.evaluation.accuracy,
  );
  // The photos still lie where they were, so the report shows them.
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('data:image/webp');
});

test('photos that are gone need not be read again, whatever network they went through', async () => {
  const [moved, features] = [join(folder, 'moved'), join(folder, 'moved-features')];
  const isFew = (path: string) => !/\d\d\.jpg$|[6-9]\.jpg$/.test(path);
  cpSync(photos, moved, { recursive: true, filter: isFew });
  await extract(moved, { out: features, threads: 1 });
  rmSync(moved, { recursive: true });
  process.env.CARAFE_CACHE = join(folder, 'another-cache');
  const out = join(folder, 'of-moved');
  const { backbone: seen, evaluation } = await train(features, { out, threads: 1, folds: 2, head: 'prototype' });
  expect(seen).toMatchObject({ name: 'carafe-s', framing: 'crop' });
  expect(evaluation).toBeDefined();
  const normal = await trainOneClass(features, { out, threads: 1, normal: 'circle', force: true });
  expect([normal.head.name, normal.backbone.width]).toEqual(['gaussian', seen.width]);
  expect((await study(features, { out, threads: 1, depth: 'quick' })).points.length).toBeGreaterThan(1);
  // Who asks for more reads the photos.
  await expect(train(features, { out, threads: 1, depths: 'all' })).rejects.toMatchObject({
    code: 'ALL_IMAGES_FAILED',
  });
});

test('what does not fit together is refused, and says what to do', async () => {
  const mixed = join(folder, 'mixed');
  await extract(photos, { ...one, out: mixed, shard: { index: 1, of: 2 } });
  await expect(train(mixed, { out: join(folder, 'never') })).rejects.toThrow(/lacks 1 of 2 parts: 2.*carafe extract/s);
  await extract(photos, { ...one, out: mixed, precision: 'int8' });
  await expect(merge(mixed, { out: join(folder, 'never') })).rejects.toThrow(/features of 2 extractions/);
  const whole = join(folder, 'whole');
  await extract(photos, { ...one, out: whole });
  await expect(train(whole, { out: join(folder, 'never'), groupBy: 'x' })).rejects.toThrow(/`groupBy` cannot be used/);
  await expect(merge(whole, { out: whole })).rejects.toThrow(/where the parts lie/);
  await expect(merge(photos, { out: whole })).rejects.toThrow(/holds no features/);
  const [name] = readdirSync(whole);
  writeFileSync(join(whole, name), readFileSync(join(whole, name)).subarray(0, 1000));
  await expect(train(whole, { out: join(folder, 'never') })).rejects.toThrow(/cut short.*extract that part again/s);
  await expect(extract(photos, { ...one, out: whole, shard: { index: 3, of: 2 } })).rejects.toThrow(/`shard`/);
});

test('a part of which no photo is to be found is not written: a disk is not mounted', async () => {
  const list = join(folder, 'list.csv');
  writeFileSync(list, 'path,label\ngone/1.jpg,a\ngone/2.jpg,b\n');
  const out = join(folder, 'gone');
  await expect(extract(list, { ...one, out })).rejects.toThrow(expect.objectContaining({ code: 'ALL_IMAGES_FAILED' }));
  expect(existsSync(out)).toBe(false);
});

test('photos without classes', async () => {
  const flat = join(folder, 'flat');
  mkdirSync(flat);
  for (let i = 0; i < 3; i++) copyFileSync(join(photos, `circle/${i}.jpg`), join(flat, `${i}.jpg`));
  expect((await extract(flat, { ...one, out: join(folder, 'flat-features') })).photos).toMatchObject({ usable: 3 });
});

test('photos in a bucket are trained on where they lie, and their features go into a bucket', async () => {
  const bucket = openPlace('s3://photos/a set');
  for (const label of ['circle', 'cross'])
    for (let i = 0; i < 8; i++) await bucket.write(`${label}/${i}.jpg`, readFileSync(join(photos, label, `${i}.jpg`)));
  await bucket.write('circle/empty.jpg', new Uint8Array());
  await bucket.write('notes.txt', Uint8Array.of(1));
  const features = 's3://photos/features';
  const { photos: counts, failed } = await extract('s3://photos/a set', { ...one, out: features });
  expect(counts).toEqual({ found: 17, computed: 17, usable: 16 });
  expect(failed).toEqual([expect.objectContaining({ path: 'circle/empty.jpg', code: 'EMPTY' })]);
  const out = join(folder, 'bucket-out');
  expect((await train(features, { out, threads: 1 })).images.found).toBe(16);
  const direct = await train('s3://photos/a set', { ...one, out });
  expect(direct.images).toMatchObject({ found: 17, source: 's3://photos/a set' });
  await expect(train('s3://photos/nothing', { ...one, out })).rejects.toThrow(/contains no photos/);
  await expect(train('s3://photos/list.csv', { ...one, out })).rejects.toThrow(/list in a bucket/);
});
