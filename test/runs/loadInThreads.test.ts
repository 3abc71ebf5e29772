import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadClassifier, loadFile, PhotoClassifier, predictPhotos } from '../../src/index.ts';
import { tinyBackbone, tinyClassifier } from '../classifier/tiny.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetwork } from '../onnx/networks.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-threads-'));
const file = join(folder, 'classifier.onnx');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await drawImageSet(join(folder, 'set'), 4);
  writeFileSync(file, await tinyClassifier(await tinyBackbone(tinyNetwork())));
});

test('a classifier in threads answers as one in this thread, photo by photo and in order', async () => {
  const [here, there] = [await loadClassifier(file), await loadFile(file, { workers: 3 })];
  if (!(there instanceof PhotoClassifier)) throw new Error('another kind of file');
  expect([here.parallel, there.parallel]).toEqual([1, 3]);
  const photos = [join(folder, 'set')];
  const [one, many] = [await predictPhotos(here, photos), await predictPhotos(there, photos)];
  expect(one.predictions.length).toBeGreaterThan(8);
  expect(many).toEqual(one);
  expect(await there.verify()).toEqual(await here.verify());
  await Promise.all([here.release(), there.release()]);
  await expect(there.predict(join(folder, 'set/circle/0.jpg'))).rejects.toThrow(/released/);
});

test('a number of workers that is none is refused', async () => {
  for (const workers of [0, 1.5, -1, Number.NaN])
    await expect(loadClassifier(file, { workers })).rejects.toMatchObject({ code: 'USAGE' });
});
