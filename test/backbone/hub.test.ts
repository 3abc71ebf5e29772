import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { getBackbone } from '../../src/backbone/get.node.ts';
import { fromHub, parseHubAddress } from '../../src/backbone/hub.node.ts';
import { resolveBackbone } from '../../src/backbone/resolve.node.ts';
import { CarafeError } from '../../src/errors.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import type { Fault, HubServer } from './hubServer.ts';
import { commit, startHub } from './hubServer.ts';

const network = writeModel(tinyNetwork());
const config = {
  size: { shortest_edge: 18 },
  crop_size: 16,
  do_center_crop: true,
  resample: 2,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};
const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const files = new Map([
  ['README.md', text('')],
  ['onnx/model.onnx', network],
  ['onnx/model_quantized.onnx', network],
  ['preprocessor_config.json', text(config)],
  ['config.json', text({ architectures: ['TinyNet'] })],
]);

const patience = { tries: 3, firstWait: 5, silence: 300 };
let hub: HubServer;
let folder: string;

beforeEach(async () => {
  hub = await startHub('someone/tiny', files);
  folder = await mkdtemp(join(tmpdir(), 'carafe-hub-'));
  vi.stubEnv('HF_ENDPOINT', hub.url);
  vi.stubEnv('HF_TOKEN', '');
  vi.stubEnv('HF_HUB_OFFLINE', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

const resolve = (spec = 'hf:someone/tiny') => resolveBackbone(spec, { openSession, modelFolder: folder, patience });

/** Every file in the folder, the unfinished ones too. */
async function names(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test('a repository becomes a backbone; the second time nothing is asked', async () => {
  const progress: string[] = [];
  const options = { openSession, modelFolder: folder, patience };
  const backbone = await resolveBackbone('hf:someone/tiny', {
    ...options,
    onDownload: (file, done, total) => progress.push(`${file} ${done}/${total}`),
  });
  expect(backbone).toMatchObject({
    name: 'hf:someone/tiny',
    licence: 'apache-2.0',
    preprocessing: { resize: { rule: 'shortest-edge', size: 18 }, crop: { height: 16, width: 16 } },
    network: { width: 8 },
  });
  expect(progress).toContain(`someone/tiny/onnx/model.onnx ${network.length}/${network.length}`);
  expect(hub.requests).toEqual([
    'GET /api/models/someone/tiny/revision/main',
    `POST /api/models/someone/tiny/paths-info/${commit}`,
    `GET /someone/tiny/resolve/${commit}/onnx/model.onnx`,
    'GET /cdn/onnx/model.onnx',
    `POST /api/models/someone/tiny/paths-info/${commit}`,
    `GET /someone/tiny/resolve/${commit}/preprocessor_config.json`,
    `GET /someone/tiny/resolve/${commit}/config.json`,
  ]);
  await hub.close();
  expect((await resolveBackbone('hf:someone/tiny', options)).hash).toBe(backbone.hash);
  expect((await names()).toSorted()).toEqual([
    '.default.json',
    'config.json',
    'model.onnx',
    'preprocessor_config.json',
  ]);
});

const survived: [string, Fault[], ranges: number][] = [
  ['a cut connection is gone on with', [{ path: /cdn/, cutAfter: 700 }], 1],
  [
    'cut twice',
    [
      { path: /cdn/, cutAfter: 300 },
      { path: /cdn/, cutAfter: 300 },
    ],
    2,
  ],
  ['silence counts as a cut', [{ path: /cdn/, silentAfter: 500 }], 1],
  [
    'a server that ignores ranges',
    [
      { path: /cdn/, cutAfter: 300 },
      { path: /cdn/, ignoreRange: true },
    ],
    1,
  ],
  ['429 with the time to wait', [{ path: /revision/, status: 429, headers: { 'retry-after': '0' } }], 0],
  ['503, twice', [{ path: /cdn/, status: 503, times: 2 }], 0],
  ['damaged on the way, once', [{ path: /cdn/, damaged: true }], 0],
  ['a small file damaged on the way', [{ path: /resolve.*preprocessor/, damaged: true }], 0],
];

test.for(survived)('%s', async ([, faults, ranges]) => {
  hub.faults.push(...faults);
  const backbone = await resolve();
  expect(backbone.network.width).toBe(8);
  expect(hub.requests.filter((line) => line.includes('cdn') && line.includes('bytes='))).toHaveLength(ranges);
  expect((await names()).filter((name) => name.startsWith('.model'))).toEqual([]);
});

const always = 1000;
const refused: [string, Fault, code: string, what: string][] = [
  [
    '401',
    { path: /revision/, status: 401, times: always },
    'UNAVAILABLE',
    'does not exist or cannot be read without permission (401)',
  ],
  [
    '404',
    { path: /revision/, status: 404, times: always },
    'NOT_FOUND',
    'Hugging Face has no repository someone/tiny with the revision main',
  ],
  [
    '429 for ever',
    { path: /revision/, status: 429, times: always },
    'UNAVAILABLE',
    'says there were too many requests (429)',
  ],
  [
    'a file that may not be read',
    { path: /resolve/, status: 403, times: always },
    'UNAVAILABLE',
    'cannot be read without permission (403)',
  ],
  ['a wrong checksum for ever', { path: /cdn/, damaged: true, times: always }, 'UNAVAILABLE', 'but its source states'],
  ['cut for ever without a byte', { path: /cdn/, cutAfter: 0, times: always }, 'UNAVAILABLE', 'was repeatedly cut'],
  [
    'something else than a hub',
    { path: /revision/, status: 200, times: always },
    'UNAVAILABLE',
    "does not answer like Hugging Face's hub",
  ],
];

test.for(refused)('refused with a reason: %s', async ([, fault, code, what]) => {
  hub.faults.push(fault);
  await expect(resolve()).rejects.toMatchObject({ name: 'CarafeError', code, what: expect.stringContaining(what) });
  // Nothing passes for whole that is not.
  expect(await names()).not.toContain('model.onnx');
});

test('what a killed process left is gone on with, if it is dead', async () => {
  hub.faults.push({ path: /cdn/, cutAfter: 900 }, { path: /cdn/, status: 500, times: always });
  await expect(resolve()).rejects.toThrow('status 500');
  const [part = ''] = (await names()).filter((name) => name.startsWith('.model.onnx.'));
  const onnx = join(folder, 'hub', 'someone--tiny', 'main', 'onnx');
  const left = await readFile(join(onnx, part));
  expect(left).toHaveLength(900);
  await rm(join(onnx, part));
  // No process has this number: Linux and macOS count to 2^22 and 99,999.
  await writeFile(join(onnx, part.replace(/\.\d+-/, '.9999999-')), left);
  hub.faults.length = 0;
  hub.requests.length = 0;
  await resolve();
  expect(hub.requests).toContain('GET /cdn/onnx/model.onnx bytes=900-');
});

test('a token is sent to the hub, and not to where it redirects', async () => {
  // A mirror's own kind of token, not hf_...
  hub.token = 'secret';
  await expect(resolve()).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringContaining('HF_TOKEN') });
  vi.stubEnv('HF_TOKEN', 'secret');
  expect((await resolve()).network.width).toBe(8);
});

test('offline: what is here is used, the rest is refused with what to do', async () => {
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  await expect(resolve()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    what: expect.stringContaining('HF_HUB_OFFLINE'),
    hint: expect.stringMatching(/embedded.*yourself/),
  });
  expect(hub.requests).toEqual([]);
  vi.stubEnv('HF_HUB_OFFLINE', '');
  await resolve();
  vi.stubEnv('HF_HUB_OFFLINE', '1');
  expect((await resolve()).network.width).toBe(8);
});

test('no server at all', async () => {
  await hub.close();
  await expect(resolve()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    what: expect.stringContaining('does not answer'),
    hint: expect.stringContaining("`backbone: 'embedded'`"),
  });
});

