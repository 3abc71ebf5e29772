import { cpSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadClassifier, train } from '../../src/index.ts';
import { runStudio } from '../../src/studio/run.node.ts';
import { writeStaticStudio } from '../../src/studio/static.node.ts';
import { servePages } from '../browser/page.ts';
import { launchChromium, missing } from '../chromium.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet } from '../trained.ts';

if (missing) console.log(`test/studio/page.test.ts skipped: ${missing}`);

const network = tinyNetworkFile();
const perClass = 8;
const labels = ['circle', 'cross'];
let folder: string;
let browser: Browser;

beforeAll(async () => {
  if (missing) return;
  folder = await drawnFolder(perClass);
  browser = await launchChromium(['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream']);
});
afterAll(() => browser?.close());

const photos = (label: string) => Array.from({ length: perClass }, (_, i) => join(folder, drawnSet, label, `${i}.jpg`));

/** A page whose errors are gathered. */
async function opened(address: string): Promise<{ page: Page; wrong: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(60_000);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.goto(address);
  await page.getByLabel('Name of the class').waitFor();
  return { page, wrong };
}

async function addClasses(page: Page): Promise<void> {
  for (const label of labels) {
    await page.getByLabel('Name of the class').fill(label);
    await page.keyboard.press('Enter');
    await page.getByLabel(`Add photos to ${label}`).setInputFiles(photos(label));
  }
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    ).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

test.skipIf(missing)(
  'by the local server: classes, photos, camera, results, undo; nothing that axe minds',
  async () => {
    const studio = await runStudio(join(folder, 'project'), { backbone: network });
    let hasStopped = false;
    const { page, wrong } = await opened(studio.address);
    try {
      expect(page.url()).not.toContain('token');
      expect(await violations(page)).toEqual([]);
      await addClasses(page);
      await page.locator('.figure').waitFor();
      expect(await page.getByRole('button', { name: /^circle, answered/ }).count()).toBeGreaterThan(0);
      expect(await violations(page)).toEqual([]);

      // The panel by keyboard: each choice is made, tested, and saved.
      await page.getByRole('button', { name: 'Export', exact: true }).press('Enter');
      const panel = page.getByRole('dialog', { name: 'Export the classifier' });
      await panel.getByRole('radio').first().press('ArrowDown');
      await panel.getByRole('button', { name: 'Make it' }).press('Enter');
      await panel.getByText('Same answers for 16 of 16 photos').waitFor();
      expect(await violations(page)).toEqual([]);
      const [saved] = await Promise.all([
        page.waitForEvent('download'),
        panel.getByRole('button', { name: 'Save classifier.onnx' }).press('Enter'),
      ]);
      await (await loadClassifier(await saved.path())).release();
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'detached' });

      await page.getByRole('button', { name: 'Use the camera' }).click();
      await page.locator('.answer').waitFor();
      // One key makes the frame a photo of the first class; so does holding the button.
      await page.getByRole('heading', { name: 'Try it' }).click();
      await page.keyboard.press('1');
      await expect.poll(() => page.locator('.class .count').first().textContent()).toBe('9 photos');
      const hold = page.getByRole('button', { name: 'Hold to record' });
      await hold.focus();
      await page.keyboard.down(' ');
      await expect.poll(() => page.locator('.class .count').first().textContent()).not.toBe('9 photos');
      await page.keyboard.up(' ');
      await page.getByRole('button', { name: 'Stop the camera' }).click();

      await page
        .getByRole('button', { name: /^Photo cross\// })
        .first()
        .click();
      await page.keyboard.press('Delete');
      await expect.poll(() => page.locator('.class .count').last().textContent()).toBe('7 photos');
      await page.keyboard.press('Control+z');
      await expect.poll(() => page.locator('.class .count').last().textContent()).toBe('8 photos');

      await page.setViewportSize({ width: 320, height: 800 });
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      await page.getByLabel('Language').selectOption('de');
      await page.getByRole('button', { name: 'Klasse anlegen' }).waitFor();
      // The longest words of the menu, and a choice as wide as a long name, stay on a phone's screen.
      await page.getByLabel('Name der Klasse').fill('a name of a class that is as long as a whole line');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Mehr zu circle' }).click();
      await page.getByLabel('circle vereinigen mit').waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);

      // That the studio has stopped is seen wherever one is on the page.
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      hasStopped = true;
      await studio.close();
      await page.getByText('Das Studio ist beendet').waitFor();
      const { top } = await page
        .locator('.problem')
        .first()
        .evaluate((element) => element.getBoundingClientRect());
      expect(top).toBeGreaterThanOrEqual(0);
      expect(top).toBeLessThan(400);
      expect(wrong).toEqual([]);
    } finally {
      await page.close();
      if (!hasStopped) await studio.close();
    }
  },
);

test.skipIf(missing)(
  'as static files: the same answers as the command, kept and offline on the next visit',
  async () => {
    await writeStaticStudio(join(folder, 'static'));
    const at = (name: string) => readFile(join(folder, 'static', name));
    const names = readdirSync(join(folder, 'static'));
    const files = await Promise.all(
      names.map(async (name): Promise<[string, Uint8Array]> => [`/${name}`, await at(name)]),
    );
    const served = await servePages({ '/': String(await at('index.html')), ...Object.fromEntries(files) });
    const { page, wrong } = await opened(served.address);
    try {
      await addClasses(page);
      await page.getByRole('button', { name: 'Save classifier' }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save classifier' }).click(),
      ]);
      const inPage = await loadClassifier(await download.path());
      const source = join(folder, 'project2');
      for (const label of labels) cpSync(join(folder, drawnSet, label), join(source, label), { recursive: true });
      const command = await train(source, { out: join(folder, 'out') });
      const ours = await loadClassifier(command.files.classifier);
      expect(inPage.card.training).toEqual(ours.card.training);
      expect(inPage.card.evaluation).toMatchObject({
        accuracy: command.task === 'single-label' && command.evaluation.accuracy,
      });
      const differences: number[] = [];
      for (const label of labels)
        for (const photo of photos(label)) {
          const [a, b] = [await inPage.predict(photo), await ours.predict(photo)];
          expect(a.label).toBe(b.label);
          const of = new Map(b.classes.map((each) => [each.label, each.probability]));
          for (const each of a.classes) differences.push(Math.abs(each.probability - (of.get(each.label) ?? 0)));
        }
      // The pixels are the very same; only the sums of the network are added up in another order.
      expect(Math.max(...differences)).toBeLessThan(1e-4);
      await Promise.all([inPage.release(), ours.release()]);

      await page.context().setOffline(true);
      await page.reload();
      await expect
        .poll(() => page.locator('.class .count').allTextContents(), { timeout: 30_000 })
        .toEqual(['8 photos', '8 photos']);
      expect(wrong).toEqual([]);
    } finally {
      await page.close();
      await served.close();
    }
  },
);
