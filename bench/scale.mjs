// Many machines: what the queue and the merging cost, and how 64 workers on a slow network compare with one.
// Last, heads on features in memory and in a file. PHOTOS (a folder of class folders), JOBS (10,000), VECTORS (1,000,000) and HEADS
// (100,000; of more than 300,000, only those in a file) may be set.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { openPlace } from '../dist/objects/open.node.js';
import { jobOptions, queueName, takeover } from '../dist/queue/connect.node.js';
import { merge } from '../dist/runs/merge.node.js';
import { writeShard } from '../dist/shards/shard.node.js';
import { shardName } from '../dist/shards/shardNames.js';
import { storeVector } from '../dist/shards/vectors.js';
import { neededShared, table } from './run.mjs';

const folder = mkdtempSync(join(tmpdir(), 'carafe-bench-'));
const main = new URL('../dist/cli/main.js', import.meta.url).pathname;
const env = { ...process.env, CARAFE_CACHE: join(folder, 'cache') };
const photos = process.env.PHOTOS ?? join(neededShared('scale'), 'images/cats_dogs');
const number = (value, digits = 0) => value.toLocaleString('en', { maximumFractionDigits: digits });
const seconds = async (work) => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

const server = createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const { port } = server.address();
server.close();
const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
const connection = { url: `redis://127.0.0.1:${port}`, maxRetriesPerRequest: null };
const queue = new Queue(queueName, { connection });
await queue.waitUntilReady();

/** The command, to its end. */
function run(...args) {
  const ended = spawnSync(process.execPath, [main, ...args], { env, encoding: 'utf8' });
  if (ended.status !== 0) throw new Error(ended.stderr);
}

/** Workers whose network takes `wait` milliseconds a photo, until `jobs` of `each` photos are done. */
async function slowWorkers(workers, jobs, each, wait) {
  await queue.obliterate({ force: true });
  await queue.addBulk(
    Array.from({ length: jobs }, (_, part) => ({
      name: 'part',
      data: { part },
      opts: { ...jobOptions, jobId: `stub-${part}` },
    })),
  );
  let done = 0;
  let finish;
  const all = new Promise((resolve) => {
    finish = resolve;
  });
  const processor = async () => {
    for (let i = 0; i < each; i++) await new Promise((resolve) => setTimeout(resolve, wait));
    if (++done === jobs) finish();
  };
  const opened = Array.from(
    { length: workers },
    () => new Worker(queueName, processor, { connection, autorun: false, ...takeover }),
  );
  await Promise.all(opened.map((worker) => worker.waitUntilReady()));
  const took = await seconds(async () => {
    for (const worker of opened) void worker.run();
    await all;
  });
  await Promise.all(opened.map((worker) => worker.close()));
  return took;
}

