import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainResult } from '../../src/results/explainResult.ts';
import { predictResult } from '../../src/results/predictResult.ts';
import { drawImageSet } from '../drawn.ts';
import { carafe, temporaryFolder } from './carafe.ts';

const folder = temporaryFolder();
const photos = join(folder, 'photos');
const cache = join(folder, 'cache');
const classifier = join(folder, 'out', 'classifier.onnx');
const page = join(folder, 'why.html');
const photo = join(photos, 'circle', '3.jpg');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  await drawImageSet(photos, 12);
  expect(await carafe(['train', photos, '--folds', '2', '--out', join(folder, 'out')], cache)).toMatchObject({
    code: 0,
  });
});

test('explains a photo as text, as JSON and as a page', async () => {
  const words = ['explain', classifier, photo, '--photos', photos, '--html', page];
  const { code, stdout } = await carafe(words, cache);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Its fingerprint: 1,280 numbers/);
  expect(stdout).toMatch(/Evidence for circle[\s\S]*│[\s\S]*unit {2}value/);
  // The photo itself is one of the 36.
  expect(stdout).toContain('The most similar of 35 other photos');
  expect(stdout).toMatch(/unit +value +average +effect/);
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('Evidence for each class');
  const json = await carafe([...words, '--json'], cache);
  const result = explainResult.strict().parse(JSON.parse(json.stdout));
  expect(result.features).toHaveLength(1280);
  expect(result).toMatchObject({ compared: 35, isKnown: true });
  expect(result.neighbours).toHaveLength(8);
  expect(result.neighbours.map(({ path }) => path)).not.toContain('circle/3.jpg');
  expect(result.classes[0].map?.values).toHaveLength(36);
});

test('what predict calls unknown is called so', async () => {
  const noise = join(folder, 'noise.png');
  const data = Buffer.from(Uint8Array.from({ length: 96 * 96 * 3 }, (_, i) => (i * i * 31 + (i >> 3) * 57) % 256));
  await sharp(data, { raw: { width: 96, height: 96, channels: 3 } }).toFile(noise);
  const { stdout: predicted } = await carafe(['predict', classifier, noise], cache);
  expect(predicted).toContain('unknown');
  const words = ['explain', classifier, noise, '--html', page];
  expect((await carafe(words, cache)).stdout).toMatch(/noise.png: unknown, .*nearest: /);
  expect(readFileSync(page, 'utf8')).toContain('unknown <small>');
  const { stdout } = await carafe([...words, '--json'], cache);
  expect(explainResult.strict().parse(JSON.parse(stdout)).isKnown).toBe(false);
});

test('unless photos are named, they are those that the classifier learned from, where the cache saw them', async () => {
  const words = ['explain', classifier, photo, '--html', page];
  // Known to the cache, but not learned from.
  await drawImageSet(join(folder, 'more'), 1);
  await carafe(['predict', classifier, join(folder, 'more')], cache);
  const { stdout } = await carafe(words, cache);
  expect(stdout).toContain('The most similar of 35 other photos it learned from');
  expect(stdout).toMatch(/unit +value +average +effect/);
  const own = explainResult.strict().parse(JSON.parse((await carafe([...words, '--json'], cache)).stdout));
  const named = await carafe([...words, '--photos', photos, '--json'], cache);
  const { neighbours } = explainResult.strict().parse(JSON.parse(named.stdout));
  expect(own.neighbours.map(({ path }) => path)).toEqual(neighbours.map(({ path }) => path));
});

test('without photos to compare with it says how to name some; mistakes are told', async () => {
  const words = ['explain', classifier, photo, '--html', page];
  const alone = await carafe(words, join(folder, 'another-cache'));
  expect(alone.stdout).toContain('name photos with --photos');
  expect(alone.stdout).toMatch(/unit +value +effect/);
  expect(alone.stdout).not.toContain('average');
  expect(alone.stdout).toContain('if the unit had the value zero');
  expect(readFileSync(page, 'utf8')).not.toContain('>average<');
  // Neighbours need no classes.
  const flat = await carafe(['explain', classifier, photo, '--html', page, '--photos', join(photos, 'circle')], cache);
  expect(flat).toMatchObject({ code: 0, stdout: expect.stringContaining('The most similar of 11 other photos') });
  const folders = await carafe(['explain', classifier, photos], cache);
  expect(folders).toMatchObject({ code: 2, stderr: expect.stringContaining('is a folder') });
  const missing = await carafe(['explain', classifier, join(photos, 'none.jpg')], cache);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('none.jpg') });
  const none = await carafe(['explain', join(folder, 'none.onnx'), photo], cache);
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('none.onnx') });
});

test('predict --why shows the most similar photos it learned from, never the photo itself, and says where none is left', async () => {
  const words = ['predict', classifier, photo, '--why'];
  const { predictions, learned } = predictResult
    .strict()
    .parse(JSON.parse((await carafe([...words, '--json'], cache)).stdout));
  expect(learned).toEqual({ folder: `${photos}/`, photos: 36 });
  const [prediction] = predictions;
  if (!prediction || 'code' in prediction) throw new TypeError('an answer is wanted');
  const { evidence = [] } = prediction;
  expect(evidence).toHaveLength(3);
  expect(evidence.map(({ path }) => path)).not.toContain(photo);
  // As `explain` has them.
  const explained = await carafe(['explain', classifier, photo, '--html', page, '--json'], cache);
  const { neighbours } = explainResult.parse(JSON.parse(explained.stdout));
  expect(evidence.map(({ path }) => path)).toEqual(neighbours.slice(0, 3).map(({ path }) => join(photos, path)));

  const shown = await carafe(words, cache);
  expect(shown.stdout).toContain(`\n    ${neighbours[0].path} `);
  expect(shown.stdout).toContain('Most similar of the 36 photos it learned from');
  const csv = (await carafe([...words, '--csv'], cache)).stdout.split('\n');
  expect(csv[0]).toMatch(/,evidence$/);
  expect(csv[1]).toContain(evidence.map(({ path }) => path).join('|'));
  const none = await carafe(words, join(folder, 'no-cache'));
  expect(none).toMatchObject({ code: 0, stdout: expect.stringContaining('The cache holds none of the photos') });
});
