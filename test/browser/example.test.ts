import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { trainOneClass } from '../../src/index.ts';
import { missing } from '../chromium.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet, trainDrawn } from '../trained.ts';
import { serve } from './page.ts';

if (missing) console.log(`test/browser/example.test.ts skipped: ${missing}`);

test.skipIf(missing)('the example page loads, names a photo, and says what is wrong', async () => {
  const folder = await drawnFolder(12);
  await trainDrawn(folder);
  const photo = (label: string) => join(folder, drawnSet, label, '0.jpg');
  const served = await serve({ '/made/classifier.onnx': readFileSync(join(folder, 'out/classifier.onnx')) });
  try {
    const page = await served.browser.newPage({ viewport: { width: 390, height: 800 } });
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(error.message));
    const status = page.locator('#status');
    // The page's own script holds these words, too: only what the status line says counts.
    const waitFor = (text: string) =>
      page.waitForFunction((t) => document.querySelector('#status')?.textContent?.includes(t), text);

    await page.goto(`${served.address}/examples/browser/index.html?classifier=/nothing.onnx`);
    await waitFor('404');
    expect(await status.textContent()).toMatch(/nothing\.onnx cannot be loaded: .*Check the address/);

    await page.goto(`${served.address}/examples/browser/index.html?classifier=/made/classifier.onnx`);
    await waitFor('Its self-test passes in this browser');
    expect(await status.textContent()).toMatch(/^It knows circle, cross, square, and is right on \d+\.\d% of photos/);

    for (const label of ['circle', 'cross']) {
      await page.setInputFiles('#choose', photo(label));
      await page.waitForFunction(() => document.querySelectorAll('li').length === 3);
      await waitFor('Named in');
      await page.waitForFunction((name) => document.querySelector('li')?.textContent?.includes(name), label);
    }
    const shares = await page.locator('li span:nth-child(2)').allTextContents();
    expect(shares.reduce((sum, text) => sum + Number.parseFloat(text), 0)).toBeCloseTo(100, 0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);

    const noise = sharp({
      create: {
        width: 320,
        height: 240,
        channels: 3,
        background: '#888',
        noise: { type: 'gaussian', mean: 128, sigma: 60 },
      },
    });
    await page.setInputFiles('#choose', {
      name: 'y.png',
      mimeType: 'image/png',
      buffer: await noise.png().toBuffer(),
    });
    await waitFor('Unknown: it looks like none of the photos that were learned');
    if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}.unknown.png` });

    await page.setInputFiles('#choose', { name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no photo') });
    await waitFor('This photo cannot be used');
    expect(await status.textContent()).toContain('the file does not contain an image');
    expect(wrong).toEqual([]);
    if (process.env.SHOT) {
      await page.setInputFiles('#choose', photo('circle'));
      await waitFor('Named in');
      await page.screenshot({ path: process.env.SHOT });
    }
  } finally {
    await served.close();
  }
});

test.skipIf(missing)('the example page says whether a photo is normal, and where it is not', async () => {
  const folder = await drawnFolder(12);
  const out = join(folder, 'out');
  await trainOneClass(join(folder, drawnSet, 'circle'), { backbone: tinyNetworkFile(), head: 'padim', out });
  const served = await serve({ '/made/classifier.onnx': readFileSync(join(out, 'classifier.onnx')) });
  try {
    const page = await served.browser.newPage();
    await page.goto(`${served.address}/examples/browser/index.html?classifier=/made/classifier.onnx`);
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.includes('self-test passes'));
    await page.setInputFiles('#choose', join(folder, drawnSet, 'circle/0.jpg'));
    await page.waitForFunction(() => /^(Normal|Abnormal): /.test(document.querySelector('#status')?.textContent ?? ''));
    expect(await page.locator('.photo canvas').count()).toBe(1);
    if (process.env.SHOT) await page.screenshot({ path: `${process.env.SHOT}.heatmap.png` });
  } finally {
    await served.close();
  }
});
