/** Parts handed out by a real Redis: to several workers, to ones that are killed, of other versions, or without the photos. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { extract, jobs, worker } from '../../src/index.ts';
import { queueName, shown } from '../../src/queue/connect.node.ts';
import { start } from '../cli/carafe.ts';
import { drawImageSet } from '../drawn.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { startRedis } from './redis.ts';

const redis = await startRedis();
if (!redis) console.log('skipped: tests of the queue need redis-server');
const address = redis?.address ?? '';
const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
const photos = join(folder, 'photos');
const backbone = tinyNetworkFile();
let out = '';
let count = 0;

beforeAll(async () => {
  process.env.CARAFE_CACHE = join(folder, 'cache');
  await drawImageSet(photos, 10);
});
beforeEach(() => {
  out = join(folder, `out${count++}`);
});
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A worker in this process, until the work is done. */
async function withWorkers<T>(many: number, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const workers = Array.from({ length: many }, () => worker(address, { threads: 1, signal: stop.signal }));
  try {
    return await work();
  } finally {
    stop.abort();
    await Promise.all(workers);
  }
}

const options = () => ({ out, backbone, threads: 1, queue: address, photosPerPart: 5 });
const features = () => readdirSync(out).filter((name) => name.endsWith('.parquet'));

describe.skipIf(!redis)('a queue', () => {
  test('two workers make what one process makes, and a second run finds all there', async () => {
    const result = await withWorkers(2, () => extract(photos, options()));
    expect(result).toMatchObject({ parts: { all: 6, there: 0 }, photos: { found: 30, computed: 30, usable: 30 } });
    expect(result.failedParts).toEqual([]);
    const alone = join(folder, 'alone');
    await extract(photos, { ...options(), out: alone, queue: undefined });
    expect(features()).toEqual(readdirSync(alone));
    for (const name of features()) expect(readFileSync(join(out, name))).toEqual(readFileSync(join(alone, name)));
    expect(readdirSync(join(out, 'jobs'), { recursive: true }).filter((name) => String(name).endsWith('.gz'))).toEqual(
      [],
    );
    expect((await extract(photos, options())).parts.there).toBe(6);
  });

  test('results that are gone are computed again, though the queue has seen the jobs done', async () => {
    await withWorkers(1, () => extract(photos, options()));
    rmSync(join(out, features()[0]));
    const again = await withWorkers(1, () => extract(photos, options()));
    expect(again.parts.there).toBe(5);
    expect(features()).toHaveLength(6);
  });

  test('a queue that is lost on the way is filled again', async () => {
    const extracting = extract(photos, options());
    await until(async () => (await jobs(address)).counts.waiting === 6);
    await redis?.stop();
    await redis?.start();
    expect((await withWorkers(1, () => extracting)).photos.usable).toBe(30);
  });

  test('a worker that is killed loses its part to another one', async () => {
    const extracting = extract(photos, options());
    await until(async () => (await jobs(address)).counts.waiting === 6);
    const { child, ended } = start(['worker', '--queue', address, '--threads', '1'], join(folder, 'cache'));
    await until(async () => (await jobs(address)).counts.active === 1);
    child.kill('SIGKILL');
    await ended;
    expect((await withWorkers(1, () => extracting)).photos.usable).toBe(30);
  });

  test('a job of another version is refused and stays for others', async () => {
    const stop = new AbortController();
    const extracting = extract(photos, { ...options(), signal: stop.signal });
    await until(async () => (await jobs(address)).counts.waiting === 6);
    const queue = new Queue(queueName, { connection: { url: address } });
    const [job] = await queue.getWaiting();
    await job.updateData({ ...job.data, space: 'other', decoder: 'sharp of another version' });
    for (const other of (await queue.getWaiting()).slice(1)) await other.remove();
    await expect(worker(address, { threads: 1 })).rejects.toThrow(/cannot take the jobs.*sharp of another version/);
    expect((await jobs(address)).counts).toMatchObject({ delayed: 1, failed: 0 });
    stop.abort();
    await expect(extracting).rejects.toThrow(expect.objectContaining({ code: 'INTERRUPTED' }));
    await queue.obliterate({ force: true });
    await queue.close();
  });

  test('a worker that does not see the photos says so, and the part can be done again', async () => {
    const stop = new AbortController();
    const failures: string[] = [];
    const working = worker(address, {
      ...{ threads: 1, root: join(folder, 'nowhere'), signal: stop.signal },
      onFailure: (_, reason) => failures.push(reason),
    });
    const extracting = extract(photos, options());
    await until(async () => failures.length > 0);
    stop.abort();
    await working;
    expect(failures[0]).toMatch(/None of the \d photos of part \d can be opened/);
    expect(features()).toEqual([]);
    expect((await withWorkers(1, () => extracting)).photos.usable).toBe(30);
  });
});

test.each([
  ['http://localhost', /is no address of a queue/],
  ['redis://:secret@127.0.0.1:1', /does not answer/],
])(
  '%s',
  async (wrong, message) => {
    const told = await jobs(wrong).catch((error: unknown) => error);
    expect(String(told)).toMatch(message);
    expect(String(told)).not.toContain('secret');
    expect(shown(wrong)).not.toContain('secret');
  },
  20_000,
);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
