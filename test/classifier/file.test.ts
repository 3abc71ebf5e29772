import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadClassifier } from '../../src/index.ts';
import { readModel } from '../../src/onnx/read.ts';
import { decodeWhole, drawScene } from '../images/draw.ts';
import { drawnFolder, drawnSet, trainDrawn } from '../trained.ts';

// One training on drawn photos, with the embedded backbone; what is asked here is asked of the file that it wrote.
const python = '/usr/bin/python3';
const hasChecker = spawnSync(python, ['-c', 'import onnx']).status === 0;
if (!hasChecker)
  console.log(`test/classifier/file.test.ts: onnx.checker skipped, ${python} has no onnx (python3-onnx)`);

const folder = await drawnFolder(12);
const file = join(folder, 'out/classifier.onnx');
const sizes = [
  [192, 192],
  [120, 160],
  [641, 333],
  [7, 300],
  [1, 1],
] as const;
let bytes: Uint8Array;
let inNode: ort.InferenceSession;
let inWeb: web.InferenceSession;

beforeAll(async () => {
  await trainDrawn(folder);
  bytes = readFileSync(file);
  inNode = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  inWeb = await web.InferenceSession.create(bytes, { logSeverityLevel: 3 });
}, 120_000);

function photos(count: number, height: number, width: number): Uint8Array {
  const { data } = drawScene(width, height);
  const all = new Uint8Array(count * data.length);
  for (let i = 0; i < count; i++)
    all.set(
      data.map((value, at) => (at % (i + 2) === 0 ? 255 - value : value)),
      i * data.length,
    );
  return all;
}

const node = (data: Uint8Array, height: number, width: number) =>
  inNode.run({ image: new ort.Tensor('uint8', data, [data.length / height / width / 3, height, width, 3]) });
const browser = (data: Uint8Array, height: number, width: number) =>
  inWeb.run({ image: new web.Tensor('uint8', data, [data.length / height / width / 3, height, width, 3]) });

describe('without any code of Carafe’s', () => {
  test('says what goes in and what comes out', () => {
    expect(inNode.inputMetadata).toMatchObject([{ name: 'image', type: 'uint8', shape: ['N', 'height', 'width', 3] }]);
    expect(inNode.outputMetadata).toMatchObject([
      { name: 'probabilities', type: 'float32', shape: ['N', 3] },
      { name: 'set', type: 'bool', shape: ['N', 3] },
      { name: 'unknownScore', type: 'float32', shape: ['N'] },
      { name: 'isKnown', type: 'bool', shape: ['N'] },
      { name: 'features', type: 'float32', shape: ['N', 1280] },
    ]);
  });

  test.each(sizes)(
    'a photo of %i x %i runs in Node and in the browser’s runtime, to the same answer',
    async (height, width) => {
      for (const count of [1, 3]) {
        const data = photos(count, height, width);
        const [one, two] = [await node(data, height, width), await browser(data, height, width)];
        for (const { probabilities, features } of [one, two]) {
          expect(probabilities.dims).toEqual([count, 3]);
          expect(features.dims).toEqual([count, 1280]);
          for (let photo = 0; photo < count; photo++) {
            const row = floats(probabilities).slice(photo * 3, photo * 3 + 3);
            expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
            expect(row.reduce((sum, value) => sum + value)).toBeCloseTo(1, 5);
          }
        }
        expect(largestDifference(floats(one.probabilities), floats(two.probabilities))).toBeLessThan(1e-3);
        expect(largestDifference(floats(one.features), floats(two.features))).toBeLessThan(1e-3);
      }
    },
  );

  test('a photo’s answer does not depend on its neighbours in the batch', async () => {
    const [height, width] = [120, 160];
    const all = photos(3, height, width);
    const together = floats((await node(all, height, width)).probabilities);
    for (let photo = 0; photo < 3; photo++) {
      const size = height * width * 3;
      const alone = floats((await node(all.slice(photo * size, (photo + 1) * size), height, width)).probabilities);
      expect(largestDifference(alone, together.slice(photo * 3, photo * 3 + 3))).toBeLessThan(1e-5);
    }
  });

  test('agrees with predict on a photo that it decodes by itself', async () => {
    const classifier = await loadClassifier(file);
    for (const label of ['circle', 'cross', 'square']) {
      const photo = readFileSync(join(folder, drawnSet, label, '0.jpg'));
      const { height, width, data } = await decodeWhole(photo);
      const raw = floats((await node(data, height, width)).probabilities);
      const { classes } = await classifier.predict(photo);
      const sameOrder = classifier.labels.map((name) => classes.find(({ label }) => label === name)?.probability ?? -1);
      expect(largestDifference(raw, sameOrder)).toBeLessThan(0.01);
    }
    await classifier.release();
  });

  test.skipIf(!hasChecker)('onnx.checker accepts it, and reads the labels', () => {
    const script = `
import json, sys, onnx
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
metadata = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
print(json.dumps(metadata["carafe.labels"]))`;
    const out = execFileSync(python, ['-c', script, file], { encoding: 'utf8' });
    expect(JSON.parse(out)).toEqual(['circle', 'cross', 'square']);
  });
});

describe('the bytes', () => {
  test('are the same for the same photos, settings and seed: from the cache, and computed anew on one thread', async () => {
    await trainDrawn(folder, { out: join(folder, 'again') });
    process.env.CARAFE_CACHE = join(folder, 'cache-anew');
    await trainDrawn(folder, { out: join(folder, 'anew'), threads: 1 });
    for (const out of ['again', 'anew'])
      expect(readFileSync(join(folder, out, 'classifier.onnx')).equals(bytes)).toBe(true);
  });

  test('change with the seed that deals out the folds', async () => {
    await trainDrawn(folder, { out: join(folder, 'other'), seed: 1 });
    expect(readFileSync(join(folder, 'other/classifier.onnx')).equals(bytes)).toBe(false);
  });

  test('hold no path and no date', () => {
    const text = Buffer.from(bytes).toString('latin1');
    for (const word of [basename(folder), drawnSet, '.jpg', 'classifier.onnx']) expect(text).not.toContain(word);
    expect([...readModel(bytes, file).metadata.values()].join('\n')).not.toMatch(/\d{4}-\d\d|\d\d:\d\d/);
  });
});

function floats(tensor: ort.Tensor | web.Tensor): Float32Array {
  if (!(tensor.data instanceof Float32Array)) throw new TypeError(`expected float32, got ${tensor.type}`);
  return tensor.data;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}
