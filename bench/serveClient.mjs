// The client of `npm run bench serve`, a process of its own: sends photos, and prints what came of it as JSON.
//   node serveClient.mjs ADDRESS FOLDER SECONDS '{"lanes":8}'      8 at once, each as soon as the last is answered
//   node serveClient.mjs ADDRESS FOLDER SECONDS '{"rate":400}'     400 a second, whatever comes back
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

const [, , address, folder, seconds, plan] = process.argv;
const { lanes = 0, rate = 0, count = Number.POSITIVE_INFINITY } = JSON.parse(plan);
const photos = readdirSync(folder)
  .sort()
  .map((name) => readFileSync(`${folder}/${name}`));
const agent = new Agent({ keepAlive: true, maxSockets: 1024 });
const statuses = {};
const times = [];
const health = [];

/** One request; gives its status, 0 where the connection broke. */
const ask = (path, body) =>
  new Promise((resolve) => {
    const sent = request(address + path, {
      agent,
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'image/jpeg' },
    });
    sent.on('response', (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
      answer.on('error', () => resolve(0));
    });
    sent.on('error', () => resolve(0));
    sent.end(body);
  });

let sent = 0;
async function predict() {
  const began = performance.now();
  const status = await ask('/v1/predict', photos[sent++ % photos.length]);
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (status === 200) times.push(performance.now() - began);
}

const began = performance.now();
const until = began + 1000 * seconds;
const isOver = () => performance.now() >= until || sent >= count;
const pulse = setInterval(async () => {
  const asked = performance.now();
  await ask('/livez');
  health.push(performance.now() - asked);
}, 50);
const open = [];
if (rate > 0)
  for (let next = began; !isOver(); next += 1000 / rate) {
    const wait = next - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    open.push(predict());
  }
await Promise.all(
  Array.from({ length: lanes }, async () => {
    while (!isOver()) await predict();
  }),
);
await Promise.all(open);
clearInterval(pulse);
const took = (performance.now() - began) / 1000;
const quantile = (values, q) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    statuses,
    rate: times.length / took,
    median: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    livez: quantile(health, 0.99),
    cpu: (user + system) / 1000 / Math.max(1, sent),
  }),
);
process.exit(0);
