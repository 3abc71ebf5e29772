// A web server that names photos: what a prediction costs, and how long the server's event loop is held up.
//   npm run bench serve      about half a minute
// Loopback, JPEG photos of 320 pixels, 8 requests at once, sent by a process of their own. The network runs in the
// server's own thread, or in worker threads (`loadClassifier(file, { workers })`), as many as there are cores.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import sharp from 'sharp';
import { loadClassifier, writeSampleImages } from '../dist/index.js';
import { carafe, table, temporary } from './run.mjs';

const seconds = 5;
const atOnce = 8;

/** Sends photos until it is ended; says for how many it got an answer. */
const client = `
import { readFileSync, readdirSync } from 'node:fs';
const [, address, folder, seconds, atOnce] = process.argv;
const photos = readdirSync(folder).map((name) => readFileSync(folder + '/' + name));
let answered = 0;
const until = Date.now() + 1000 * seconds;
await Promise.all(Array.from({ length: Number(atOnce) }, async (_, lane) => {
  for (let i = lane; Date.now() < until; i++) {
    const answer = await fetch(address, { method: 'POST', body: photos[i % photos.length] });
    if (!(await answer.json()).label) throw new Error('no answer');
    answered++;
  }
}));
console.log(answered);`;

/** Runs the client against the address; gives how many photos were answered. */
const send = (address, folder, duration) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', client, address, folder, duration, atOnce], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('close', (code) =>
      code === 0 ? resolve(Number(text)) : reject(new Error(`the client ended with ${code}`)),
    );
  });

async function measure(file, options, folder) {
  const classifier = await loadClassifier(file, options);
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { label, probability } = await classifier.predict(Buffer.concat(chunks));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ label, probability }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  await send(address, folder, 1);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const answered = await send(address, folder, seconds);
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await classifier.release();
  const [median, most] = [50, 99].map((part) => delay.percentile(part) / 1e6);
  return { rate: answered / seconds, cpu: (user + system) / 1000 / answered, median, most };
}

const sample = temporary('serve-sample');
await writeSampleImages(sample, { perClass: 12 });
const out = temporary('serve');
carafe(['train', sample, '--out', out], temporary('serve-cache'));
const photos = temporary('serve-photos');
mkdirSync(photos);
const drawn = readdirSync(sample, { recursive: true }).filter((name) => name.endsWith('.jpg'));
for (const [i, name] of drawn.entries())
  writeFileSync(
    join(photos, `${i}.jpg`),
    await sharp(join(sample, name)).resize(320, 320).jpeg({ quality: 90 }).toBuffer(),
  );

const workers = availableParallelism();
const rows = [];
for (const [name, options] of [
  ['own thread', {}],
  [`workers: ${workers}`, { workers }],
]) {
  const { rate, cpu, median, most } = await measure(join(out, 'classifier.onnx'), options, photos);
  rows.push([name, rate.toFixed(0), `${cpu.toFixed(1)} ms`, `${median.toFixed(1)} ms`, `${most.toFixed(1)} ms`]);
}
table(
  `A server on ${workers} cores, 320-pixel JPEGs, ${atOnce} at once`,
  ['network in', 'predictions/s', 'processor time each', 'event loop held up, median', '99%'],
  rows,
);
