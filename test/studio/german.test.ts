import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { english as panel } from '../../src/review/panelWords.ts';
import { runStudio } from '../../src/studio/run.node.ts';
import { german as germanTexts } from '../../src/studio/texts.de.ts';
import { english as studioTexts } from '../../src/studio/texts.ts';
import { english as common } from '../../src/ui/common.ts';
import type { Table } from '../../src/ui/translation.ts';
import { launchChromium, missing } from '../chromium.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet } from '../trained.ts';

if (missing) console.log(`test/studio/german.test.ts skipped: ${missing}`);

const network = tinyNetworkFile();
const perClass = 6;
let folder: string;
let browser: Browser;

beforeAll(async () => {
  if (missing) return;
  folder = await drawnFolder(perClass);
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** English texts of more than one word, as patterns: what stands in them may be anything. */
const patterns = [common, panel, studioTexts].flatMap((table: Table) =>
  Object.values(table).flatMap((text) =>
    (typeof text === 'string' ? [text] : text)
      .map((form) => form.split(/\{\w+\}/).filter((part) => part.trim().includes(' ')))
      .flatMap((parts) => parts.map((part) => part.trim())),
  ),
);

/** All that the page shows or says to screen readers. */
function saidBy(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('body *')].flatMap((element) => [
      ...['aria-label', 'title', 'placeholder', 'alt'].flatMap((name) => element.getAttribute(name) ?? []),
      ...[...element.childNodes].flatMap((node) => (node.nodeType === Node.TEXT_NODE ? (node.nodeValue ?? '') : [])),
    ]),
  );
}

async function requireGerman(page: Page): Promise<void> {
  const said = (await saidBy(page)).filter((text) => /[a-z]/.test(text));
  expect(said.filter((text) => patterns.some((pattern) => text.includes(pattern)))).toEqual([]);
  expect(said.filter((text) => /\b(the|photos|with|could|baseline|training|of)\b/i.test(text))).toEqual([]);
}

test.skipIf(missing)(
  'in German no English sentence is left: empty, at work, with results, errors and a broken photo',
  async () => {
    writeFileSync(join(folder, 'broken.jpg'), 'no photo');
    const studio = await runStudio(join(folder, 'projekt'), { backbone: network });
    const page = await browser.newPage({ locale: 'de-AT', viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(60_000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    try {
      await page.goto(studio.address);
      const name = page.getByLabel(germanTexts.className);
      await name.waitFor();
      expect(asked).toContain('/german.js');
      await requireGerman(page);
      for (const label of ['circle', 'cross']) {
        await name.fill(label);
        await page.keyboard.press('Enter');
        const files = Array.from({ length: perClass }, (_, i) => join(folder, drawnSet, label, `${i}.jpg`));
        const add = page.getByLabel(germanTexts.addTo.replace('{label}', label));
        await add.setInputFiles(label === 'cross' ? [...files, join(folder, 'broken.jpg')] : files);
      }
      await page
        .getByText(/^Messung: /)
        .first()
        .waitFor();
      await requireGerman(page);
      await page.locator('.figure').waitFor();
      await requireGerman(page);
      await page.getByText('die Datei ist kein Foto').waitFor();
      await page.getByRole('tab', { name: germanTexts.curve }).click();
      await requireGerman(page);

      // An error of the engine, and one of a file.
      await page.getByRole('button', { name: germanTexts.moreOf.replace('{label}', 'circle') }).click();
      await page.getByLabel(germanTexts.renameTo.replace('{label}', 'circle')).fill('cross');
      await page.keyboard.press('Enter');
      await page.getByText('Eine Klasse „cross“ gibt es schon.').waitFor();
      await requireGerman(page);
      writeFileSync(join(folder, 'foreign.onnx'), '<html>');
      await page.getByLabel(germanTexts.startFrom).setInputFiles(join(folder, 'foreign.onnx'));
      await page.getByText('sie ist eine Webseite').waitFor();
      await requireGerman(page);

      await page.getByRole('button', { name: germanTexts.export, exact: true }).click();
      await page.getByRole('button', { name: germanTexts.exportMake }).click();
      await page.getByText('Selbsttest bestanden').waitFor();
      await requireGerman(page);
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Tastatur' }).waitFor();
      await requireGerman(page);
    } finally {
      await page.close();
      await studio.close();
    }
  },
);

test.skipIf(missing)('who reads English loads no German, until it is chosen', async () => {
  const studio = await runStudio(join(folder, 'project'), { backbone: network });
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  try {
    await page.goto(studio.address);
    await page.getByLabel(studioTexts.className).waitFor();
    expect(asked).not.toContain('/german.js');
    await page.getByLabel(studioTexts.language).selectOption('de');
    await page.getByRole('button', { name: germanTexts.make }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('de');
  } finally {
    await page.close();
    await studio.close();
  }
});