test('a named file, and names that are not there', async () => {
  expect((await resolve('hf:someone/tiny@main:onnx/model_quantized.onnx')).name).toContain('model_quantized');
  await expect(resolve('hf:someone/tiny:other.onnx')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    hint: expect.stringContaining('onnx/model.onnx, onnx/model_quantized.onnx. Name one'),
  });
});

test('weights beside the network come with it', async () => {
  const model = tinyNetwork();
  const outside = model.graph.initializers.map((tensor) =>
    tensor.bytes.length > 500
      ? {
          ...tensor,
          bytes: new Uint8Array(),
          external: { location: 'model.onnx_data', offset: 0, length: tensor.bytes.length },
        }
      : tensor,
  );
  const large = model.graph.initializers.find(({ bytes }) => bytes.length > 500)?.bytes ?? new Uint8Array();
  const withData = new Map([
    ['onnx/model.onnx', writeModel({ ...model, graph: { ...model.graph, initializers: outside } })],
    ['onnx/model.onnx_data', large],
    ['preprocessor_config.json', text(config)],
  ]);
  await hub.close();
  hub = await startHub('someone/tiny', withData);
  vi.stubEnv('HF_ENDPOINT', hub.url);
  const backbone = await resolve();
  expect(backbone.network.initializers.every(({ external }) => external === undefined)).toBe(true);
  const other = new Uint8Array(large);
  other[0] = 1;
  await writeFile(join(folder, 'hub', 'someone--tiny', 'main', 'onnx', 'model.onnx_data'), other);
  // Other weights are another backbone, though the .onnx file is the same.
  expect((await resolve()).hash).not.toBe(backbone.hash);
});

