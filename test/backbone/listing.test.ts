import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/backbone/catalogue.ts';
import { embeddedFile } from '../../src/backbone/embedded.node.ts';
import { embedded } from '../../src/backbone/embedded.ts';
import { inspectFile } from '../../src/backbone/inspectFile.node.ts';
import { listBackbones } from '../../src/backbone/listBackbones.node.ts';
import { resolveBackbone } from '../../src/backbone/resolve.node.ts';
import { parsePreprocessing } from '../../src/images/preprocessingConfig.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { backbonesResult } from '../../src/results/backbonesResult.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { denseHead, weights } from '../onnx/networks.ts';

test('the catalogue has an entry of each kind, and each is complete', () => {
  const kinds = [
    /inception-v3/,
    /resnet-50/,
    /mobilenet-v2/,
    /mobilenet-v3/,
    /mobilenet-v4/,
    /efficientnet/,
    /convnext/,
    /vit/,
    /dinov2/,
    /clip/,
  ];
  for (const kind of kinds)
    expect(
      catalogue.filter(({ name }) => kind.test(name)),
      String(kind),
    ).not.toEqual([]);
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  for (const { name, repo, revision, preprocessing, inputSize } of catalogue) {
    expect(repo, name).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(revision, name).toMatch(/^(main|[0-9a-f]{40})$/);
    if (preprocessing !== undefined)
      expect(parsePreprocessing(preprocessing, name).crop).toEqual({ height: inputSize, width: inputSize });
  }
});

test('the list says what is here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carafe-list-'));
  const backbones = await listBackbones(folder);
  await rm(folder, { recursive: true });
  backbonesResult.parse({ version: '1', command: 'backbones', backbones });
  expect(backbones.map(({ name }) => name)).toEqual(['embedded', ...catalogue.map(({ name }) => name)]);
  expect(backbones.filter(({ downloaded }) => downloaded).map(({ name }) => name)).toEqual(['embedded']);
});

test("the embedded backbone's figures are what inspecting its file gives", async () => {
  const [embedded] = await listBackbones('none');
  const { totals, cut, bytes } = await inspectFile('embedded', { openSession, modelFolder: 'none' });
  expect(totals).toMatchObject({ parameters: embedded?.parameters, macs: embedded?.macs });
  expect(cut?.chosen.width).toBe(embedded?.width);
  expect(bytes).toBe(13_574_839);
});

test('the embedded network is recognised wherever its file lies', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carafe-copy-'));
  const copy = join(folder, 'copy.onnx');
  await copyFile(embeddedFile, copy);
  const { preprocessing } = await resolveBackbone(copy, { openSession, modelFolder: 'none' });
  await rm(folder, { recursive: true });
  expect(preprocessing).toEqual(embedded.preprocessing);
});

test('a network that leaves the size of its photos free is inspected at the size of its preprocessing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carafe-size-'));
  const network = join(folder, 'free.onnx');
  const builder = new GraphBuilder();
  const image = builder.input('image', 'float32', ['N', 3, 'height', 'width']);
  const map = builder.node('Relu', [builder.node('Conv', [image, weights(builder, [8, 3, 3, 3], 1)])]);
  builder.output(denseHead(builder, builder.node('GlobalAveragePool', [map])), 'float32', ['N', 5], 'logits');
  await writeFile(network, builder.bytes());
  const size = async () => (await inspectFile(network, { openSession, modelFolder: 'none' })).inputSize;
  expect(await size()).toEqual({ height: 224, width: 224 });
  const stated = { size: { shortest_edge: 60 }, crop_size: { height: 40, width: 48 }, do_center_crop: true };
  await writeFile(
    join(folder, 'free.json'),
    JSON.stringify({ ...stated, resample: 2, image_mean: [0, 0, 0], image_std: [1, 1, 1] }),
  );
  expect(await size()).toEqual({ height: 40, width: 48 });
  await rm(folder, { recursive: true });
});

test.each([
  ['gone.onnx', 'NOT_FOUND'],
  ['resnet-500', 'USAGE'],
  ['src', 'USAGE'],
])('nothing to inspect: %s', async (name, code) => {
  await expect(inspectFile(name, { openSession, modelFolder: 'none' })).rejects.toMatchObject({ code });
});
