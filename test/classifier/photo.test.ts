import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  checkBackbone,
  editClassifier,
  evaluateClassifier,
  explain,
  inspect,
  loadClassifier,
  loadDetector,
  loadFile,
  type Photo,
  type PhotoClassifier,
  predictPhotos,
  study,
  train,
  trainOneClass,
} from '../../src/index.ts';
import { drawImageSet } from '../drawn.ts';
import { decodeWhole } from '../images/draw.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { drawnFolder } from '../trained.ts';
import { tinyBackbone, tinyClassifier } from './tiny.ts';

// What a program may hand in, whatever its types said, and what it gets back.
const folder = await drawnFolder(1);
await drawImageSet(join(folder, 'photos'), 1);
const path = join(folder, 'photos/circle/0.jpg');
const bytes = readFileSync(path);
const file = join(folder, 'classifier.onnx');
const made = await tinyClassifier(await tinyBackbone(tinyNetwork()));
writeFileSync(file, made);
const copy = (data: Uint8Array): ArrayBuffer => new Uint8Array(data).buffer;

const server = createServer((request, response) => {
  const body = { '/photo.jpg': bytes, '/classifier.onnx': made }[request.url ?? ''];
  response.writeHead(body ? 200 : 404).end(body);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
const at = (name: string) => new URL(`http://127.0.0.1:${address.port}/${name}`);

let classifier: PhotoClassifier;
beforeAll(async () => {
  classifier = await loadClassifier(file);
});
afterAll(async () => {
  await classifier.release();
  server.close();
});

/** What an error says of itself; whatever else happens is no answer. */
async function fault(work: () => Promise<unknown>) {
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error) || !('code' in error)) return `no error with a code: ${error}`;
  return `${error.name} ${error.code}: ${error.message}`;
}

describe('a photo', () => {
  test.each<[string, () => Promise<Photo> | Photo]>([
    ['bytes', () => new Uint8Array(bytes)],
    ['a Buffer', () => bytes],
    ['an ArrayBuffer', () => copy(bytes)],
    ['a Blob', () => new Blob([copy(bytes)])],
    ['a File', () => new File([copy(bytes)], 'photo.jpg')],
    ['the URL of a file', () => pathToFileURL(path)],
    ['the URL of a server', () => at('photo.jpg')],
    ['a URL with the data inside', () => new URL(`data:image/jpeg;base64,${bytes.toString('base64')}`)],
  ])('as %s has the answer that it has as a path', async (_, photo) => {
    expect(await classifier.predict(await photo())).toEqual(await classifier.predict(path));
  });

  test('as pixels has nearly the same: a JPEG is shrunk while it is decoded', async () => {
    const { classes } = await classifier.predict(path);
    const answer = await classifier.predict(await decodeWhole(bytes));
    for (const { label, probability } of classes)
      expect(answer.classes.find((one) => one.label === label)?.probability).toBeCloseTo(probability, 1);
  });

  test.each<[string, unknown, RegExp]>([
    ['a number', 7, /^CarafeError USAGE: .*not number/],
    ['nothing', undefined, /^CarafeError USAGE: .*not undefined/],
    ['null', null, /^CarafeError USAGE: .*not null/],
    ['a list', [path], /^CarafeError USAGE: .*not an array/],
    ['an object', { path }, /^CarafeError USAGE: .*an object of Object/],
    ['numbers', new Float32Array(9), /^CarafeError USAGE: .*an object of Float32Array/],
    ['pixels with too few bytes', { width: 9, height: 9, data: new Uint8Array(3) }, /^CarafeError USAGE: .*9 x 9/],
    ['an address as text', 'https://example.com/a.jpg', /^CarafeError USAGE: .*new URL\(address\)/s],
    ['data as text', `data:image/jpeg;base64,${'A'.repeat(9e4)}`, /^CarafeError USAGE: .{1,300}$/s],
    ['a path that leads nowhere', '/nowhere.jpg', /^ImageError NOT_FOUND: \/nowhere\.jpg: there is no such file/],
    ['an address without a photo', at('none.jpg'), /^ImageError NOT_FOUND: http.*none\.jpg: .*404/],
    ['an address without a server', new URL('http://127.0.0.1:9/a.jpg'), /^ImageError NOT_FOUND: .*cannot be loaded/],
    ['an empty Blob', new Blob([]), /^ImageError EMPTY: /],
  ])('that is %s is refused in words', async (_, photo, says) => {
    expect(await fault(() => classifier.predict(photo as Photo))).toMatch(says);
  });

  test.each<[string, Photo]>([
    ['a file', path],
    ['a Blob', new Blob([copy(bytes)])],
    ['an answer of a server', at('photo.jpg')],
  ])('larger than the limit is not read: %s', async (_, photo) => {
    const careful = await loadClassifier(file, { limits: { maxBytes: 100 } });
    expect(await fault(() => careful.predict(photo))).toMatch(/^ImageError TOO_LARGE: /);
    await careful.release();
  });
});

