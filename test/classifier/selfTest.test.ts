import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Classifier, type Verification } from '../../src/classifier/classifier.ts';
import { makeClassifier } from '../../src/classifier/make.ts';
import { deviation, drawSelfTest, rounded, selfTestFormula } from '../../src/classifier/selfTest.ts';
import { linearToGraph } from '../../src/heads/linear.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import type { Model } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { carafe } from '../cli/carafe.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { context, drawnCard, drawnHead, tinyBackbone, tinyClassifier } from './tiny.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-self-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let bytes: Uint8Array;
beforeAll(async () => {
  bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));
});

/** Opens the file after a change, and runs its self-test. */
async function verify(change: (model: Model) => Model): Promise<Verification> {
  const classifier = await Classifier.open(writeModel(change(readModel(bytes, 'tiny'))), 'tiny', openSession);
  return classifier.verify().finally(() => classifier.release());
}

test('draws what its formula says, by values worked out by hand', () => {
  expect(selfTestFormula).toBe(
    'pixel(y, x, c) = 255 - |((x * (5 + 4c) + y * (11 - 3c)) mod 510) - 255|, integers, c = 0 red, 1 green, 2 blue',
  );
  const { width, height, data } = drawSelfTest(60, 100);
  const at = (y: number, x: number) => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  expect([width, height, data.length]).toEqual([100, 60, 18_000]);
  expect(at(0, 0)).toEqual([0, 0, 0]);
  expect(at(0, 10)).toEqual([50, 90, 130]);
  expect(at(1, 0)).toEqual([11, 8, 5]);
  // 51 * 5 = 255 is the top; 51 * 9 = 459 and 51 * 13 = 663 are on the way down, and on the way up again.
  expect(at(0, 51)).toEqual([255, 51, 153]);
  // 99 * 5 + 59 * 11 = 1144, 99 * 9 + 59 * 8 = 1363, 99 * 13 + 59 * 5 = 1582.
  expect(at(59, 99)).toEqual([124, 167, 52]);
});

test('deviation of features is a share of their own size, and infinite where it cannot be told', () => {
  const expected = { features: [3, -3, 3, -3], probabilities: [0.25, 0.75] };
  const got = (features: number[], probabilities = [0.25, 0.75]) =>
    deviation(expected, { features: Float32Array.from(features), probabilities: Float32Array.from(probabilities) });
  expect(got([3, -3, 3, -3])).toEqual({ features: 0, probabilities: 0 });
  expect(got([3, -3, 4.5, -3])).toEqual({ features: 0.25, probabilities: 0 });
  expect(got([3, -3, 3, -3], [0.5, 0.5])).toEqual({ features: 0, probabilities: 0.25 });
  expect(got([3, -3, 3]).features).toBe(Number.POSITIVE_INFINITY);
  expect(got([3, Number.NaN, 3, -3]).features).toBe(Number.POSITIVE_INFINITY);
  expect(
    deviation(
      { features: [0], probabilities: [1] },
      { features: Float32Array.of(0), probabilities: Float32Array.of(1) },
    ),
  ).toEqual({
    features: 0,
    probabilities: 0,
  });
});

test('expected values keep six digits', () => {
  expect(rounded(Float32Array.of(1 / 3, -123_456_789, 0, 1e-9))).toEqual([0.333333, -123_457_000, 0, 1e-9]);
});

test('a file as it was made passes, at a size that needs no resizing and at one that does', async () => {
  const { passed, images, tolerance } = await verify((model) => model);
  expect(passed).toBe(true);
  expect(images.map(({ height, width }) => [height, width])).toEqual([
    [20, 26],
    [46, 65],
  ]);
  for (const { features, probabilities } of images) {
    expect(features).toBeLessThan(tolerance.features / 2);
    expect(probabilities).toBeLessThan(tolerance.probabilities / 2);
  }
  expect(images[0].features).toBeLessThan(1e-4);
});

/** Turns the sign of every stored float of one tensor, found by its size. */
function flipped(model: Model, elements: number): Model {
  let flips = 0;
  const initializers = model.graph.initializers.map((tensor) => {
    if (tensor.type !== 'float32' || tensor.bytes.length !== elements * 4) return tensor;
    flips++;
    const turned = tensor.bytes.slice();
    for (let i = 3; i < turned.length; i += 4) turned[i] ^= 0x80;
    return { ...tensor, bytes: turned };
  });
  expect(flips).toBe(1);
  return { ...model, graph: { ...model.graph, initializers } };
}

test.each([
  ['the head', 8 * 3, 'probabilities'],
  ['the backbone', 8 * 3 * 3 * 3, 'features'],
] as const)('a file with other weights in %s fails, in process and as a command', async (_, elements, where) => {
  const { passed, images, tolerance } = await verify((model) => flipped(model, elements));
  expect(passed).toBe(false);
  expect(Math.max(...images.map((image) => image[where]))).toBeGreaterThan(tolerance[where]);

  const file = join(folder, 'changed.onnx');
  writeFileSync(file, writeModel(flipped(readModel(bytes, 'tiny'), elements)));
  const ended = await carafe(['verify', file, '--json'], folder);
  expect(ended.code).toBe(3);
  expect(JSON.parse(ended.stdout)).toMatchObject({ command: 'verify', passed: false });
});

test('a self-test that a newer Carafe draws otherwise is not called a failure', async () => {
  const verification = verify((model) => {
    const text = model.metadata.get('carafe.selfTest') ?? '';
    return { ...model, metadata: new Map(model.metadata).set('carafe.selfTest', text.replace('mod 510', 'mod 512')) };
  });
  await expect(verification).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('Update') });
});

test('what does not answer as it was measured is not written', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  // A graph that changes from call to call stands for a head whose export differs from what was measured.
  let seed = 3;
  const head = {
    needs: 'pooled' as const,
    toGraph: (_: null, ...rest: [Parameters<typeof linearToGraph>[1], string]) =>
      linearToGraph(drawnHead(8, seed++), ...rest),
  };
  const made = makeClassifier({ backbone, head, fitted: null }, drawnCard(backbone), context, prepare);
  await expect(made).rejects.toMatchObject({ code: 'INTERNAL', hint: expect.stringContaining('Nothing was written') });
});
