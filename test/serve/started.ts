import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import { type Running, type ServeEvent, type ServeOptions, serve, trainOneClass } from '../../src/index.ts';
import { tinyBackbone, tinyClassifier, tinyLabeller } from '../classifier/tiny.ts';
import { drawImageSet } from '../drawn.ts';
import { drawnPhotos, memoryPlatform, trainOneClassInMemory } from '../memoryPlatform.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';

const folder = mkdtempSync(join(tmpdir(), 'carafe-serve-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A path in the folder of this test file, gone after its tests. */
export function placeFor(name: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

/** Writes bytes to a path in the folder of this test file. */
export function put(name: string, bytes: Uint8Array): string {
  const path = placeFor(name);
  writeFileSync(path, bytes);
  return path;
}

/** A classifier of three drawn labels; with a limit, photos above it are unknown. */
export async function classes(limit?: number): Promise<Uint8Array> {
  return tinyClassifier(await tinyBackbone(tinyNetwork()), limit);
}

/** A classifier that gives photos several labels. */
export async function labeller(): Promise<Uint8Array> {
  return tinyLabeller(await tinyBackbone(tinyNetwork()));
}

/** A one-class classifier that looks at patches, in a folder. */
export async function patches(): Promise<string> {
  const photos = placeFor('drawn');
  await drawImageSet(photos, 12);
  const out = placeFor('patches');
  process.env.CARAFE_CACHE = placeFor('cache');
  await trainOneClass(join(photos, 'circle'), { backbone: tinyNetworkFile(), head: 'padim', threads: 1, out });
  return out;
}

/** A one-class classifier that looks at whole photos. */
export async function oneClass(): Promise<Uint8Array> {
  const platform = memoryPlatform(drawnPhotos(30, { classes: ['good'] }));
  await trainOneClassInMemory(platform);
  const file = [...platform.written.values()].find((content) => content instanceof Uint8Array);
  if (!(file instanceof Uint8Array)) throw new TypeError('nothing was written');
  return file;
}

/** A drawn photo, another for each seed. */
export function photo(seed = 0, edge = 40): Promise<Buffer> {
  const data = Uint8Array.from(
    { length: edge * edge * 3 },
    (_, at) => (at * (7 + seed) + (at % (3 + seed)) * 31) % 256,
  );
  return sharp(data, { raw: { width: edge, height: edge, channels: 3 } })
    .jpeg()
    .toBuffer();
}

export interface Started extends Running {
  readonly events: ServeEvent[];
  ask(path: string, init?: RequestInit): Promise<Answer>;
}

/** An answer of the service, its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what is there
  readonly json: any;
}

const running: Running[] = [];
afterAll(async () => {
  await Promise.all(running.map((one) => one.close()));
});

/** A service on a free port, ended after the tests of the file. */
export async function started(source: string, options: ServeOptions = {}): Promise<Started> {
  const events: ServeEvent[] = [];
  const service = await serve(source, { port: 0, threads: 1, onEvent: (event) => events.push(event), ...options });
  running.push(service);
  return {
    ...service,
    events,
    async ask(path, init) {
      const response = await fetch(service.address + path, init);
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
    },
  };
}

/** A POST of bytes. */
export function post(body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', body: body instanceof Uint8Array ? Buffer.from(body) : body, headers };
}

/** A POST of JSON. */
export function postJson(value: unknown): RequestInit {
  return post(JSON.stringify(value), { 'content-type': 'application/json' });
}
