import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import { drawImageSet } from '../drawn.ts';
import { itemsOf } from './fakePlatform.ts';
import { tinyBackbone } from './tinyBackbone.ts';

const child = fileURLToPath(new URL('./extractChild.mjs', import.meta.url));
const nobody = 65534;
const count = 120;
const root = mkdtempSync(join(tmpdir(), 'carafe-extraction-'));
const photos = join(root, 'photos');
const clean = { found: count, failed: 0, thumbnails: count, warnings: [] };
let folder = '';
let runs = 0;

beforeAll(async () => {
  chmodSync(root, 0o755);
  await drawImageSet(photos, count / 3);
});
beforeEach(() => {
  folder = join(root, `cache-${runs++}`);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const output = z.looseObject({ warnings: z.array(z.string()) });

interface ChildOptions {
  /** Folders of photos. */
  readonly source?: readonly string[];
  readonly killAfter?: number;
  readonly interruptAfter?: number;
  readonly node?: readonly string[];
  readonly uid?: number;
  /** A shell command before the child, in a mount namespace of its own. */
  readonly mount?: string;
}

function filesIn(source: string): string[] {
  const names = readdirSync(source, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.jpg')).map((name) => join(source, name));
}

function settingsFile({ source = [photos], killAfter, interruptAfter }: ChildOptions): string {
  const items = itemsOf(source.flatMap(filesIn));
  const settings = join(root, `settings-${runs++}`);
  writeFileSync(
    settings,
    serialize({ backbone: tinyBackbone(), items, folder, threads: 2, killAfter, interruptAfter }),
  );
  return settings;
}

function command(options: ChildOptions): [string, string[]] {
  const node = [...(options.node ?? []), child, settingsFile(options)];
  if (!options.mount) return [process.execPath, node];
  return ['unshare', ['-rm', 'sh', '-c', `${options.mount} && exec "$@"`, 'sh', process.execPath, ...node]];
}

/** Runs the child to its end; gives what it printed, or the signal that ended it. */
async function extract(options: ChildOptions = {}): Promise<unknown> {
  const [program, args] = command(options);
  const started = spawn(program, args, { uid: options.uid, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  started.stdout.on('data', (text: Buffer) => (stdout += text));
  started.stderr.on('data', (text: Buffer) => (stderr += text));
  const signal = await new Promise<string | null>((resolve) => started.on('close', (_, name) => resolve(name)));
  if (signal) return signal;
  expect(stderr).toBe('');
  return output.parse(JSON.parse(stdout));
}

test('after kill -9 in the middle the next run goes on from there', async () => {
  expect(await extract({ killAfter: 70 })).toBe('SIGKILL');
  const second = await extract();
  expect(second).toMatchObject(clean);
  const { cached, computed, hash } = z.looseObject({ cached: z.number(), computed: z.number() }).parse(second);
  // Photos go to the store 50 at a time.
  expect(cached).toBeGreaterThanOrEqual(20);
  expect(cached).toBeLessThanOrEqual(70);
  expect(computed).toBe(count - cached);
  expect(await extract()).toMatchObject({ ...clean, cached: count, computed: 0, hash });
});

test('an interrupted run stores what it has and says so', async () => {
  expect(await extract({ interruptAfter: 30 })).toMatchObject({ code: 'INTERRUPTED', warnings: [] });
  const next = z.looseObject({ cached: z.number() }).parse(await extract());
  expect(next).toMatchObject(clean);
  expect(next.cached).toBeGreaterThanOrEqual(30);
  expect(next.cached).toBeLessThan(count);
});

test('two runs on one cache at the same time end well and leave it whole', async () => {
  const [a, b] = await Promise.all([extract(), extract()]);
  expect(a).toMatchObject(clean);
  expect(b).toMatchObject(clean);
  const { hash } = z.looseObject({ hash: z.string() }).parse(a);
  expect(b).toMatchObject({ hash });
  expect(await extract()).toMatchObject({ ...clean, cached: count, computed: 0, hash });
});

test('a worker that dies is an error, not a hang', async () => {
  const crash = join(root, 'crash.cjs');
  writeFileSync(
    crash,
    `const { isMainThread, parentPort } = require('node:worker_threads');
     if (!isMainThread) {
       const say = parentPort.postMessage.bind(parentPort);
       let said = 0;
       parentPort.postMessage = (message) => (++said < 20 ? say(message) : process.exit(3));
     }`,
  );
  expect(await extract({ node: ['--require', crash] })).toMatchObject({
    code: 'INTERNAL',
    what: expect.stringMatching(/^A worker thread failed at .*\.jpg: it ended with code 3$/),
  });
});

test('a cache that may only be read is read', async (context) => {
  const uid = process.getuid?.() === 0 ? nobody : undefined;
  const readable = spawnSync(process.execPath, ['-e', `require('fs').accessSync(${JSON.stringify(child)})`], { uid });
  if (readable.status !== 0) return context.skip('the repository is not readable for another user');
  await extract();
  const more = join(root, 'more');
  await drawImageSet(more, 1, 1000);
  const table = (name: string): string => join(folder, 'v1', name);
  const vectors = readdirSync(table('vectors')).map((name) => table(`vectors/${name}`));
  const folders = [table('paths'), table('photos'), table('thumbnails'), ...vectors];
  for (const each of folders) {
    for (const name of readdirSync(each)) chmodSync(join(each, name), 0o444);
    chmodSync(each, 0o555);
  }
  const again = output.parse(await extract({ source: [photos, more], ...(uid ? { uid } : {}) }));
  expect(again).toMatchObject({ found: count + 3, cached: count, computed: 3, failed: 0, thumbnails: count + 3 });
  expect(again.warnings).toEqual([expect.stringContaining(`The feature cache in ${folder} cannot be fully used`)]);
  for (const each of folders) chmodSync(each, 0o755);
});

for (const [how, kilobytes] of [
  ['fills up on the way', 300],
  ['is full from the start', 12],
])
  test(`a disk that ${how} costs a warning, not the run`, async (context) => {
    const mount = `mount -t tmpfs -o size=${kilobytes}k none '${folder}'`;
    mkdirSync(folder);
    if (spawnSync('unshare', ['-rm', 'sh', '-c', mount]).status !== 0)
      return context.skip('no small disk can be mounted here');
    const full = output.parse(await extract({ mount }));
    expect(full).toMatchObject({ found: count, cached: 0, computed: count, failed: 0, thumbnails: count });
    expect(full.warnings).toEqual([expect.stringContaining(`The feature cache in ${folder} cannot be fully used`)]);
  });

test('a cache folder that cannot be made costs a warning, not the run', async () => {
  writeFileSync(folder, 'a file in its place');
  const run = output.parse(await extract());
  expect(run).toMatchObject({ computed: count, thumbnails: count });
  expect(run.warnings).toHaveLength(1);
});
