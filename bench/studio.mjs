// The studio: what the page loads, how soon it answers, how smooth it stays, and whether it answers as the command does.
//   npm run bench studio      some minutes; real photos (flowers5) and Debian's Chromium
// Times are wall-clock times of a browser on this machine; on a busy one they are worse. Processor time is that of the page's
// process and of the server together, which other programs hardly change.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { loadClassifier, train } from '../dist/index.js';
import { runStudio } from '../dist/studio/run.node.js';
import { writeStaticStudio } from '../dist/studio/static.node.js';
import { neededShared, table, temporary } from './run.mjs';

const shared = neededShared('studio');

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const types = { js: 'text/javascript', mjs: 'text/javascript', html: 'text/html', wasm: 'application/wasm' };
const folder = temporary('studio');
const labels = readdirSync(join(shared, 'images/flowers5')).slice(0, 2);
const photos = (label, from, to) => {
  const place = join(shared, 'images/flowers5', label);
  return readdirSync(place)
    .sort()
    .slice(from, to)
    .map((name) => join(place, name));
};

/** Serves the static page and counts what goes over the wire. */
async function serveStatic(place) {
  const counts = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(place, pathname === '/' ? 'index.html' : pathname.slice(1));
    counts.requests++;
    if (!existsSync(file)) return response.writeHead(404).end();
    const body = gzipSync(readFileSync(file));
    counts.bytes += body.length;
    const type = types[file.split('.').at(-1)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${server.address().port}/`, counts, close: () => server.close() };
}

/** Memory that the browser's own pages take, in MB. */
async function memoryOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const kilobytes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0));
  return Math.max(...kilobytes) / 1024;
}

/** Seconds of processor time that the browser's pages and this process, with the local server, have taken. */
async function processorTime(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const { user, system } = process.cpuUsage();
  const pages = processInfo.filter(({ type }) => type === 'renderer');
  return pages.reduce((sum, { cpuTime }) => sum + cpuTime, (user + system) / 1e6);
}

async function addPhotos(page, label, files) {
  if ((await page.getByRole('heading', { name: label, exact: true }).count()) === 0) {
    await page.getByLabel('Name of the class').fill(label);
    await page.keyboard.press('Enter');
  }
  await page.getByLabel(`Add photos to ${label}`).setInputFiles(files);
}

const status = (page) => page.locator('.status').textContent();
const learned = (page, count) =>
  page.waitForFunction(
    (n) => new RegExp(`Learned from ${n} photos|Measuring`).test(document.querySelector('.status')?.textContent ?? ''),
    count,
    {
      timeout: 600_000,
    },
  );

/** Answers a second while the camera runs, and seconds of processor time for each. */
async function liveAnswers(browser, page) {
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await page.locator('.answer').waitFor();
  const before = await processorTime(browser);
  const count = await page.evaluate(
    () =>
      new Promise((resolve) => {
        let answers = 0;
        const observer = new MutationObserver(() => answers++);
        observer.observe(document.querySelector('.live'), {
          subtree: true,
          attributes: true,
          attributeFilter: ['style'],
        });
        setTimeout(() => {
          observer.disconnect();
          resolve(answers);
        }, 5000);
      }),
  );
  const each = ((await processorTime(browser)) - before) / count;
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  return { fps: count / 5, each };
}

async function drive(address, counts) {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
  ];
  const browser = await chromium.launch({ executablePath, args });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addInitScript(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longTasks.push(duration);
    }).observe({ type: 'longtask', buffered: true });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(600_000);
  const figures = {};
  let start = performance.now();
  await page.goto(address);
  await page.getByLabel('Name of the class').waitFor();
  figures.interactive = performance.now() - start;
  await page.waitForFunction(() => !/Loading/.test(document.querySelector('.status').textContent));
  figures.ready = performance.now() - start;
  if (counts) figures.firstVisit = counts.bytes / 1e6;
  const tasks = await page.evaluate(() => globalThis.longTasks.splice(0));
  figures.longestLoading = Math.max(0, ...tasks);

  await addPhotos(page, labels[0], photos(labels[0], 0, 5));
  await page.waitForFunction(() => /Make two classes/.test(document.querySelector('.status').textContent));
  start = performance.now();
  let processor = await processorTime(browser);
  await addPhotos(page, labels[1], photos(labels[1], 0, 5));
  await learned(page, 10);
  figures.firstPrediction = performance.now() - start;
  figures.firstProcessor = (await processorTime(browser)) - processor;
  await page.getByRole('button', { name: 'Save classifier' }).waitFor();
  const { fps, each } = await liveAnswers(browser, page);
  Object.assign(figures, { fps, each });

  for (const label of labels) await addPhotos(page, label, photos(label, 5, 250));
  start = performance.now();
  await learned(page, 500);
  figures.photosPerSecond = 490 / ((performance.now() - start) / 1000);
  await page.waitForFunction(
    () =>
      /\d ms/.test(document.querySelector('.status').textContent) ||
      /Measuring/.test(document.querySelector('.status').textContent),
  );
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  start = performance.now();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  figures.cancel = performance.now() - start;
  // One photo goes: the head is fitted again.
  await page.locator('.tile').first().click();
  processor = await processorTime(browser);
  await page.keyboard.press('Delete');
  await learned(page, 499);
  figures.fitProcessor = (await processorTime(browser)) - processor;
  figures.fit = Number(/([\d,]+) ms/.exec(await status(page))?.[1].replace(',', ''));
  await page.keyboard.press('Control+z');
  await learned(page, 500);
  start = performance.now();
  await page.getByRole('button', { name: /^Measure/ }).click();
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  figures.measure = (performance.now() - start) / 1000;
  figures.memory = await memoryOf(browser);
  figures.longestWorking = Math.max(0, ...(await page.evaluate(() => globalThis.longTasks)));
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save classifier' }).click(),
  ]);
  figures.file = join(folder, `${counts ? 'page' : 'server'}.onnx`);
  await download.saveAs(figures.file);
  if (counts) {
    counts.bytes = 0;
    await page.reload();
    await page.getByRole('heading', { name: labels[0], exact: true }).waitFor();
    figures.secondVisit = counts.bytes / 1e6;
  }
  await browser.close();
  return figures;
}

async function difference(file, reference, set) {
  const [a, b] = [await loadClassifier(file), await loadClassifier(reference)];
  let largest = 0;
  let same = 0;
  for (const photo of set) {
    const [ours, theirs] = [await a.predict(photo), await b.predict(photo)];
    same += Number(ours.classes[0].label === theirs.classes[0].label);
    const of = new Map(theirs.classes.map((each) => [each.label, each.probability]));
    for (const { label, probability } of ours.classes)
      largest = Math.max(largest, Math.abs(probability - of.get(label)));
  }
  await Promise.all([a.release(), b.release()]);
  return { largest, same, accuracy: a.card.evaluation.accuracy.value };
}

await writeStaticStudio(join(folder, 'static'));
const shellBytes = ['index.html', 'studio.js'].reduce(
  (sum, name) => sum + gzipSync(readFileSync(join(folder, 'static', name))).length,
  0,
);
const served = await serveStatic(join(folder, 'static'));
const inPage = await drive(served.address, served.counts);
served.close();
const studio = await runStudio(join(folder, 'project'));
const byServer = await drive(studio.address);
await studio.close();

const set = join(folder, 'set');
for (const label of labels) {
  mkdirSync(join(set, label), { recursive: true });
  for (const photo of photos(label, 0, 250)) cpSync(photo, join(set, label, photo.split('/').at(-1)));
}
const command = await train(set, { out: join(folder, 'out') });
const others = labels.flatMap((label) => photos(label, 250, 310));
const compared = await difference(inPage.file, command.files.classifier, others);
const comparedServer = await difference(byServer.file, command.files.classifier, others);

const row = (name, goal, show) => [name, goal, show(inPage), show(byServer)];
const ms =
  (key, scale = 1) =>
  (figures) =>
    `${Math.round(scale * figures[key])} ms`;
table(
  `The studio on ${labels.join(' and ')} of flowers5, 500 photos; in the page (one WASM thread), and by the local server`,
  ['figure', 'goal', 'page', 'server'],
  [
    ['shell, compressed', '60 kB', `${(shellBytes / 1e3).toFixed(1)} kB`, `${(shellBytes / 1e3).toFixed(1)} kB`],
    row('interactive', '1 s', ms('interactive')),
    row('network ready', '', ms('ready')),
    ['first visit, compressed', '9.5 MB', `${inPage.firstVisit.toFixed(1)} MB`, ''],
    ['second visit', '0 bytes', `${inPage.secondVisit.toFixed(1)} MB`, ''],
    row('first prediction after the second class has 5 photos', '5 s', ms('firstPrediction')),
    row('the same, processor time', '', ms('firstProcessor', 1000)),
    row('photos looked at', '', ({ photosPerSecond }) => `${photosPerSecond.toFixed(1)}/s`),
    row('head fitted again at 500 photos', '300 ms', ms('fit')),
    row('the same, processor time', '', ms('fitProcessor', 1000)),
    row('longest task of the page, while loading', '50 ms', ms('longestLoading')),
    row('longest task of the page, in work', '50 ms', ms('longestWorking')),
    row('live answers', '10/s, 25/s', ({ fps }) => `${fps.toFixed(1)}/s`),
    row('a live answer, processor time', '', ms('each', 1000)),
    row('cancel', '300 ms', ms('cancel')),
    row('measuring 500 photos', '', ({ measure }) => `${measure.toFixed(1)} s`),
    row('memory of the page', '600 MB', ({ memory }) => `${Math.round(memory)} MB`),
    [
      `accuracy (command: ${(100 * command.evaluation.accuracy.value).toFixed(1)}%)`,
      'same',
      `${(100 * compared.accuracy).toFixed(1)}%`,
      `${(100 * comparedServer.accuracy).toFixed(1)}%`,
    ],
    [
      'largest difference of probabilities from the command',
      '0.001',
      compared.largest.toExponential(1),
      comparedServer.largest.toExponential(1),
    ],
    [
      `same class as the command, of ${others.length} other photos`,
      'all',
      String(compared.same),
      String(comparedServer.same),
    ],
  ],
);
