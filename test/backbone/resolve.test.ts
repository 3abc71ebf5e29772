import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { embeddedBackbone } from '../../src/backbone/embedded.node.ts';
import { embedded } from '../../src/backbone/embedded.ts';
import type { ResolveOptions } from '../../src/backbone/resolve.node.ts';
import { resolveBackbone } from '../../src/backbone/resolve.node.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import type { ExternalData, Model } from '../../src/onnx/model.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { type AnyTensor, expectTensor, float32 } from '../../src/runtime/platform.ts';
import { denseHead, tinyNetwork, weights } from '../onnx/networks.ts';
import { runCut } from './runCut.ts';

const config = {
  size: { height: 16, width: 16 },
  resample: 2,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'carafe-resolve-'));
  folder = join(root, 'networks');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(name: string, content: Model | Uint8Array | string | object): Promise<string> {
  const path = join(folder, name);
  if (content instanceof Uint8Array || typeof content === 'string') await writeFile(path, content);
  else await writeFile(path, 'graph' in content ? writeModel(content as Model) : JSON.stringify(content));
  return path;
}

const resolve = (spec: string | undefined, options: Partial<ResolveOptions> = {}) =>
  resolveBackbone(spec, { openSession, modelFolder: join(folder, 'models'), ...options });

test('the embedded backbone is the file that its record describes', async () => {
  const backbone = await resolve(undefined);
  expect((await resolve('embedded')).cut).toBe(backbone.cut);
  expect(backbone).toMatchObject({
    name: embedded.name,
    hash: embedded.hash,
    licence: 'MIT',
    preprocessing: { crop: { height: 192, width: 192 }, resize: { rule: 'shortest-edge', size: 192 } },
    network: { width: embedded.width, fixedBatch: false, spatial: { channels: 1280, layout: 'nchw' } },
  });
  expect(backbone.network.maps.map(({ channels }) => channels)).toEqual([96, 192]);
});

test('what is cut from the embedded backbone is what its own outputs give', async () => {
  const { network } = await embeddedBackbone(openSession);
  const image = float32(
    new Float32Array(3 * 192 * 192).map((_, i) => Math.sin(i / 97)),
    1,
    3,
    192,
    192,
  );
  const session = await openSession(new Uint8Array(await readFile(embedded.file)));
  const { features, spatial } = await session.run({ pixel_values: image });
  // Weights that are folded are multiplied in another order.
  const near = (output: AnyTensor | undefined) =>
    Array.from(expectTensor(output, 'float32').data, (value) => expect.closeTo(value, 4));
  expect([...(await runCut(network, image))]).toEqual(near(features));
  expect([...(await runCut(network, image, network.spatial?.tensor))]).toEqual(near(spatial));
});

test('a local file, with its preprocessing beside it', async () => {
  const path = await put('my net.onnx', tinyNetwork());
  await put('my net.json', config);
  const backbone = await resolve(path);
  expect(backbone).toMatchObject({ name: 'my net', network: { width: 8 }, preprocessing: { std: [0.5, 0.5, 0.5] } });
  expect(backbone.licence).toBeUndefined();
  expect((await resolve(path, { cut: 'relu_2' })).cut).toContain('mean of relu_2');
});

test('preprocessing: what is given comes before the file beside, and that before the metadata', async () => {
  const metadata = new Map([
    ['Image.BitmapPixelFormat', 'Bgr8'],
    ['Image.NominalPixelRange', 'Normalized_1_1'],
  ]);
  const path = await put('net.onnx', tinyNetwork({ metadata }));
  const fromMetadata = await resolve(path);
  expect(fromMetadata.preprocessing).toMatchObject({
    resize: { rule: 'squash', height: 16, width: 16 },
    channels: 'bgr',
    mean: [0.5, 0.5, 0.5],
  });
  await put('net.json', config);
  expect((await resolve(path)).preprocessing).toMatchObject({ channels: 'rgb' });
  const given = { ...config, image_mean: [0.1, 0.2, 0.3] };
  expect((await resolve(path, { preprocessing: given })).preprocessing.mean).toEqual([0.1, 0.2, 0.3]);
  const asJson = await put(
    'json.onnx',
    tinyNetwork({ metadata: new Map([['preprocessor_config', JSON.stringify(given)]]) }),
  );
  expect((await resolve(asJson)).preprocessing.mean).toEqual([0.1, 0.2, 0.3]);
});

