// Fine-tuning in a browser: photos of flowers5 in a worker of a page, the embedded network, its last stage trained whatever comes out.
//   npm run bench finetunePage            needs Debian's Chromium and the photos
//   node bench/finetunePage.mjs [PHOTOS]  300 unless told
// Two folds: three trainings in all, the file's own among them. Processor time is that of the page's process, which other programs
// hardly change.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { neededShared, percent, table } from './run.mjs';

const flowers = join(neededShared('finetunePage'), 'images/flowers5');
const root = fileURLToPath(new URL('..', import.meta.url));
const types = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const classes = readdirSync(flowers).sort();
const each = Math.round(Number(process.argv[2] ?? 300) / classes.length);
const photos = classes.flatMap((label) =>
  readdirSync(join(flowers, label))
    .sort()
    .slice(0, each)
    .map((name) => ({ label, name, path: `photos/${label}/${name}` })),
);

const worker = `import { train } from '/web/train.js';
onmessage = async ({ data: { photos, options } }) => {
  const labelled = [];
  for (const { path, label, name } of photos) labelled.push({ photo: await (await fetch(path)).blob(), label, name });
  const began = performance.now();
  const told = [];
  const { result } = await train(labelled, { ...options, onStage: (text) => told.push([Math.round(performance.now() - began), text]) });
  postMessage({ seconds: (performance.now() - began) / 1000, told, finetuning: result.finetuning, accuracy: result.evaluation.accuracy });
};
postMessage('ready');`;

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname).slice(1);
  const file = path.startsWith('photos/') ? join(flowers, path.slice(7)) : join(root, path);
  const body =
    path === ''
      ? '<!doctype html><title>Carafe</title>'
      : path === 'worker.js'
        ? worker
        : existsSync(file) && readFileSync(file);
  const type = path === '' ? types.html : (types[path.split('.').at(-1)] ?? 'application/octet-stream');
  response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body || undefined);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);

/** Seconds of processor time that the browser's pages have taken. */
async function processorTime() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

const run = (finetune) =>
  page.evaluate(
    ({ list, options }) =>
      new Promise((resolve, reject) => {
        const own = new Worker('/worker.js', { type: 'module' });
        own.onerror = (event) => reject(new Error(event.message));
        own.onmessage = ({ data }) => (data === 'ready' ? own.postMessage({ photos: list, options }) : resolve(data));
      }),
    { list: photos, options: { finetune, framing: 'crop', folds: 2 } },
  );
const rows = [];
for (const finetune of ['off', 'last']) {
  const before = await processorTime();
  const made = await run(finetune);
  console.error(JSON.stringify(made));
  const processor = (await processorTime()) - before;
  rows.push([
    finetune === 'off' ? 'frozen' : 'fine-tuned',
    percent(made.accuracy.value),
    `${Math.round(made.seconds)} s`,
    `${Math.round(processor)} s`,
  ]);
}
await browser.close();
server.close();
table(
  `Fine-tuning in a page, ${photos.length} photos of flowers5, the embedded network, 2 folds`,
  ['', 'accuracy', 'wall', 'processor'],
  rows,
);
