import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, missing } from '../chromium.ts';
import { classes, photo, placeFor, put, type Started, started } from '../serve/started.ts';

let browser: Browser;
let service: Started;
if (missing) console.log(`test/browser/servePage.test.ts skipped: ${missing}`);

describe.skipIf(missing !== undefined)('the pages of a service', () => {
  beforeAll(async () => {
    service = await started(put('drawn/classifier.onnx', await classes()), { feedback: placeFor('feedback') });
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser?.close());

  test.for([
    [1280, 'light'],
    [320, 'dark'],
  ] as const)('asked in a browser of %i pixels, %s', async ([width, colorScheme]) => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, locale: 'en-US' });
    const said: string[] = [];
    page.on('pageerror', (error) => said.push(error.message));
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
    /** What stands against the page: faults that axe finds, and what reaches over the edge. */
    const minded = async () => {
      await page.evaluate(axe.source);
      return page.evaluate(async () => {
        type Found = { violations: { id: string; nodes: { html: string }[] }[] };
        const { run } = (globalThis as unknown as { axe: { run(): Promise<Found> } }).axe;
        const found = (await run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`);
        const { scrollWidth, clientWidth } = document.documentElement;
        return scrollWidth > clientWidth ? [...found, `${scrollWidth} pixels wide`] : found;
      });
    };
    await page.goto(service.address);
    await page.waitForSelector('#model option', { state: 'attached' });
    expect(await minded()).toEqual([]);
    await page.setInputFiles('#photo', { name: 'a.jpg', mimeType: 'image/jpeg', buffer: await photo() });
    await page.waitForSelector('#answer .bar');
    expect(await page.isVisible('#right')).toBe(true);
    expect(await minded()).toEqual([]);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/try-${width}.png`, fullPage: true });
    await page.setInputFiles('#photo', { name: 'b.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('none') });
    await expect.poll(() => page.textContent('#answer')).toContain('photo');
    expect(await minded()).toEqual([]);
    await page.goto(`${service.address}/docs`);
    expect(await minded()).toEqual([]);
    // A photo that is none is answered by 4xx, which the browser tells; nothing else went wrong.
    expect(said.filter((text) => !text.includes('status of 4'))).toEqual([]);
    await page.close();
  });
});
