import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cutShape, requireAsListed } from '../../src/backbone/asListed.ts';
import { type CatalogueEntry, catalogue, catalogueEntry } from '../../src/backbone/catalogue.ts';
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

test('the catalogue has ten rows, each pinned and complete', () => {
  expect(catalogue.map(({ name }) => name)).toEqual([
    'mobilenet-v4-small',
    'mobilenet-v4-medium',
    'mobilenet-v3-21k',
    'mobilenet-v2',
    'resnet-50',
    'inception-v3',
    'convnext-tiny',
    'dinov2-small',
    'dinov3-small',
    'clip-vit-b32',
  ]);
  for (const { name, repo, revision, file, files = [], preprocessing, inputSize, megabytes } of catalogue) {
    expect(repo, name).toMatch(/^[\w.-]+\/[\w.-]+$/);
    // Of MobileNetV2's repository no commit is known.
    expect(revision, name).toMatch(name === 'mobilenet-v2' ? /^main$/ : /^[0-9a-f]{7}([0-9a-f]{33})?$/);
    for (const { path, sha256 } of files) expect(`${name} ${path} ${sha256}`).toMatch(/ [0-9a-f]{64}$/);
    if (files.length > 0) expect(files.map(({ path }) => path)).toContain(file);
    const bytes = files.map((stated) => stated.bytes ?? Number.NaN).reduce((sum, one) => sum + one, 0);
    if (bytes > 0) expect(Math.abs(bytes / 1e6 - megabytes), name).toBeLessThan(1);
    if (preprocessing !== undefined)
      expect(parsePreprocessing(preprocessing, name).crop).toEqual({ height: inputSize, width: inputSize });
  }
});

test('Inception v3 is framed as its weights were scored: 342 to 299', () => {
  const { preprocessing } = catalogueEntry('inception-v3') ?? {};
  expect(parsePreprocessing(preprocessing, 'inception-v3')).toMatchObject({
    resize: { rule: 'shortest-edge', size: 342 },
    crop: { height: 299, width: 299 },
  });
});

test('what is suggested after training is a row of the catalogue, at its size', () => {
  const { name, megabytes } = embedded.stronger;
  expect(catalogueEntry(name)).toMatchObject({ name, megabytes });
});

test.each<[string, Partial<CatalogueEntry>, string]>([
  ['another width', { width: 1024 }, 'it gives 1280 features where 1024 were expected'],
  ['another framing', { inputSize: 224 }, 'it takes photos of 192 x 192 pixels where 224 x 224 were expected'],
  ['another shape', { shape: '0123456789abcdef' }, 'where 0123456789abcdef was expected'],
])('a file with %s than the catalogue states is noticed', async (_, changes, what) => {
  const backbone = await resolveBackbone('embedded', { openSession, modelFolder: 'none' });
  const entry: CatalogueEntry = {
    ...{ name: 'own', repo: 'a/b', revision: 'main', file: 'c.onnx', licence: 'MIT', parameters: 1, macs: 1 },
    ...{ megabytes: 1, width: 1280, inputSize: 192, shape: cutShape(backbone.network) },
  };
  expect(() => requireAsListed(entry, backbone)).not.toThrow();
  expect(() => requireAsListed({ ...entry, ...changes }, backbone)).toThrow(
    expect.objectContaining({ code: 'BAD_MODEL', what: expect.stringContaining(what) }),
  );
});

test("the digest of a cut's shape heeds its structure, not its weights", async () => {
  const { network } = await resolveBackbone('embedded', { openSession, modelFolder: 'none' });
  const [first, ...others] = network.initializers;
  const bytes = first.bytes.map((byte) => byte ^ 1);
  expect(cutShape({ ...network, initializers: [{ ...first, bytes }, ...others] })).toBe(cutShape(network));
  expect(cutShape({ ...network, nodes: network.nodes.slice(1) })).not.toBe(cutShape(network));
  expect(cutShape({ ...network, maps: [] })).not.toBe(cutShape(network));
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
  expect(bytes).toBeLessThan(8e6);
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
