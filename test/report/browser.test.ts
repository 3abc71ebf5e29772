import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trainReport } from '../../src/report/trainReport.ts';
import { launchChromium, missing } from '../chromium.ts';
import { hostile, result } from './fixture.ts';
import { contrasts, overflowing } from './inPage.ts';
import { thumbnails } from './thumbnails.ts';

if (missing) console.log(`test/report/browser.test.ts skipped: ${missing}`);

const many = Array.from({ length: 100 }, (_, i) => `species number ${i + 1}`);
const runs = {
  flowers: result({
    perClass: 90,
    failed: [{ path: 'daisy/empty.jpg', code: 'EMPTY', reason: 'The file is empty.' }],
    duplicates: [['daisy/1000_photo.jpg', 'daisy/1037_photo.jpg']],
  }),
  hostile: result({
    labels: hostile,
    wrong: 0.4,
    folds: 5,
    failed: hostile.map((path) => ({ path, code: 'EMPTY', reason: path })),
  }),
  many: result({ labels: many, perClass: 8, wrong: 0.3 }),
};

describe.skipIf(missing)('in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'carafe-report-'));
  const file = (name: string) => join(folder, `${name}.html`);
  let browser: Browser;

  beforeAll(async () => {
    for (const [name, run] of Object.entries(runs)) {
      const pictured = name === 'many' ? [] : run.evaluation.photos.slice(0, 420).map(({ path }) => path);
      writeFileSync(file(name), trainReport(run, await thumbnails(pictured)));
    }
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a report; `wrong` gathers what the console says and every request beyond the file itself. */
  async function open(
    name: string,
    width: number,
    colorScheme: 'light' | 'dark',
  ): Promise<{ page: Page; wrong: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' });
    const wrong: string[] = [];
    page.on('console', (message) => wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:') && request.url() !== pathToFileURL(file(name)).href)
        wrong.push(request.url());
    });
    await page.goto(pathToFileURL(file(name)).href);
    return { page, wrong };
  }

  const views = Object.keys(runs).flatMap((name) =>
    [320, 390, 1280].flatMap((width) => (['light', 'dark'] as const).map((scheme) => [name, width, scheme] as const)),
  );

  test.each(views)('%s at %i pixels, %s: quiet, readable, no wider than the screen', async (name, width, scheme) => {
    const { page, wrong } = await open(name, width, scheme);
    expect(await page.evaluate(overflowing)).toEqual([]);
    const measured = await page.evaluate(contrasts);
    expect(measured.texts).toBeGreaterThan(100);
    expect(measured.weak).toEqual([]);
    expect(await page.title()).toContain('Carafe report');
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('a cell opens its photos and no others', async () => {
    const { page, wrong } = await open('flowers', 1280, 'light');
    const opened = () => page.locator('.pair:visible').evaluateAll((panels) => panels.map(({ id }) => id));
    expect(await opened()).toHaveLength(1);
    for (const cell of ['0-0', '3-4']) {
      await page.click(`.matrix a[href="#pair-${cell}"]`);
      expect(await opened()).toEqual([`pair-${cell}`]);
      const images = page.locator(`#pair-${cell} img`);
      const [truth, answer] = cell.split('-').map(Number);
      const count = runs.flowers.evaluation.confusion.counts![truth!]![answer!]!;
      expect((await images.count()) + (await page.locator(`#pair-${cell} .names li`).count())).toBe(count);
      expect(await images.count()).toBeGreaterThan(0);
      expect(
        await images.first().evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
      ).toBe(160);
    }
    await page.click('#pair-3-4 a[href="#taken"]');
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('a cell opens from the keyboard', async () => {
    const { page } = await open('flowers', 390, 'dark');
    await page.focus('.matrix a[href="#pair-1-1"]');
    await page.keyboard.press('Enter');
    expect(await page.locator('#pair-1-1').isVisible()).toBe(true);
    await page.close();
  });

  test('hostile names stay text', async () => {
    const { page } = await open('hostile', 1280, 'light');
    const shown = await page.locator('.matrix tbody th').allInnerTexts();
    expect(shown.map((label) => label.slice(0, 20))).toEqual(hostile.map((label) => label.slice(0, 20)));
    const foreign = await page.evaluate(() => document.querySelectorAll('script,h1 ~ h1,iframe,[onerror]').length);
    expect(foreign).toBe(0);
    await page.close();
  });

  test('the policy stops what should get in all the same', async () => {
    const { page } = await open('flowers', 390, 'light');
    const stopped = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
          const image = new Image();
          image.src = 'http://127.0.0.1:9/picture.png';
          document.body.append(image);
        }),
    );
    expect(stopped).toBe('img-src');
    await page.close();
  });

  test('on paper it is light, and nothing is cut off', async () => {
    const { page } = await open('many', 800, 'dark');
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(255, 255, 255)');
    const cut = await page
      .locator('.tall')
      .evaluateAll((boxes) => boxes.filter((box) => box.scrollHeight > box.clientHeight + 1).length);
    expect(cut).toBe(0);
    await page.close();
  });
});
