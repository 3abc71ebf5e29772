import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { train, trainOneClass } from '../../src/index.ts';
import { findImageSet } from '../../src/sets/find.node.ts';
import type { StudioState } from '../../src/studio/engine.ts';
import { runStudio } from '../../src/studio/run.node.ts';
import type { RunningStudio } from '../../src/studio/server.node.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet } from '../trained.ts';

let folder: string;
let studio: RunningStudio;
let origin: string;
let cookie: string;
const network = tinyNetworkFile();

beforeAll(async () => {
  folder = await drawnFolder(12);
  studio = await runStudio(join(folder, drawnSet), { backbone: network });
  const { origin: own, port, searchParams } = new URL(studio.address);
  origin = own;
  cookie = `carafe-${port}=${searchParams.get('token')}`;
});
afterAll(() => studio.close());

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${origin}${path}`, { ...init, headers: { cookie, ...init.headers } });

/** `fetch` sets the host itself. */
function statusFor(headers: Record<string, string>, path = '/api/results'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${origin}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('who is not the page is refused: no token, another site, a name that was pointed here', async () => {
  const host = new URL(origin).host;
  expect(await statusFor({ cookie })).toBe(200);
  expect(await statusFor({})).toBe(403);
  expect(await statusFor({ cookie: `${cookie}x` })).toBe(403);
  expect(await statusFor({ cookie, origin: 'https://evil.example' })).toBe(403);
  expect(await statusFor({ cookie, origin: `http://${host}` })).toBe(200);
  expect(await statusFor({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await statusFor({ cookie, host: `evil.example:${new URL(origin).port}` })).toBe(403);
  expect(await statusFor({}, '/')).toBe(403);
  expect(await statusFor({}, '/?token=guess')).toBe(403);
  expect((await fetch(studio.address, { redirect: 'manual' })).headers.get('set-cookie')).toMatch(
    /HttpOnly; SameSite=Strict/,
  );
});

/** The first state that is as wanted. */
async function stateWhere(isWanted: (state: StudioState) => boolean): Promise<StudioState> {
  const response = await ask('/api/events');
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += new TextDecoder().decode(chunk);
    for (const [, line] of text.matchAll(/^data: (.*)\n\n/gm)) {
      const state: StudioState = JSON.parse(line);
      if (isWanted(state)) return state;
    }
  }
  throw new Error('the stream ended');
}

test('it learns from the folder, and measures what the command measures', async () => {
  const state = await stateWhere(({ learned, waiting }) => learned > 0 && waiting === 0);
  expect(state.classes.map(({ name, photos }) => [name, photos])).toEqual([
    ['circle', 12],
    ['cross', 12],
    ['square', 12],
  ]);
  await ask('/api/measure', { method: 'POST' });
  const result = await (await ask('/api/results')).json();
  const command = await train(join(folder, drawnSet), { out: join(folder, 'out'), backbone: network });
  expect(result.evaluation).toEqual(JSON.parse(JSON.stringify(command.evaluation)));
  expect(result.split).toEqual(JSON.parse(JSON.stringify(command.split)));
  const classifier = new Uint8Array(await (await ask('/api/file/classifier.onnx')).arrayBuffer());
  expect(Buffer.compare(classifier, await readFile(command.files.classifier))).toBe(0);
  expect(await (await ask('/api/file/report.html')).text()).toContain('Carafe training report');
});

test('a photo is answered for, with what it resembles', async () => {
  const bytes = await readFile(join(folder, drawnSet, 'circle/3.jpg'));
  const answer = await (await ask('/api/predict?heatmap=1', { method: 'POST', body: bytes })).json();
  expect(answer.nearest[0]).toMatchObject({ path: 'circle/3.jpg' });
  expect(answer.nearest[0].similarity).toBeCloseTo(1, 3);
  expect(
    answer.classes.reduce((sum: number, { probability }: { probability: number }) => sum + probability, 0),
  ).toBeCloseTo(1, 4);
  const refused = await ask('/api/predict', { method: 'POST', body: 'no photo' });
  expect(await refused.json()).toMatchObject({ code: 'UNREADABLE', what: /photo cannot be used/ });
});

