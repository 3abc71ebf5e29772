import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PhotoClassifier } from '../../src/index.ts';
import { trainResult } from '../../src/results/trainResult.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { missing } from '../chromium.ts';
import { drawnFolder, drawnSet } from '../trained.ts';
import { openPage, type Served, serve } from './page.ts';

if (missing) console.log(`test/browser/train.test.ts skipped: ${missing}`);

describe.skipIf(missing)('training in Chromium', async () => {
  const folder = await drawnFolder(15);
  const labels = ['circle', 'cross', 'square'];
  const photos = labels.flatMap((label) =>
    readdirSync(join(folder, drawnSet, label)).map((name) => {
      return { label, name, path: `/photos/${label}/${name}`, file: join(folder, drawnSet, label, name) };
    }),
  );
  let served: Served;
  let page: Page;
  let wrong: string[];

  beforeAll(async () => {
    served = await serve({
      '/photos/': { folder: join(folder, drawnSet) },
      '/started.js': `import { train } from '/web/train.js';
        onmessage = async ({ data }) => {
          const { result, classifier } = await train(data, { folds: 2 });
          postMessage({ images: result.images, bytes: classifier.length });
        };
        postMessage('ready');`,
    });
    ({ page, wrong } = await openPage(served));
    await page.evaluate(
      async (list) => {
        globalThis.labelled = [];
        for (const { path, label, name } of list)
          globalThis.labelled.push({ photo: await (await fetch(path)).blob(), label, name });
        globalThis.store = carafe.memoryStore();
      },
      photos.map(({ path, label, name }) => ({ path, label, name })),
    );
  });

  afterAll(() => served?.close());

  test('gives a classifier that works in Node, a report, and the figures', async () => {
    const made = await page.evaluate(async () => {
      const seen: number[] = [];
      const { classifier, report, result } = await carafe.train(globalThis.labelled, {
        folds: 2,
        store: globalThis.store,
        onProgress: ({ done }) => seen.push(done),
      });
      const { passed } = await (await carafe.loadClassifier(classifier)).verify();
      let binary = '';
      for (let i = 0; i < classifier.length; i += 8192)
        binary += String.fromCharCode(...classifier.subarray(i, i + 8192));
      return { classifier: btoa(binary), report, result, seen: Math.max(...seen), passed };
    });
    const { images, backbone, evaluation, classes } = trainResult.parse(made.result);
    expect(images).toEqual({ source: 'photos', found: 45, cached: 0, computed: 45, failed: [], leftOut: [] });
    expect(classes).toEqual(labels.map((label) => ({ label, count: 15 })));
    expect(backbone).toMatchObject({ name: 'carafe-s', licence: 'MIT' });
    expect(evaluation.photos.map(({ path }) => path)).toContain('cross/7.jpg');
    expect(evaluation.accuracy.value).toBeGreaterThan(0.5);
    expect(made).toMatchObject({ seen: 45, passed: true });
    expect(made.report).toMatch(/^<!doctype html>/i);
    expect(made.report).toContain('data:image/webp;base64,');

    const inNode = await PhotoClassifier.open(Buffer.from(made.classifier, 'base64'), 'made in a page', openSession);
    expect((await inNode.verify()).passed).toBe(true);
    let right = 0;
    for (const { file, label } of photos) right += (await inNode.predict(file)).label === label ? 1 : 0;
    expect(right).toBeGreaterThan(35);
    await inNode.release();
  });

  test('with more photos, looks at the new ones only', async () => {
    const images = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(90, 70);
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      context.fillStyle = '#284';
      context.fillRect(20, 10, 50, 50);
      const data = new Uint8Array(60 * 80 * 3).map((_, i) => (i * i) % 251);
      const more = [
        ...globalThis.labelled,
        { photo: canvas, label: 'square' },
        { photo: { width: 80, height: 60, data }, label: 'cross', name: '7.jpg' },
        { photo: new Blob(['no photo']), label: 'circle', name: 'text.jpg' },
      ];
      const { result } = await carafe.train(more, { folds: 2, store: globalThis.store });
      return { ...result.images, paths: result.evaluation.photos.map(({ path }) => path) };
    });
    expect(images).toMatchObject({ found: 48, cached: 45, computed: 2 });
    expect(images.failed).toMatchObject([{ path: 'circle/text.jpg', code: 'NOT_AN_IMAGE' }]);
    expect(images.paths).toEqual(expect.arrayContaining(['square/46', 'cross/7.jpg', 'cross/7.jpg (2)']));
  });

  test('photos padded, and looked at four times, are answered in the page as in Node', async () => {
    const made = await page.evaluate(async () => {
      const few = globalThis.labelled.filter((_, place) => place % 3 === 0);
      const options = { folds: 2, framing: 'pad', looks: 4 } as const;
      const { classifier, result } = await carafe.train(few, options);
      const opened = await carafe.loadClassifier(classifier);
      const { classes } = await opened.predict(few[0].photo);
      let binary = '';
      for (let i = 0; i < classifier.length; i += 8192)
        binary += String.fromCharCode(...classifier.subarray(i, i + 8192));
      return {
        classifier: btoa(binary),
        looks: result.looks,
        backbone: result.backbone,
        classes,
        passed: (await opened.verify()).passed,
      };
    });
    expect(made).toMatchObject({
      backbone: { framing: 'pad', looks: 4 },
      looks: { count: 4, computed: 45 },
      passed: true,
    });
    const inNode = await PhotoClassifier.open(Buffer.from(made.classifier, 'base64'), 'made in a page', openSession);
    const { classes } = await inNode.predict(photos[0].file);
    for (const { label, probability } of made.classes)
      expect(Math.abs((classes.find((one) => one.label === label)?.probability ?? 9) - probability)).toBeLessThan(0.05);
    await inNode.release();
  });

  test('works in a worker too', async () => {
    const answer = await page.evaluate(async () => {
      const worker = new Worker('/started.js', { type: 'module' });
      const next = () =>
        new Promise<unknown>((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        });
      await next();
      worker.postMessage(globalThis.labelled.filter((_, place) => place % 3 === 0));
      return next();
    });
    expect(answer).toMatchObject({ images: { found: 15, computed: 15, failed: [] } });
  });

  test.each([
    ['no photos', '[]', 'TOO_FEW_CLASSES', /no labels/],
    ['one class', 'labelled.slice(0, 15)', 'TOO_FEW_CLASSES', /only one class, 'circle'/],
  ])('%s is told in words', async (_, source, code, says) => {
    const told = await page.evaluate(
      (text) =>
        carafe.train(new Function(`return ${text}`)()).then(
          () => undefined,
          (error: unknown) => error instanceof carafe.CarafeError && { code: error.code, what: error.what },
        ),
      source,
    );
    expect(told).toMatchObject({ code, what: expect.stringMatching(says) });
  });

  test.each([
    ['a backbone that is not there', '/nothing.onnx', 'NOT_FOUND', /nothing\.(onnx|json) cannot be loaded/],
    ['a backbone that is none', '/web/predict.js', 'BAD_MODEL', /predict\.js cannot be read/],
  ])('%s is told in words', async (_, backbone, code, says) => {
    const told = await page.evaluate(
      (address) =>
        carafe.train(globalThis.labelled, { backbone: address }).then(
          () => undefined,
          (error: unknown) => error instanceof carafe.CarafeError && { code: error.code, what: error.what },
        ),
      backbone,
    );
    expect(told).toMatchObject({ code, what: expect.stringMatching(says) });
  });

  test('the console stays empty, but for what the browser itself says of missing files', () => {
    expect(wrong.filter((text) => !/^Failed to load resource/.test(text))).toEqual([]);
  });
});

declare global {
  var labelled: import('../../src/browserTrain.ts').LabelledPhoto[];
  var store: ReturnType<typeof import('../../src/browserTrain.ts').memoryStore>;
}