test('an answer is small as JSON; features come where they are asked for', async () => {
  const answer = await classifier.predict(path);
  expect(JSON.stringify(answer).length).toBeLessThan(400);
  const { features, ...same } = await classifier.predict(path, { features: true });
  expect(same).toEqual(answer);
  expect(features.length).toBe(classifier.card.backbone.width);
});

test.each<[string, () => AbortSignal]>([
  ['before', () => AbortSignal.abort()],
  [
    'while the photo is read',
    () => {
      const abort = new AbortController();
      queueMicrotask(() => abort.abort());
      return abort.signal;
    },
  ],
])('a signal that is aborted %s ends the work as programs expect', async (_, signal) => {
  expect(await fault(() => classifier.predict(path, { signal: signal() }))).toMatch(/^AbortError INTERRUPTED/);
  expect(await fault(() => loadClassifier(at('classifier.onnx'), { signal: signal() }))).toMatch(
    /^AbortError INTERRUPTED/,
  );
});

test.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
  ['train', (signal) => train(join(folder, 'photos'), { signal })],
  ['trainOneClass', (signal) => trainOneClass(join(folder, 'photos/circle'), { signal })],
  ['study', (signal) => study(join(folder, 'photos'), { signal })],
  ['checkBackbone', (signal) => checkBackbone('embedded', join(folder, 'photos'), { signal })],
  ['explain', (signal) => explain(path, { classifier: file, signal })],
  ['editClassifier', (signal) => editClassifier(file, { remove: ['x'] }, undefined, { signal })],
  ['inspect', (signal) => inspect(file, { signal })],
  ['predictPhotos', (signal) => predictPhotos(classifier, [path], { signal })],
  ['evaluateClassifier', (signal) => evaluateClassifier(classifier, join(folder, 'photos'), { signal })],
])('%s ends in the same way', async (_, work) => {
  expect(await fault(() => work(AbortSignal.abort()))).toMatch(/^AbortError INTERRUPTED/);
});

test('the cause is the reason that the signal gives', async () => {
  const reason = new Error('enough');
  const error: unknown = await classifier.predict(path, { signal: AbortSignal.abort(reason) }).catch((e: unknown) => e);
  expect(error).toMatchObject({ name: 'AbortError', code: 'INTERRUPTED', cause: reason });
});

describe('a classifier', () => {
  test.each<[string, () => Parameters<typeof loadClassifier>[0]]>([
    ['its folder', () => folder],
    ['the URL of its file', () => pathToFileURL(file)],
    ['the URL of a server', () => at('classifier.onnx')],
    ['bytes', () => made],
    ['an ArrayBuffer', () => copy(made)],
    ['a Blob', () => new Blob([copy(made)])],
  ])('opens from %s', async (_, source) => {
    const opened = await loadFile(source());
    expect(opened.labels).toEqual(classifier.labels);
    await opened.release();
  });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /USAGE: .*not undefined/],
    ['an empty text', '', /USAGE: .*not ''/],
    ['a list', [file], /USAGE: .*not an array/],
    ['bytes of something else', bytes, /BAD_MODEL: the classifier .{1,300}$/s],
    ['an address without a file', at('none.onnx'), /NOT_FOUND: .*404/],
  ])('that is %s is refused in words', async (_, source, says) => {
    for (const load of [loadClassifier, loadDetector, loadFile])
      expect(await fault(() => load(source as string))).toMatch(says);
  });

  test('is released at the end of its block', async () => {
    const opened = await loadClassifier(file);
    {
      await using same = opened;
      await same.predict(path);
    }
    expect(await fault(() => opened.predict(path))).toMatch(/USAGE: .*has been released/);
  });
});
