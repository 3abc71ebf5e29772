import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DoctorResult, doctorResult, type Review, review } from '../../src/results/doctorResult.ts';
import { serveReview } from '../../src/runs/serveReview.node.ts';
import { inlineShell } from '../../src/ui/shell.ts';
import { launchChromium, missing } from '../chromium.ts';
import { onTinyNetwork, temporaryFolder } from '../cli/carafe.ts';
import { drawImageSet } from '../drawn.ts';

const { carafe, network } = onTinyNetwork();
const folder = temporaryFolder();
const out = join(folder, 'out');
let browser: Browser;
let result: DoctorResult;
if (missing) console.log(`test/browser/doctorPage.test.ts skipped: ${missing}`);

/** The page with so many label errors, of photos that have one small picture, and lie in a folder or nowhere. */
function pageWith(errors: number, photoFolder: string | null = null): string {
  const pixel = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
  const photos = Array.from({ length: errors }, (_, i) => ({
    path: photoFolder === null ? `cat/${i} <i>.jpg` : `circle/${i}.jpg`,
    label: 'cat',
    suggested: 'dog',
    probability: { label: 0.1, suggested: 0.9 },
    agreement: 0,
    wrong: 0.9,
    nearest: { label: [], suggested: [] },
    duplicates: [],
  }));
  const shown: DoctorResult = {
    ...result,
    set: `drawn ${errors}`,
    classes: [
      { label: 'cat', count: errors },
      { label: 'dog', count: errors },
      { label: 'owl', count: 3 },
    ],
    labelErrors: {
      judged: 2 * errors,
      unrecognised: [],
      expected: { value: errors / 2, low: 1, high: errors },
      planted: { count: 10, caught: { value: 1, low: 0.7, high: 1 }, caughtInTwice: { value: 1, low: 0.7, high: 1 } },
      photos,
    },
  };
  const file = join(folder, `${errors}.html`);
  writeFileSync(
    file,
    inlineShell({
      title: 'Photo doctor',
      script: readFileSync(join(import.meta.dirname, '../../dist/pages/review.js'), 'utf8'),
      data: {
        result: shown,
        pictures: Object.fromEntries(photos.map(({ path }) => [path, pixel])),
        folder: photoFolder,
      },
      sha256: (text) => createHash('sha256').update(text).digest('hex'),
    }),
  );
  return String(pathToFileURL(file));
}

