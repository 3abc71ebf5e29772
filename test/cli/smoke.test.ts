import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { predictResult } from '../../src/results/predictResult.ts';
import { drawImageSet } from '../drawn.ts';
import { carafeProcess as carafe, temporaryFolder } from './carafe.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// What everybody does first, from the built command, with the embedded network: `npm run smoke`.
test('trains on a folder, proves the file, and names a photo', async () => {
  const [photos, out, cache] = ['photos', 'out', 'cache'].map((name) => join(folder, name));
  await drawImageSet(photos, 10);
  const trained = await carafe(['train', photos, '--out', out], cache);
  expect(trained).toMatchObject({ code: 0, stdout: expect.stringContaining('30 images: 0 cached, 30 computed') });
  for (const name of ['classifier.onnx', 'report.html']) expect(existsSync(join(out, name))).toBe(true);
  expect(await carafe(['verify', out], cache)).toMatchObject({ code: 0 });
  const { stdout } = await carafe(['predict', out, join(photos, 'circle'), '--json'], cache);
  expect(predictResult.parse(JSON.parse(stdout)).predictions).toHaveLength(10);
});