test('photos that come, change class and go are files that do, and what is broken says why', async () => {
  const form = new FormData();
  form.set('label', 'star');
  form.append('photo', new File([await readFile(join(folder, drawnSet, 'circle/0.jpg'))], '../x.jpg'));
  form.append('photo', new File(['no photo'], 'y.jpg'));
  expect(await (await ask('/api/photos', { method: 'POST', body: form })).json()).toEqual(['star/x.jpg', 'star/y.jpg']);
  await stateWhere(
    ({ classes, waiting }) => waiting === 0 && classes.some(({ name, failed }) => name === 'star' && failed === 1),
  );
  expect(await (await ask('/api/photos?label=star')).json()).toEqual([
    {
      path: 'star/y.jpg',
      labels: ['star'],
      ready: false,
      failure: { code: expect.any(String), reason: expect.any(String) },
    },
    { path: 'star/x.jpg', labels: ['star'], ready: true },
  ]);
  const edit = (body: unknown) => ask('/api/edit', { method: 'POST', body: JSON.stringify(body) });
  expect((await edit({ kind: 'move', paths: ['star/x.jpg'], to: 'moon' })).status).toBe(200);
  expect(readdirSync(join(folder, drawnSet)).sort()).toEqual([
    '.carafe-studio',
    '.carafe-studio.json',
    'circle',
    'cross',
    'moon',
    'square',
    'star',
  ]);
  await ask('/api/undo', { method: 'POST' });
  await ask('/api/undo', { method: 'POST' });
  expect(readdirSync(join(folder, drawnSet)).filter((name) => !name.startsWith('.'))).toEqual([
    'circle',
    'cross',
    'square',
  ]);
  expect((await edit({ kind: 'format the disk' })).status).toBe(400);
});

test('the project as a zip is a set that the command reads', async () => {
  const file = join(folder, 'project.zip');
  writeFileSync(file, new Uint8Array(await (await ask('/api/file/project.zip')).arrayBuffer()));
  const inZip = await findImageSet(file);
  const inFolder = await findImageSet(join(folder, drawnSet));
  expect(inZip.source).toBe(file);
  expect(inZip.items.map(({ path, labels }) => [path, labels])).toEqual(
    inFolder.items.map(({ path, labels }) => [path, labels]),
  );
  expect(await readFile(inZip.items[7].file)).toEqual(await readFile(inFolder.items[7].file));
});

test('photos of one class alone are learned as normal, as by --one-class', async () => {
  const edit = (body: unknown) => ask('/api/edit', { method: 'POST', body: JSON.stringify(body) });
  for (const label of ['cross', 'square']) await edit({ kind: 'enable', label, enabled: false });
  await stateWhere(({ learned }) => learned === 0);
  await ask('/api/measure', { method: 'POST' });
  const result = await (await ask('/api/results')).json();
  const alone = join(folder, 'alone');
  cpSync(join(folder, drawnSet, 'circle'), alone, { recursive: true });
  const command = await trainOneClass(alone, { out: join(folder, 'out one'), backbone: network });
  expect(result.threshold).toEqual(JSON.parse(JSON.stringify(command.threshold)));
  const answer = await (
    await ask('/api/predict?heatmap=1', { method: 'POST', body: await readFile(join(alone, '3.jpg')) })
  ).json();
  expect(answer).toMatchObject({ label: 'circle', known: true, normal: { threshold: command.threshold.value } });
  expect(answer.heatmap.data).toHaveLength(answer.heatmap.width * answer.heatmap.height);
  for (const label of ['cross', 'square']) await ask('/api/undo', { method: 'POST', body: label });
});

test('a phone is given an address only where the studio was allowed on the network', async () => {
  expect(await (await ask('/api/phone')).json()).toBeNull();
});

test('a set with a split of its own is not taken for classes', async () => {
  for (const part of ['train', 'test']) mkdirSync(join(folder, 'split', part, 'cat'), { recursive: true });
  await expect(runStudio(join(folder, 'split'), { backbone: network })).rejects.toThrow(/has its own split/);
});

test('a file in place of a folder is refused, with what to give', async () => {
  const list = join(folder, 'list.csv');
  writeFileSync(list, 'path,labels\n');
  await expect(runStudio(list, { backbone: network })).rejects.toMatchObject({
    code: 'USAGE',
    what: expect.stringContaining('is a file'),
    hint: expect.stringContaining('labels.csv'),
  });
});