describe.skipIf(missing)('the page of the doctor', () => {
  beforeAll(async () => {
    await drawImageSet(join(folder, 'photos'), 8);
    const { stdout } = await carafe(
      ['doctor', join(folder, 'photos'), '--out', out, '--json', '--backbone', network],
      join(folder, 'cache'),
    );
    result = doctorResult.parse(JSON.parse(stdout));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('opens from the disk, without a script that is blocked or a text that is missing', async () => {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    await page.goto(String(pathToFileURL(join(out, 'doctor.html'))));
    expect(await page.textContent('h1')).toBe('Photo doctor');
    expect(await page.textContent('main')).not.toMatch(/undefined|NaN|\{\w+\}/);
    expect(said).toEqual([]);
    await page.close();
  });

  test('by keyboard: keep, move, another class, leave out, unsure, undo; saved as a review', async () => {
    const context = await browser.newContext({ acceptDownloads: true, locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(pageWith(7));
    for (const key of ['k', 'm', '3', 'x', 'u']) await page.keyboard.press(key);
    await page.evaluate(axe.source);
    const minded = await page.evaluate(async () => {
      const { run } = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }).axe;
      return (await run()).violations.map(({ id }) => id);
    });
    expect(minded).toEqual([]);
    expect(await page.textContent('.case .soft')).toContain('5 of 7 decided');
    await page.keyboard.press('z');
    expect(await page.textContent('.case .soft')).toContain('5 of 7 · 4 of 7 decided');
    await page.keyboard.press('c');
    await page.fill('input[list=classes]', 'fox');
    await page.keyboard.press('Enter');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('s')]);
    const saved = review.parse(JSON.parse(readFileSync(await download.path(), 'utf8')));
    expect(saved.set).toBe('drawn 7');
    const at = (place: number) => ({ path: `cat/${place} <i>.jpg`, label: 'cat' });
    expect(saved.decisions).toEqual([
      { ...at(0), decision: 'keep' },
      { ...at(1), decision: 'move', to: 'dog' },
      { ...at(2), decision: 'move', to: 'owl' },
      { ...at(3), decision: 'drop' },
      { ...at(4), decision: 'move', to: 'fox' },
    ]);
    // The answers are there when the page is opened again.
    await page.waitForTimeout(500);
    await page.reload();
    expect(await page.textContent('.case .soft')).toContain('5 of 7 decided');
    await context.close();
  });

  test('shows the photos as they are, from the disk and served; the small picture where one is gone', async () => {
    const file = pageWith(9, './photos');
    const server = await serveReview({
      page: fileURLToPath(file),
      file: join(folder, 'review.json'),
      photos: new Map([['circle/0.jpg', join(folder, 'photos/circle/0.jpg')]]),
    });
    const { width } = await sharp(join(folder, 'photos/circle/0.jpg')).metadata();
    const page = await browser.newPage();
    const shownWidth = () => page.locator('img.large').evaluate((image: HTMLImageElement) => image.naturalWidth);
    for (const address of [file, server.address]) {
      await page.goto(address);
      await expect.poll(shownWidth).toBe(width);
    }
    rmSync(join(folder, 'photos/circle/0.jpg'));
    for (const address of [file, server.address]) {
      await page.goto(address);
      await expect.poll(shownWidth).toBe(1);
    }
    await page.close();
    await server.close();
  });

  test('served, it keeps a review of other photos, and the answers of another tab', async () => {
    const file = join(folder, 'review.json');
    const earlier: Review = { format: 'carafe review', set: 'other photos', decisions: [] };
    writeFileSync(file, JSON.stringify(earlier));
    const server = await serveReview({ page: fileURLToPath(pageWith(8)), file, photos: new Map() });
    const decided = () => review.parse(JSON.parse(readFileSync(file, 'utf8')));
    const paths = () => decided().decisions.map(({ path }) => path);
    const [one, other] = [await browser.newContext(), await browser.newContext()];
    const [first, second] = [await one.newPage(), await other.newPage()];
    await first.goto(server.address);
    await first.keyboard.press('k');
    await expect.poll(() => decided().set).toBe('drawn 8');
    await expect.poll(paths).toHaveLength(1);
    expect(JSON.parse(readFileSync(join(folder, 'review-1.json'), 'utf8'))).toEqual(earlier);
    await second.goto(server.address);
    await expect.poll(() => second.textContent('.case .soft')).toContain('1 of 8 decided');
    await first.keyboard.press('k');
    await expect.poll(paths).toHaveLength(2);
    // It has not seen the second answer.
    await second.keyboard.press('ArrowRight');
    await second.keyboard.press('ArrowRight');
    await second.keyboard.press('x');
    await expect.poll(paths).toHaveLength(3);
    for (const context of [one, other]) await context.close();
    await server.close();
  });

  test('five thousand photos: as few elements as with fifty, and a phone needs no sideways scrolling', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const count = async (errors: number) => {
      await page.goto(pageWith(errors));
      await page.waitForSelector('.case');
      return page.evaluate(() => document.querySelectorAll('*').length);
    };
    const [few, many] = [await count(50), await count(5000)];
    expect(many).toBeLessThan(few + 20);
    for (let i = 0; i < 30; i++) await page.keyboard.press('k');
    expect(await page.textContent('.case .soft')).toContain('31 of 5,000 · 30 of 5,000 decided');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.close();
  });
});
