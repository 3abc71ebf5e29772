/** Workers on hosts of their own, with nothing between them but the network: the queue on one, one that is cut off and joined again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { extract, jobs, merge } from '../../src/index.ts';
import { openPlace } from '../../src/objects/open.node.ts';
import { drawImageSet } from '../drawn.ts';
import { keys, startS3 } from '../objects/s3.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { startHosts } from './hosts.ts';
import { startRedis } from './redis.ts';

const hosts = startHosts(['queue', 'a', 'b', 'c']);
const redis = hosts && (await startRedis(hosts.addressOf('queue'), hosts.on('queue')));
if (!redis)
  console.log('skipped: tests of hosts that are cut off need redis-server, ip (iproute2) and namespaces, so root');
const folder = mkdtempSync(join(tmpdir(), 'carafe-test-'));
const backbone = tinyNetworkFile();
const main = join(import.meta.dirname, '../../dist/cli/main.js');
const ending: (() => unknown)[] = [];

afterAll(async () => {
  for (const end of ending) await end();
  await redis?.stop();
  hosts?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * A store that gives other hosts a photo after a while, so that a part takes a second or two.
 * @param onPhoto told which host asks for a photo
 */
async function slowStore(here: string, onPhoto: (host: string) => void): Promise<string> {
  const store = await startS3();
  const { port } = new URL(store.endpoint);
  const line = createServer((near) => {
    const far = connect(Number(port), '127.0.0.1');
    const host = near.remoteAddress ?? '';
    near.on('data', async (bytes) => {
      if (host !== here && /^GET \S+\.jpg/.test(bytes.toString('latin1', 0, 200))) {
        onPhoto(host);
        await setTimeout(100);
      }
      far.write(bytes);
    });
    far.pipe(near);
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, here, resolve));
  ending.push(() => line.close(), store.close);
  return `http://${here}:${(line.address() as AddressInfo).port}`;
}

interface Worker {
  readonly child: ChildProcess;
  readonly said: () => string;
}

function workerOn(host: string): Worker {
  const env = { ...process.env, CARAFE_CACHE: join(folder, host), NO_COLOR: '1' };
  const args = ['worker', '--queue', redis?.address ?? '', '--threads', '1'];
  const [command, ...words] = [...(hosts?.on(host) ?? []), process.execPath, main, ...args];
  const child = spawn(command, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  ending.push(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return { child, said: () => said };
}

test.skipIf(!redis)(
  'workers that are cut off in a part lose it to another; one goes on when it is joined again, one ends when it is told to',
  async () => {
    if (!redis || !hosts) return;
    // `a` and `c` are cut off in their first part; `c` is stopped, too.
    const asked = { a: 0, c: 0 };
    const endpoint = await slowStore(hosts.here, (address) => {
      for (const host of ['a', 'c'] as const)
        if (address === hosts.addressOf(host) && ++asked[host] === 2) {
          hosts.cut(host);
          if (host === 'c') c.child.kill('SIGTERM');
        }
    });
    Object.assign(process.env, keys, {
      AWS_ENDPOINT_URL_S3: endpoint,
      NO_PROXY: '*',
      CARAFE_CACHE: join(folder, 'cache'),
    });
    await drawImageSet(join(folder, 'photos'), 10);
    const bucket = openPlace('s3://photos/in');
    for (const name of readdirSync(join(folder, 'photos'), { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.jpg')) await bucket.write(name, readFileSync(join(folder, 'photos', name)));
    const options = { backbone, threads: 1, photosPerPart: 5 };
    const queued = { ...options, queue: redis.address, out: 's3://photos/out' };

    const [a, b, c] = [workerOn('a'), workerOn('b'), workerOn('c')];
    const ended = new Promise((resolve) => c.child.once('close', resolve));
    await until(async () => (await jobs(redis.address)).workers === 3);
    const result = await extract('s3://photos/in', queued);
    // All is done while they are cut off.
    expect(Math.min(asked.a, asked.c)).toBeGreaterThanOrEqual(2);
    expect(result).toMatchObject({ parts: { all: 6, there: 0 }, photos: { found: 30, computed: 30, usable: 30 } });
    expect(result.failedParts).toEqual([]);
    expect(await stopped(b)).toMatch(/6 parts done: 30 photos with features, 0 failed/);

    hosts.join('a');
    const again = await extract('s3://photos/in', { ...queued, precision: 'int8', out: 's3://photos/int8' });
    expect(again.photos).toMatchObject({ computed: 30, usable: 30 });
    const counts = { waiting: 0, active: 0, delayed: 0, completed: 12, failed: 0 };
    expect((await jobs(redis.address)).counts).toMatchObject(counts);
    const said = await stopped(a);
    expect(said.match(/another worker takes over/g)).toHaveLength(1);
    expect(said).not.toMatch(/lock/);
    // The part that it lost counts for the other.
    expect(said).toMatch(/6 parts done: 30 photos with features, 0 failed/);

    await ended;
    expect(c.said()).toMatch(/this worker ends at once\. Another one takes over/);

    // What came of it is what one process makes, to the last byte.
    const alone = join(folder, 'alone');
    await extract('s3://photos/in', { ...options, out: alone });
    const out = openPlace('s3://photos/out');
    const stored: string[] = [];
    for await (const { name } of out.list()) stored.push(name);
    expect(stored.toSorted()).toEqual(readdirSync(alone).toSorted());
    for (const name of stored) expect(Buffer.from(await out.read(name))).toEqual(readFileSync(join(alone, name)));
    const merged = await merge('s3://photos/out', { out: join(folder, 'merged') });
    expect(merged.photos).toEqual({ usable: 30, copies: 0, failed: 0 });
  },
);

/** What a worker has said when it has come to its end. */
async function stopped({ child, said }: Worker): Promise<string> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
  return said();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(50);
}
