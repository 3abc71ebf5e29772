import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/backbone/catalogue.ts';
import { inspectFile } from '../../src/backbone/inspectFile.node.ts';
import { listBackbones } from '../../src/backbone/listBackbones.node.ts';
import { parsePreprocessing } from '../../src/images/preprocessingConfig.ts';
import { openSession } from '../../src/platform.node.ts';
import { backbonesResult } from '../../src/report/backbonesResult.ts';

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
  const { totals, cut, bytes } = await inspectFile('backbone/carafe-s.onnx', { openSession, inputSize: 192 });
  expect(totals).toMatchObject({ parameters: embedded?.parameters, macs: embedded?.macs });
  expect(cut?.chosen.width).toBe(embedded?.width);
  expect(bytes).toBe(13_574_839);
});

test('a file that is not there', async () => {
  await expect(inspectFile('gone.onnx', { openSession })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
