import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Zip, ZipDeflate } from 'fflate';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeStaticStudio } from '../../src/studio/static.node.ts';
import { type Served, serve } from '../browser/page.ts';
import { missing } from '../chromium.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

if (missing) console.log(`test/studio/badInput.test.ts skipped: ${missing}`);

const network = tinyNetworkFile();
const folder = mkdtempSync(join(tmpdir(), 'carafe-bad-'));
const file = (name: string) => join(folder, name);
let served: Served;

beforeAll(async () => {
  if (missing) return;
  await writeStaticStudio(file('static'));
  const names = ['studio.js', 'worker.js', 'measurer.js', 'ort-wasm-simd-threaded.wasm'];
  const routes = {
    ...Object.fromEntries(names.map((name) => [`/${name}`, readFileSync(join(file('static'), name))])),
    '/': readFileSync(join(file('static'), 'index.html'), 'utf8'),
    '/tiny.onnx': readFileSync(network),
    '/tiny.json': readFileSync(network.replace('.onnx', '.json')),
  };
  // There is a camera, and nobody allows it.
  served = await serve(routes, ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream=deny']);
  const drawn = sharp({ create: { width: 60, height: 60, channels: 3, background: '#a53' } });
  writeFileSync(file('good.jpg'), await drawn.jpeg().toBuffer());
  const large = { width: 17_000, height: 17_000, channels: 3, background: '#a53' } as const;
  writeFileSync(file('huge.png'), await sharp({ create: large, limitInputPixels: false }).png().toBuffer());
  writeFileSync(file('broken.jpg'), 'no photo');
  writeFileSync(file('foreign.onnx'), 'no network');
  writeFileSync(file('foreign.json'), '{}');
  writeFileSync(file('bomb.zip'), bomb());
  writeFileSync(file('torn.zip'), bomb().subarray(0, 4000));
});
afterAll(async () => {
  await served?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A zip whose one photo would be 300 MB of zeros. */
function bomb(): Uint8Array {
  const parts: Uint8Array[] = [];
  const zip = new Zip((_, chunk) => parts.push(chunk));
  const entry = new ZipDeflate('cat/x.jpg', { level: 9 });
  zip.add(entry);
  for (let i = 0; i < 20; i++) entry.push(new Uint8Array(15e6), i === 19);
  zip.end();
  return Buffer.concat(parts);
}

async function opened(context = served.browser.newContext()): Promise<Page> {
  const page = await (await context).newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${served.address}/?network=tiny.onnx`);
  await page.getByLabel('Name of the class').waitFor();
  return page;
}

async function make(page: Page, label: string): Promise<void> {
  await page.getByLabel('Name of the class').fill(label);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: label, exact: true }).waitFor();
}

/** What the page says, which then can be put away. */
async function said(page: Page): Promise<string> {
  const problem = page.locator('.problem');
  await problem.waitFor();
  const text = await problem.locator('p').textContent();
  await problem.getByRole('button').click();
  return text ?? '';
}

describe.skipIf(missing)('bad input, in the page', () => {
  test('photos, zips, networks and classifiers that are none are told in words', async () => {
    const page = await opened();
    await make(page, 'cat');
    const add = (names: readonly string[]) => page.getByLabel('Add photos to cat').setInputFiles(names.map(file));
    await add(['good.jpg', 'broken.jpg', 'huge.png']);
    await expect.poll(() => page.locator('.tile .why').allTextContents(), { timeout: 60_000 }).toHaveLength(2);
    const why = (await page.locator('.tile .why').allTextContents()).join();
    expect(why).toContain('does not contain an image');
    expect(why).toContain('17000 x 17000 pixels, more than 268 million');
    await add(['bomb.zip']);
    expect(await said(page)).toBe('bomb.zip cannot be read: it unpacks to more than 64 MB');
    await add(['torn.zip']);
    expect(await said(page)).toBe('torn.zip cannot be read: it is no zip, or cut short');
    await page.getByLabel('Start from a classifier').setInputFiles(file('foreign.onnx'));
    expect(await said(page)).toMatch(/^foreign.onnx cannot be read as an ONNX network/);
    const choose = (names: readonly string[]) => page.getByLabel('Choose another').setInputFiles(names.map(file));
    await choose(['foreign.onnx']);
    expect(await said(page)).toMatch(/does not say how photos become its input/);
    await choose(['foreign.onnx', 'foreign.json']);
    expect(await said(page)).not.toMatch(/blob:/);
    await page.getByRole('button', { name: 'Use the camera' }).click();
    expect(await said(page)).toMatch(/^(The camera is not allowed|There is no camera)/);
    expect(await page.locator('.class .count').textContent()).toBe('3 photos, 2 cannot be used');
    await page.context().close();
  });

  test('a project is open in one tab at a time', async () => {
    const page = await opened();
    const second = await opened(Promise.resolve(page.context()));
    await second.locator('.problem').waitFor();
    expect(await second.locator('.problem p').textContent()).toMatch(/is open in another tab/);
    await page.context().close();
  });

  test('where there is no room left, nothing comes in by halves and nothing is lost', async () => {
    const context = await served.browser.newContext();
    // A browser that has room for six photos.
    const full = `{ const put = IDBObjectStore.prototype.put; let count = 0;
      IDBObjectStore.prototype.put = function (...args) {
        if (this.name === 'contents' && ++count > 6) throw new DOMException('full', 'QuotaExceededError');
        return put.apply(this, args);
      }; }`;
    const script = readFileSync(join(file('static'), 'worker.js'), 'utf8');
    await context.route('**/worker.js*', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: full + script }),
    );
    const page = await opened(Promise.resolve(context));
    await make(page, 'cat');
    const names = Array.from({ length: 5 }, (_, i) => {
      const name = file(`${i}.jpg`);
      if (!existsSync(name)) writeFileSync(name, readFileSync(file('good.jpg')));
      return name;
    });
    await page.getByLabel('Add photos to cat').setInputFiles(names.slice(0, 4));
    await expect.poll(() => page.locator('.class .count').textContent()).toBe('4 photos');
    await page.getByLabel('Add photos to cat').setInputFiles(names);
    expect(await said(page)).toMatch(/^The browser has no room left for more photos. Nothing that was there is lost/);
    await page.reload();
    await expect.poll(() => page.locator('.class .count').textContent(), { timeout: 30_000 }).toBe('4 photos');
    await context.close();
  });
});
