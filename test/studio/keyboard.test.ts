import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadClassifier } from '../../src/index.ts';
import { runStudio } from '../../src/studio/run.node.ts';
import { launchChromium, missing } from '../chromium.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet } from '../trained.ts';

if (missing) console.log(`test/studio/keyboard.test.ts skipped: ${missing}`);

const network = tinyNetworkFile();
const perClass = 6;
let folder: string;
let browser: Browser;

beforeAll(async () => {
  if (missing) return;
  folder = await drawnFolder(perClass + 1);
  // There is a camera, and nobody allows it.
  browser = await launchChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny']);
});
afterAll(() => browser?.close());

const photo = (label: string, i: number) => join(folder, drawnSet, label, `${i}.jpg`);
const photos = (label: string) => Array.from({ length: perClass }, (_, i) => photo(label, i));

/** Goes from control to control by Tab until one has this name. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim();
    });
    if (typeof name === 'string' ? found === name : name.test(found)) return;
    seen.push(found);
  }
  throw new Error(`Tab never came to ${String(name)}, but to ${[...new Set(seen)].join(' | ')}`);
}

/** Waits until the classes have so many photos. */
function counts(page: Page, ...wanted: readonly number[]): Promise<void> {
  return expect
    .poll(() => page.locator('.class .count').allTextContents(), { timeout: 30_000 })
    .toEqual(wanted.map((count) => `${count} photos`));
}

/** Opens the file chooser that the control under the focus has, by Enter. */
async function choose(page: Page, files: string | readonly string[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(typeof files === 'string' ? files : [...files]);
}

test.skipIf(missing)(
  'the whole way by keyboard: classes, photos, results, a correction, the file; no camera is allowed',
  async () => {
    const studio = await runStudio(join(folder, 'project'), { backbone: network });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    // From the start, else the first key may come before the browser hands choosers over.
    page.on('filechooser', () => {});
    try {
      await page.goto(studio.address);
      await page.getByLabel('Name of the class').waitFor();
      await tabTo(page, 'Name of the class');
      for (const label of ['circle', 'cross']) {
        await page.keyboard.type(label);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: label, exact: true }).waitFor();
      }
      for (const label of ['circle', 'cross']) {
        await tabTo(page, `Add photos to ${label}`);
        await choose(page, photos(label));
      }
      await page.locator('.figure').waitFor();

      // A cell of the matrix opens its photos.
      await tabTo(page, /^circle, answered circle/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^circle, answered circle/ }).waitFor();

      // A photo is tried and put right, without leaving the control that chose it.
      await tabTo(page, 'Try a photo');
      await choose(page, photo('cross', perClass));
      await page.locator('.answer').waitFor();
      await page.keyboard.press('2');
      await counts(page, perClass, perClass + 1);
      await page.keyboard.press('Control+z');
      await counts(page, perClass, perClass);

      // Photos are selected, given another class, and taken out.
      await tabTo(page, /^Photo cross\//);
      await page.keyboard.press(' ');
      await page.keyboard.press('1');
      await counts(page, perClass + 1, perClass - 1);
      await page.keyboard.press('Control+z');
      await counts(page, perClass, perClass);

      await tabTo(page, 'Use the camera');
      await page.keyboard.press('Enter');
      await page.getByText('The camera is not allowed.').waitFor();
      await tabTo(page, 'Close');
      await page.keyboard.press('Enter');
      await page.locator('.problem').waitFor({ state: 'detached' });

      await tabTo(page, 'Save classifier');
      const [saved] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
      await (await loadClassifier(await saved.path())).release();
    } finally {
      await page.close();
      await studio.close();
    }
  },
);
