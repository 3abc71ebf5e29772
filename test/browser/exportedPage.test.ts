import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  editClassifier,
  exportClassifier,
  loadClassifier,
  loadDetector,
  train,
  trainOneClass,
} from '../../src/index.ts';
import { launchChromium, missing } from '../chromium.ts';
import { temporaryFolder } from '../cli/carafe.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

if (missing) console.log(`test/browser/exportedPage.test.ts: skipped, ${missing}`);

const folder = temporaryFolder();
const at = (...path: string[]) => join(folder, ...path);
const markup = 'circle <b>&"\'';
const photo = at('photos', 'circle', '3.jpg');
let browser: Browser;

describe.skipIf(missing)('a page that was exported', () => {
  beforeAll(async () => {
    process.env.CARAFE_CACHE = at('cache');
    const backbone = tinyNetworkFile();
    await drawImageSet(at('photos'), 12);
    await train(at('photos'), { out: at('out'), backbone, folds: 2, head: 'prototype' });
    await trainOneClass(at('photos'), { out: at('normal'), backbone, normal: 'circle' });
    await editClassifier(at('out'), { rename: new Map([['circle', markup]]) }, at('classifier.onnx'));
    await exportClassifier(at('classifier.onnx'), { format: 'page' });
    await exportClassifier(at('normal'), { format: 'page', out: at('normal.html') });
    browser = await launchChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page from the disk, without a network; what it asks of one is in `asked`. */
  async function open(name: string, options: BrowserContextOptions = {}): Promise<{ page: Page; asked: string[] }> {
    const context = await browser.newContext({ offline: true, locale: 'en', ...options });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (!/^(file|blob|data):/.test(request.url())) asked.push(request.url());
    });
    page.on('pageerror', (error) => asked.push(error.message));
    page.on('console', (message) => message.type() === 'error' && asked.push(message.text()));
    await page.goto(String(pathToFileURL(at(name))));
    await page.waitForSelector('input[type=file]:enabled');
    return { page, asked };
  }

  const said = (page: Page) => page.locator('.said');
  const heading = (page: Page) => said(page).locator('.answer');

  test('classifies a photo from the disk as Node does, offline, and proves itself', async () => {
    const { page, asked } = await open('classifier.html');
    await page.setInputFiles('input[type=file]', photo);
    const classifier = await loadClassifier(at('classifier.onnx'));
    const { classes, isKnown } = await classifier.predict(photo);
    await classifier.release();
    await heading(page).waitFor();
    expect(await heading(page).textContent()).toBe(isKnown ? classes[0].label : 'I do not know this');
    const rows = await said(page).locator('.bars li').allTextContents();
    expect(rows).toHaveLength(3);
    for (const { label, probability } of classes) {
      const row = rows.find((text) => text.startsWith(label)) ?? '';
      expect(Math.abs(Number.parseFloat(row.slice(label.length)) / 100 - probability)).toBeLessThan(0.02);
    }
    await page.locator('summary').first().click();
    await page.getByText('Self-test: this browser gives the answers').waitFor();
    expect(await page.locator('.said b, .said b b').count()).toBe(3);
    expect(asked).toEqual([]);
  });

  test('says what else a photo may be, as the terminal does', async () => {
    const classifier = await loadClassifier(at('classifier.onnx'));
    let doubtful: { readonly photo: string; readonly others: readonly string[] } | undefined;
    for (let place = 0; place < 12 && !doubtful; place++)
      for (const label of ['circle', 'cross', 'square']) {
        const photo = at('photos', label, `${place}.jpg`);
        const { isKnown, set = [] } = await classifier.predict(photo);
        if (isKnown && set.length > 1) doubtful = { photo, others: set.slice(1) };
      }
    await classifier.release();
    if (!doubtful) throw new Error('no photo of which there is doubt');
    const { page } = await open('classifier.html');
    await page.setInputFiles('input[type=file]', doubtful.photo);
    await said(page)
      .getByText(`It may also be ${doubtful.others.join(', ')}.`)
      .waitFor();
    await page.context().close();
  });

  test('takes photos that are dropped or pasted, says what cannot be read, and never sends', async () => {
    const { page, asked } = await open('classifier.html');
    const bytes = [...readFileSync(photo)];
    for (const kind of ['drop', 'paste'] as const) {
      await page.evaluate(
        ([name, data]) => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(data)], 'a.jpg', { type: 'image/jpeg' }));
          const event =
            name === 'drop'
              ? new DragEvent('drop', { dataTransfer: files, bubbles: true })
              : new ClipboardEvent('paste', { clipboardData: files, bubbles: true });
          document.body.dispatchEvent(event);
        },
        [kind, bytes] as const,
      );
      await heading(page).waitFor();
    }
    await page.setInputFiles('input[type=file]', {
      name: 'a.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from('no photo'),
    });
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/cannot be read/);
    expect(await heading(page).count()).toBe(0);
    const sent = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => true,
        () => false,
      ),
    );
    expect(sent).toBe(false);
    expect(asked.join('\n')).toMatch(/Content Security Policy/);
    expect(asked.filter((text) => !text.includes('example.org'))).toEqual([]);
  });

  test('answers for what the camera shows, and stops', async () => {
    const { page, asked } = await open('classifier.html');
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await heading(page).waitFor();
    await page.getByRole('button', { name: 'Stop the camera' }).click();
    await page.getByRole('button', { name: 'Use the camera' }).waitFor();
    expect(asked).toEqual([]);
  });

  test('one class: normal or not, with its score and a heatmap over the photo', async () => {
    const { page, asked } = await open('normal.html');
    await page.setInputFiles('input[type=file]', at('photos', 'square', '2.jpg'));
    await heading(page).waitFor();
    const detector = await loadDetector(at('normal'));
    const { isNormal } = await detector.detect(at('photos', 'square', '2.jpg'));
    await detector.release();
    expect(await heading(page).textContent()).toBe(isNormal ? 'Normal' : 'Not normal');
    expect(await page.getByRole('img', { name: 'Where it is not normal' }).count()).toBe(1);
    expect(asked).toEqual([]);
  });

  test.each([
    ['a wide screen, light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
    ['a phone, dark', { viewport: { width: 320, height: 700 }, colorScheme: 'dark' }],
  ] as const)('everybody can use it: %s', async (_, options) => {
    // The page's own policy lets no other script in, axe neither.
    const { page } = await open('classifier.html', { ...options, bypassCSP: true });
    await page.setInputFiles('input[type=file]', photo);
    await heading(page).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core') });
    const violations = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
    );
    expect(violations).toEqual([]);
  });

  test('speaks the reader’s language', async () => {
    const { page } = await open('classifier.html', { locale: 'de-AT' });
    expect(await page.locator('h1').textContent()).toBe('Was ist auf diesem Foto?');
    await page.getByLabel('Sprache').selectOption('en');
    expect(await page.locator('h1').textContent()).toBe('What is in this photo?');
  });
});