console.log('## Many machines\n');
try {
  // The queue beside one process on the same photos: processor time and wall time, interleaved.
  const times = { alone: [], queued: [] };
  for (let round = 0; round < 3; round++) {
    rmSync(env.CARAFE_CACHE, { recursive: true, force: true });
    const [a, b] = [join(folder, `a${round}`), join(folder, `b${round}`)];
    times.alone.push(
      await seconds(() => run('extract', photos, '--out', a, '--threads', '1', '--photos-per-part', '200')),
    );
    rmSync(env.CARAFE_CACHE, { recursive: true, force: true });
    const worker = spawn(process.execPath, [main, 'worker', '--queue', connection.url, '--threads', '1'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise((resolve) => worker.stderr.once('data', resolve));
    const extracting = spawn(
      process.execPath,
      [main, 'extract', photos, '--out', b, '--queue', connection.url, '--photos-per-part', '200'],
      { env, stdio: 'ignore' },
    );
    times.queued.push(await seconds(() => new Promise((resolve) => extracting.once('exit', resolve))));
    worker.kill('SIGTERM');
    await new Promise((resolve) => worker.once('exit', resolve));
  }
  const least = (list) => Math.min(...list);
  console.log(
    `- one process, one thread: ${number(least(times.alone), 1)} s; one worker of the queue: ${number(least(times.queued), 1)} s (${number(100 * (least(times.queued) / least(times.alone) - 1), 1)}% more; least of three, interleaved)`,
  );

  const [one, many] = [await slowWorkers(1, 8, 5, 100), await slowWorkers(64, 512, 5, 100)];
  const ratio = 512 / many / (8 / one);
  console.log(
    `- a network that takes 100 ms a photo, 5 photos a job: 64 workers do ${number(ratio, 1)} times what one does`,
  );

  const jobs = Number(process.env.JOBS ?? 10_000);
  const took = await slowWorkers(4, jobs, 0, 0);
  const memory = /used_memory_human:(\S+)/.exec(
    spawnSync('redis-cli', ['-p', String(port), 'info', 'memory'], { encoding: 'utf8' }).stdout,
  )?.[1];
  console.log(
    `- ${number(jobs)} jobs, of ${number(jobs * 1000)} photos, through the queue: ${number(took, 1)} s, ${memory} in Redis`,
  );

  const vectors = Number(process.env.VECTORS ?? 1_000_000);
  const [width, each] = [1280, 1000];
  const parts = Math.ceil(vectors / each);
  const place = openPlace(join(folder, 'drawn'));
  const head = {
    ...{
      format: 'carafe-features',
      version: 1,
      run: '0123456789abcdef',
      parts,
      source: 'drawn',
      backbone: 'embedded',
      precision: 'float16',
    },
    spaces: [{ id: 'ab'.repeat(32), description: '{}', backbone: { name: 'drawn', hash: 'ab' }, width }],
  };
  const features = storeVector(
    Float32Array.from({ length: width }, (_, i) => Math.sin(i)),
    'float16',
  );
  const cells = new Uint8Array(1024);
  for (let part = 1; part <= parts; part++) {
    const rows = Array.from({ length: each }, (_, i) => ({
      ...{ path: `${i % 10}/${part}-${i}.jpg`, labels: [`${i % 10}`], split: null, group: null },
      photo: {
        width: 640,
        height: 480,
        sha256: `${part}-${i}`.padStart(64, '0'),
        space: 0,
        hash: '0'.repeat(16),
        cells,
        vector: features,
      },
    }));
    const name = { run: head.run, part, parts };
    await place.write(shardName(name), writeShard({ ...head, part }, rows));
  }
  const merged = await seconds(() => merge(join(folder, 'drawn'), { out: join(folder, 'merged') }));
  console.log(
    `- ${number(parts * each)} vectors of ${number(width)} float16 in ${number(parts)} files merged in ${number(merged, 1)} s; the process took ${number(process.resourceUsage().maxRSS / 1024)} MB at most`,
  );

  const rows = Number(process.env.HEADS ?? 100_000);
  const places = rows > 300_000 ? ['file'] : ['memory', 'file'];
  const found = places.map((where) => {
    const child = new URL('scaleHeads.mjs', import.meta.url).pathname;
    const ended = spawnSync(process.execPath, [child], {
      env: { ...process.env, ROWS: String(rows), WHERE: where, FOLDER: folder },
      encoding: 'utf8',
    });
    if (ended.status !== 0) throw new Error(ended.stderr);
    return JSON.parse(ended.stdout);
  });
  table(
    `Heads on ${number(rows)} x 1,280 features`,
    ['head', ...places.flatMap((where) => [`in ${where}`, 'processor time', 'memory until then'])],
    found[0].map(({ name }, k) => [
      name,
      ...found.flatMap((each) => [
        number(each[k].value, 5),
        `${number(each[k].cpu, 1)} s`,
        `${number(each[k].peak)} MB`,
      ]),
    ]),
  );
} finally {
  await queue.close();
  redis.kill();
  rmSync(folder, { recursive: true, force: true });
}