test('layout and type are what the network says', async () => {
  const builder = new GraphBuilder();
  const image = builder.input('image', 'uint8', ['N', 16, 16, 3]);
  const first = builder.node('Transpose', [builder.node('Cast', [image], { to: 1 })], { perm: [0, 3, 1, 2] });
  const map = builder.node('Conv', [first, weights(builder, [8, 3, 4, 4], 1)], { strides: [4, 4] });
  builder.output(denseHead(builder, builder.node('GlobalAveragePool', [map])), 'float32', ['N', 5], 'logits');
  const path = await put('net.onnx', builder.model());
  await put('net.json', config);
  expect((await resolve(path)).preprocessing).toMatchObject({ layout: 'nhwc', input: 'uint8' });
});

/** The tiny network with its large weight in a file beside it. */
async function withExternal(external: Partial<ExternalData>, bytes = true): Promise<string> {
  const model = tinyNetwork();
  const large = model.graph.initializers.find((tensor) => tensor.bytes.length > 500);
  if (!large) throw new Error('no large weight');
  const where = { location: 'weights.bin', offset: 8, length: large.bytes.length, ...external };
  const initializers = model.graph.initializers.map((tensor) =>
    tensor === large ? { ...tensor, bytes: new Uint8Array(), external: where } : tensor,
  );
  if (bytes) await put('weights.bin', new Uint8Array([...new Uint8Array(8), ...large.bytes]));
  await put('net.json', config);
  return put('net.onnx', { ...model, graph: { ...model.graph, initializers } });
}

test('weights in a file beside the network', async () => {
  const path = await withExternal({});
  const whole = await put('whole.onnx', tinyNetwork());
  await put('whole.json', config);
  const image = float32(new Float32Array(768).fill(0.3), 1, 3, 16, 16);
  const [outside, inside] = [await resolve(path), await resolve(whole)];
  expect(await runCut(outside.network, image)).toEqual(await runCut(inside.network, image));
  // Not declared, the length is what the shape says.
  expect((await resolve(await withExternal({ length: undefined }))).network.width).toBe(8);
});

const outside: [string, Partial<ExternalData>, string][] = [
  ['an absolute path', { location: '/etc/passwd' }, 'is outside its folder'],
  ['a path that climbs', { location: '../secret.bin' }, 'is outside its folder'],
  ['a path that climbs later', { location: 'a/../../secret.bin' }, 'is outside its folder'],
  ['the folder itself', { location: '.' }, 'is outside its folder'],
  ['a link that leads out', { location: 'link.bin' }, 'is outside its folder'],
  ['a folder', { location: 'sub' }, 'is not a file'],
  ['a file that is not there', { location: 'gone.bin' }, 'is missing'],
  ['an offset beyond the end', { offset: 1e9 }, 'is cut short'],
  ['a length that does not fit', { length: 4 }, 'does not fit the shape'],
];

test.for(outside)('external data: %s is not read', async ([, external, what]) => {
  await writeFile(join(root, 'secret.bin'), new Uint8Array(2000));
  await symlink(join(root, 'secret.bin'), join(folder, 'link.bin'));
  await mkdir(join(folder, 'sub'));
  await expect(resolve(await withExternal(external))).rejects.toMatchObject({
    code: 'BAD_MODEL',
    what: expect.stringContaining(what),
  });
});

const whole = writeModel(tinyNetwork());
const broken: [string, Uint8Array | Model, object | string | undefined, code: string, what: RegExp][] = [
  ['not ONNX', new TextEncoder().encode('hello'), config, 'BAD_MODEL', /cannot be read as an ONNX network/],
  ['truncated', whole.subarray(0, 400), config, 'BAD_MODEL', /cannot be read as an ONNX network/],
  ['no preprocessing', tinyNetwork(), undefined, 'NO_PREPROCESSING', /there is no .*net\.json/],
  ['preprocessing that is no JSON', tinyNetwork(), '{', 'NO_PREPROCESSING', /net\.json is not JSON/],
  ['preprocessing without a size', tinyNetwork(), { ...config, size: undefined }, 'NO_PREPROCESSING', /size/],
  [
    'a crop of another size',
    tinyNetwork(),
    { ...config, size: { height: 32, width: 32 } },
    'NO_PREPROCESSING',
    /takes photos of 16x16 pixels.*crops to 32x32/,
  ],
];

test.for(broken)('a clear error: %s', async ([, model, beside, code, what]) => {
  const path = await put('net.onnx', model);
  if (beside !== undefined) await put('net.json', beside);
  const error = expect(resolve(path)).rejects;
  await error.toMatchObject({ name: 'CarafeError', code, what: expect.stringMatching(what) });
});

test('a file that is not there', async () => {
  await expect(resolve(join(folder, 'gone.onnx'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
