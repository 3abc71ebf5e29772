import { describe, expect, test } from 'vitest';
import type { Card } from '../../src/classifier/card.ts';
import { exportOriginal, openOriginal } from '../../src/export/export.ts';
import { textOf } from '../../src/message.ts';
import { readModel } from '../../src/onnx/read.ts';
import type { ExportFormat } from '../../src/results/exportResult.ts';
import type { OneClassOptions, TrainOptions } from '../../src/runs/options.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyBackbone, tinyLabeller } from '../classifier/tiny.ts';
import { drawnPhotos, memoryPlatform, trainInMemory, trainOneClassInMemory } from '../memoryPlatform.ts';
import { tinyNetwork } from '../onnx/networks.ts';

const platform = {
  openSession,
  pageParts: async () => ({ script: 'start()', runtime: Uint8Array.of(1, 2, 3), licences: 'MIT' }),
};

async function trained(options: Partial<TrainOptions>, classes = ['a', 'b', 'c']): Promise<Uint8Array> {
  const place = memoryPlatform(drawnPhotos(60, { classes }));
  await trainInMemory(place, { folds: 2, head: 'prototype', ...options });
  return written(place.written);
}

async function oneClass(options: Partial<OneClassOptions>): Promise<Uint8Array> {
  const place = memoryPlatform(drawnPhotos(40, { classes: ['good'] }));
  await trainOneClassInMemory(place, options);
  return written(place.written);
}

function written(files: ReadonlyMap<string, Uint8Array | string>): Uint8Array {
  const content = [...files].find(([path]) => path.endsWith('classifier.onnx'))?.[1];
  if (!(content instanceof Uint8Array)) throw new TypeError('no classifier was written');
  return content;
}

const give = (bytes: Uint8Array, format: ExportFormat, weights?: 'int8' | 'float16') =>
  exportOriginal(openOriginal(bytes, 'my.onnx'), { format, weights }, platform);

function contentOf({ files: [{ content }] }: Awaited<ReturnType<typeof give>>): Uint8Array {
  if (!(content instanceof Uint8Array)) throw new TypeError('this is text');
  return content;
}

describe.each([
  ['softmax', () => trained({ head: 'softmax' })],
  ['svm', () => trained({ head: 'svm' })],
  ['svm-rbf', () => trained({ head: 'svm-rbf' })],
  ['mlp', () => trained({ head: 'mlp' })],
  ['knn', () => trained({ head: 'knn' })],
  ['prototype', () => trained({ head: 'prototype' })],
  ['a bottleneck', () => trained({ head: 'softmax', bottleneck: 4 })],
  ['the whole photo squashed', () => trained({ framing: 'squash' })],
  ['the whole photo padded', () => trained({ framing: 'pad' })],
  ['two looks', () => trained({ looks: 2 })],
  ['several labels', async () => tinyLabeller(await tinyBackbone(tinyNetwork()))],
  ['one class, gaussian', () => oneClass({ head: 'gaussian' })],
  ['one class, svm', () => oneClass({ head: 'svm' })],
])('%s', (name, make) => {
  test('each format passes the self-test and answers alike, or is refused with the reason', async () => {
    const bytes = await make();
    const same = { photos: 2, same: 2 };
    for (const weights of [undefined, 'float16', 'int8'] as const)
      for (const format of ['file', 'fixed'] as const)
        expect((await give(bytes, format, weights)).proof).toMatchObject({ selfTest: { passed: true }, drawn: same });
    const plain = await give(bytes, 'opencv').catch((error: unknown) => error);
    if (['knn', 'two looks', 'one class, svm'].includes(name) && plain instanceof Error)
      expect(plain).toMatchObject({
        code: 'UNSUPPORTED_MODEL',
        what: expect.stringContaining('cannot be exported so'),
      });
    else expect(plain).toMatchObject({ proof: { selfTest: { passed: true }, drawn: same } });
  });
});

test('a fixed input has the size that the network looks at, and says what it needs', async () => {
  const bytes = await trained({});
  const { card } = openOriginal(bytes, 'my.onnx');
  const { height, width } = card.preprocessing.crop;
  for (const [format, type, shape] of [
    ['fixed', 'uint8', [1, height, width, 3]],
    ['opencv', 'float32', [1, 3, height, width]],
  ] as const) {
    const { graph, metadata } = readModel(contentOf(await give(bytes, format)), format);
    expect(graph.inputs).toEqual([{ name: 'image', type, shape }]);
    expect(JSON.parse(metadata.get('description') ?? '')).toMatchObject({
      labels: ['a', 'b', 'c'],
      input: { shape },
      photo: { resize: card.preprocessing.resize, centreCrop: { height, width } },
    });
    expect(graph.nodes.map(({ op }) => op)).not.toContain('Range');
  }
});

test('smaller weights are another network to the cache, and the file can be exported again', async () => {
  const bytes = await trained({});
  const cardOf = (content: Uint8Array): Card => openOriginal(content, 'int8').card;
  const int8 = contentOf(await give(bytes, 'file', 'int8'));
  expect(cardOf(int8).backbone.hash).not.toBe(cardOf(bytes).backbone.hash);
  expect(cardOf(int8)).toMatchObject({ labels: ['a', 'b', 'c'], backbone: { name: expect.stringMatching(/, int8$/) } });
  const again = await give(int8, 'fixed', 'float16');
  expect(again.proof.drawn).toMatchObject({ photos: 2, same: 2 });
});

test('what cannot be is refused with the reason', async () => {
  const four = await trained({ looks: 4 });
  for (const format of ['fixed', 'opencv'] as const)
    await expect(give(four, format)).rejects.toMatchObject({
      code: 'UNSUPPORTED_MODEL',
      what: 'my.onnx cannot be exported so: it looks at each photo in 4 ways, and some need the whole photo.',
    });
  await expect(give(four, 'opencv', 'int8')).rejects.toMatchObject({ code: 'USAGE' });
  const { files, notes } = await give(four, 'folder');
  expect(files.map(({ name }) => name)).not.toContain('predict.cpp');
  expect(notes.map(textOf)).toEqual([expect.stringContaining('There is no program for OpenCV: ')]);
});

test('labels with markup change neither the page nor the programs', async () => {
  const hostile = ['</script><script>alert(1)</script>', `'); import os #`, 'a\nb'];
  const bytes = await trained({}, hostile);
  const { files } = await give(bytes, 'folder');
  const texts = new Map(files.map(({ name, content }) => [name, String(content)]));
  for (const name of ['predict.py', 'predict.mjs', 'Predict.cs', 'predict.cpp'])
    for (const label of hostile) expect(texts.get(name)).not.toContain(label);
  expect(JSON.parse(texts.get('labels.json') ?? '').toSorted()).toEqual(hostile.toSorted());
  expect((texts.get('labels.txt') ?? '').trimEnd().split('\n')).toHaveLength(3);
  const [{ content: page }] = (await give(bytes, 'page')).files;
  expect(page).not.toContain('<script>alert');
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
});