test('a commit is found by its first digits', async () => {
  await fromHub({ repo: 'someone/tiny', revision: commit.slice(0, 7) }, { folder, patience });
  expect(hub.requests.slice(0, 2)).toEqual([
    'GET /api/models/someone/tiny/commits/main',
    `GET /api/models/someone/tiny/revision/${commit}`,
  ]);
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const listed = { repo: 'someone/tiny', revision: 'main', file: 'onnx/model.onnx' };

test.for<[string, string, number, string]>([
  ['another hash', 'f'.repeat(64), network.length, `(SHA-256 ${sha256(network)}) than the catalogue describes`],
  ['another size', sha256(network), 7, `(${network.length} bytes) than the catalogue describes (7 bytes, SHA-256`],
])('a file that the hub offers with %s than was stated is not downloaded', async ([, hash, bytes, what]) => {
  const files = [{ path: 'onnx/model.onnx', sha256: hash, bytes }];
  await expect(fromHub({ ...listed, files }, { folder, patience })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    what: expect.stringContaining(what),
  });
  expect(hub.requests.filter((line) => line.includes('cdn'))).toEqual([]);
});

test('a small file, of which the hub states no SHA-256, is held to the one that was stated', async () => {
  const stated = (hash: string) => ({ ...listed, files: [{ path: 'preprocessor_config.json', sha256: hash }] });
  await expect(fromHub(stated('f'.repeat(64)), { folder, patience })).rejects.toMatchObject({
    what: expect.stringContaining('arrived with the checksum'),
  });
  await expect(fromHub(stated(sha256(text(config))), { folder, patience })).resolves.toMatchObject({
    source: `someone/tiny@${commit}`,
  });
});

test('terms that bind are shown before the download, and once', async () => {
  const shown: string[] = [];
  const onTerms = (terms: string) => shown.push(`${terms} after ${hub.requests.length} requests`);
  const entry = { ...listed, terms: 'Pass it on.' };
  await fromHub(entry, { folder, patience, onTerms });
  await fromHub(entry, { folder, patience, onTerms });
  expect(shown).toEqual(['Pass it on. after 0 requests']);
});

test('where the hub is blocked, the message has the addresses to download by hand', async () => {
  await hub.close();
  const hintOf = (name: string): Promise<string> =>
    resolve(name).then(
      () => '',
      (error: unknown) => (error instanceof CarafeError ? error.hint : ''),
    );
  expect(await hintOf('mobilenet-v4-medium')).toMatch(
    /mobilenetv4_conv_medium.e500_r256_in1k\/resolve\/46483fa826d2e19a097d182e35d1988f51c2180b\/onnx\/model.onnx yourself, save .*\/preprocessor_config.json next to it/,
  );
  expect(await hintOf('dinov3-small')).toMatch(/onnx\/model.onnx and http\S*\/onnx\/model.onnx_data yourself/);
  expect(await hintOf('inception-v3')).toContain('{"size":{"shortest_edge":342},"crop_size":299');
  expect(await hintOf('hf:someone/tiny')).toContain(`the .onnx file at ${hub.url}/someone/tiny/tree/main`);
});

test('an aborted download leaves no socket behind, though a proxy never answers', async () => {
  let closed: Promise<unknown> | undefined;
  const abort = new AbortController();
  const proxy = createServer();
  proxy.on('connect', (_, socket) => {
    closed = once(socket, 'end').finally(() => socket.destroy());
    socket.resume();
    abort.abort();
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const at = proxy.address();
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${typeof at === 'object' ? at?.port : 0}`);
  vi.stubEnv('HF_ENDPOINT', 'http://hub.invalid');
  const options = { openSession, modelFolder: folder, signal: abort.signal };
  await expect(resolveBackbone('hf:someone/tiny', options)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  // It would stay open for minutes, and the process with it.
  await closed;
  proxy.close();
});

test('a network is had ahead of time, with all that is known of it', async () => {
  const got = await getBackbone('hf:someone/tiny', { openSession, modelFolder: folder, patience });
  expect(got).toMatchObject({
    ...{ name: 'hf:someone/tiny', source: `someone/tiny@${commit}`, licence: 'apache-2.0', width: 8 },
    ...{ bytes: network.length, hash: sha256(network), inputSize: { height: 16, width: 16 } },
    shape: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(await readFile(got.file)).toEqual(Buffer.from(network));
  await hub.close();
  expect((await resolve()).hash).toBe(got.hash);
});

test('a proxy is used where the environment names one', async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const at = proxy.address();
  vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${typeof at === 'object' ? at?.port : 0}`);
  vi.stubEnv('HF_ENDPOINT', 'http://hub.invalid');
  await expect(resolve()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(asked).toContain('hub.invalid:80');
  proxy.close();
});

test.each([
  ['HF_ENDPOINT', 'somewhere'],
  ['HTTP_PROXY', 'somewhere'],
])('%s that is no address', async (variable, value) => {
  vi.stubEnv(variable, value);
  await expect(resolve()).rejects.toMatchObject({ code: 'USAGE', what: expect.stringContaining(variable) });
});

test('an aborted download stops at once, and the next goes on with it', async () => {
  const abort = new AbortController();
  hub.faults.push({ path: /cdn/, silentAfter: 700 });
  const options = { openSession, modelFolder: folder, patience: { ...patience, silence: 60_000 } };
  const onDownload = () => abort.abort();
  await expect(
    resolveBackbone('hf:someone/tiny', { ...options, onDownload, signal: abort.signal }),
  ).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const had = hub.requests.length;
  await resolve();
  expect(hub.requests.slice(had)).toContain('GET /cdn/onnx/model.onnx bytes=700-');
});

test.each([
  ['https://huggingface.co/someone/tiny', 'hf:someone/tiny@main'],
  ['https://huggingface.co/someone/tiny/tree/main', 'hf:someone/tiny@main'],
  ['https://huggingface.co/someone/tiny/blob/main/onnx/model.onnx', 'hf:someone/tiny@main:onnx/model.onnx'],
  [
    `https://hf.co/someone/tiny/resolve/${commit}/onnx/model.onnx?download=true`,
    `hf:someone/tiny@${commit}:onnx/model.onnx`,
  ],
])('a page of Hugging Face, copied from a browser: %s', async (page, name) => {
  expect((await resolve(page)).name).toBe(name);
});

test('a page that asks to sign in is not kept as a network', async () => {
  const pages = new Map<string, Uint8Array>([
    ['tiny.onnx', new TextEncoder().encode('<!doctype html><title>Sign in</title>')],
  ]);
  await hub.close();
  hub = await startHub('a/b', pages);
  await expect(resolve(`${hub.url}/cdn/tiny.onnx`)).rejects.toMatchObject({
    code: 'BAD_MODEL',
    what: expect.stringMatching(/cdn\/tiny\.onnx .*web page/),
  });
  pages.set('tiny.onnx', network);
  pages.set('tiny.json', text(config));
  expect((await resolve(`${hub.url}/cdn/tiny.onnx`)).network.width).toBe(8);
});

test('an address: the .json beside it is its preprocessing', async () => {
  const withJson = new Map([
    ['tiny.onnx', network],
    ['tiny.json', text(config)],
  ]);
  await hub.close();
  hub = await startHub('a/b', withJson);
  const backbone = await resolve(`${hub.url}/cdn/tiny.onnx`);
  expect(backbone).toMatchObject({ name: 'tiny', preprocessing: { crop: { height: 16 } } });
  await hub.close();
  expect((await resolve(`${hub.url}/cdn/tiny.onnx`)).hash).toBe(backbone.hash);
});

test.each([
  ['hf:owner', 'is not a Hugging Face address'],
  ['hf:owner/repo:../../etc/passwd.onnx', 'is not a Hugging Face address'],
  ['http://example.com/net.onnx', 'cannot be used'],
  ['https://example.com/net.zip', 'cannot be used'],
  ['ftp://example.com/net.onnx', 'cannot be used'],
  ['https://', 'cannot be used'],
  ['resnet-500', "no network 'resnet-500'"],
])('not a backbone: %s', async (spec, what) => {
  await expect(resolve(spec)).rejects.toMatchObject({ code: 'USAGE', what: expect.stringContaining(what) });
});

test.each([
  ['hf:a/b', { repo: 'a/b', revision: 'main' }],
  ['hf:a/b@v1', { repo: 'a/b', revision: 'v1' }],
  ['hf:a/b@refs/pr/1:onnx/m.onnx', { repo: 'a/b', revision: 'refs/pr/1', file: 'onnx/m.onnx' }],
])('%s', (spec, expected) => {
  expect(parseHubAddress(spec)).toEqual(expected);
});

test('two at once download what they need, and both are whole', async () => {
  const address = parseHubAddress('hf:someone/tiny');
  const both = await Promise.all([1, 2].map(() => fromHub(address, { folder, patience })));
  for (const { model } of both) expect(new Uint8Array(await readFile(model))).toEqual(network);
});
