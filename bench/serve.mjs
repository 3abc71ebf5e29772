// `carafe serve`: what it answers, what it costs, and how it behaves when too much comes.
//   npm run bench serve                 about a minute
//   npm run bench serve -- --requests 100000      memory over so many requests (2,000 unless told)
// Loopback; the service in this process, the client in one of its own, so both share the cores.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import sharp from 'sharp';
import { loadClassifier, serve, writeSampleImages } from '../dist/index.js';
import { carafe, table, temporary } from './run.mjs';

const cores = availableParallelism();
const at = process.argv.indexOf('--requests');
const requests = at < 0 ? 2000 : Number(process.argv[at + 1]);
const main = new URL('../dist/cli/main.js', import.meta.url).pathname;

/** Runs the client; gives what it measured, and what the service spent meanwhile. */
async function load(address, folder, seconds, plan) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const client = new URL('serveClient.mjs', import.meta.url).pathname;
  delay.enable();
  const cpu = process.cpuUsage();
  const measured = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [client, address, folder, seconds, JSON.stringify(plan)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`the client: ${code}`))));
  });
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const answered = measured.statuses[200] ?? 0;
  return {
    ...measured,
    answered,
    loop: delay.percentile(99) / 1e6,
    spent: (user + system) / 1000 / Math.max(1, answered),
  };
}

const sample = temporary('serve-sample');
await writeSampleImages(sample, { perClass: 12 });
const out = temporary('serve');
const cache = temporary('serve-cache');
carafe(['train', sample, '--out', out], cache);
const other = temporary('serve-other');
carafe(['train', sample, '--out', other, '--seed', '1', '--head', 'prototype'], cache);
const drawn = readdirSync(sample, { recursive: true }).filter((name) => name.endsWith('.jpg'));
/** The drawn photos in another size, in a folder. */
async function photosOf(name, count, width, height) {
  const folder = temporary(name);
  mkdirSync(folder);
  for (const [i, path] of drawn.slice(0, count).entries()) {
    const photo = sharp(join(sample, path)).resize(width, height, { fit: 'fill' });
    writeFileSync(join(folder, `${i}.jpg`), await photo.jpeg({ quality: 90 }).toBuffer());
  }
  return folder;
}
const small = await photosOf('serve-photos', 96, 320, 320);
const large = await photosOf('serve-large', 4, 4000, 3000);

const lines = [];
const say = (what, measured, wanted) => lines.push([what, measured, wanted]);
const ms = (value) => `${value.toFixed(1)} ms`;

// What the processor time of a prediction would allow, with nothing around it.
const alone = await loadClassifier(out);
const photo = (name) => join(name, readdirSync(name)[0]);
async function costOf(path, times) {
  await alone.predict(path);
  const cpu = process.cpuUsage();
  for (let i = 0; i < times; i++) await alone.predict(path);
  const { user, system } = process.cpuUsage(cpu);
  return (user + system) / 1000 / times;
}
say('`predict` alone, processor time, 320 pixels', ms(await costOf(photo(small), 60)), '');
say('the same, 12 megapixels', ms(await costOf(photo(large), 10)), '');
await alone.release();

const service = await serve(out, { port: 0, feedback: undefined });
await load(service.address, small, 1, { lanes: 8 });
const full = await load(service.address, small, 8, { lanes: 8 });
const allowed = (1000 * cores) / (full.spent + full.cpu);
say('predictions/s, 8 clients', full.rate.toFixed(0), '130, or 80% of what processor time allows');
say('of what processor time allows (client included)', `${((100 * full.rate) / allowed).toFixed(0)}%`, '80%');
say('processor time of a prediction: service, client', `${ms(full.spent)}, ${ms(full.cpu)}`, '13 ms');
say('event loop held up, 99%', ms(full.loop), '15 ms');
say('/livez at full load, 99%', ms(full.livez), '20 ms');
say('latency at full load, median and 99%', `${ms(full.median)}, ${ms(full.p99)}`, '');
const big = await load(service.address, large, 6, { lanes: 8 });
say('12 megapixels, photos/s', big.rate.toFixed(0), '30');
say('12 megapixels, processor time of the service', ms(big.spent), '');

// A bomb: 16,000 x 16,000 pixels of one colour.
const bomb = await sharp({ create: { width: 16000, height: 16000, channels: 3, background: '#888' } })
  .png()
  .toBuffer();
const askBomb = async () => {
  const began = performance.now();
  const { status } = await fetch(`${service.address}/v1/predict`, { method: 'POST', body: bomb });
  return { status, took: performance.now() - began };
};
await askBomb();
const bombs = [];
for (let i = 0; i < 5; i++) bombs.push(await askBomb());
say(
  `a bomb of ${(bomb.length / 1e6).toFixed(1)} MB and 256 megapixels, status ${bombs[0].status}`,
  ms(bombs.map(({ took }) => took).sort((a, b) => a - b)[2]),
  '20 ms',
);

// More than it can do: the queue bounds how long who is accepted waits, not the load.
for (const times of [4, 16]) {
  const over = await load(service.address, small, 6, { rate: times * full.rate });
  const shed = Object.entries(over.statuses)
    .map(([status, count]) => `${count} x ${status}`)
    .join(', ');
  say(`at ${times} times the capacity`, shed, 'sheds');
  say('accepted/s, and their 99%', `${over.rate.toFixed(0)}, ${ms(over.p99)}`, 'bounded by the queue');
}

// A swap in the middle of a thousand requests.
const file = join(out, 'classifier.onnx');
const swapping = load(service.address, small, 3600, { lanes: 8, count: 1000 });
await new Promise((resolve) => setTimeout(resolve, 1500));
copyFileSync(join(other, 'classifier.onnx'), join(out, '.new'));
renameSync(join(out, '.new'), file);
await service.reload();
const swapped = await swapping;
const asked = Object.values(swapped.statuses).reduce((sum, count) => sum + count, 0);
say(`failed of ${asked} across a swap`, String(asked - swapped.answered), '0');

await service.close();

// From the start of the process until it is ready.
const began = performance.now();
const child = spawn(process.execPath, [main, 'serve', out, '--port', '0', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
let text = '';
const isThere = (word) =>
  new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes(word)) resolve();
    });
  });
await isThere('"loaded"');
const usage = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
say('ready', ms(performance.now() - began), '1,500 ms');
// Hundredths of a second, in user and system mode.
say('the same, processor time', ms(10 * (Number(usage[11]) + Number(usage[12]))), '');

// Memory of a process that does nothing else.
const { address } = JSON.parse(text.split('\n').find((line) => line.includes('"listening"')));
const resident = () => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1] / 1000;
const memory = [resident()];
for (let part = 0; part < 4; part++) {
  await load(address, small, 3600, { lanes: 8, count: requests / 4 });
  memory.push(resident());
}
const sizes = memory.map((one) => one.toFixed(0)).join(', ');
say(`memory at the start and over ${requests.toLocaleString('en')} requests, MB`, sizes, 'flat');
child.kill('SIGTERM');

table(`carafe serve on ${cores} cores, the embedded network`, ['', 'measured', 'wanted'], lines);
