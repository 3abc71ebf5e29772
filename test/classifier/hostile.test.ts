import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectNetwork } from '../../src/backbone/inspect.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { editClasses } from '../../src/classifier/edit.ts';
import { CarafeError } from '../../src/errors.ts';
import { inspect, loadClassifier, loadFile, predictPhotos, train } from '../../src/index.ts';
import { Random } from '../../src/numerics/random.ts';
import { plainNode } from '../../src/onnx/builder.ts';
import type { Graph, Model, StoredTensor } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { context, labels, tinyBackbone, tinyClassifier } from './tiny.ts';

let good: Uint8Array = new Uint8Array();
let model: Model;
const folder = mkdtempSync(join(tmpdir(), 'carafe-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  good = await tinyClassifier(await tinyBackbone(tinyNetwork()), 1);
  model = readModel(good, 'good');
});

const pixels = { width: 30, height: 20, data: Uint8Array.from({ length: 1800 }, (_, i) => i % 251) };

/** Everything that opens a classifier's bytes; each answers, or throws a CarafeError that blames the file. */
const uses: Record<string, (bytes: Uint8Array) => Promise<unknown>> = {
  predict: (bytes) => opened(bytes, (classifier) => classifier.predictPixels(pixels)),
  verify: (bytes) => opened(bytes, (classifier) => classifier.verify()),
  edit: (bytes) => editClasses(bytes, 'x.onnx', { rename: new Map([[labels[1], 'new']]) }, [], context),
  remove: (bytes) => editClasses(bytes, 'x.onnx', { remove: [labels[0]] }, [], context),
  inspect: async (bytes) => inspectNetwork(readModel(bytes, 'x.onnx'), { openSession, source: 'x.onnx' }),
};

async function opened<T>(bytes: Uint8Array, use: (classifier: Classifier) => Promise<T>): Promise<T> {
  const classifier = await Classifier.open(bytes, 'x.onnx', openSession);
  return use(classifier).finally(() => classifier.release());
}

async function faultOf(use: () => Promise<unknown>): Promise<unknown> {
  return use().then(
    () => undefined,
    (error: unknown) => error,
  );
}

function expectTyped(error: unknown): void {
  if (error === undefined) return;
  expect(error).toBeInstanceOf(CarafeError);
  if (!(error instanceof CarafeError)) return;
  expect(['BAD_MODEL', 'NOT_A_CLASSIFIER', 'UNSUPPORTED_MODEL', 'UNAVAILABLE', 'USAGE']).toContain(error.code);
  expect(error.what).not.toMatch(/"path"|\[\s*\{|ZodError/);
}

test('mutated files are refused in words, or answer', async () => {
  const random = new Random('hostile');
  const end = Date.now() + 8000;
  for (let round = 0; round < 400 && Date.now() < end; round++) {
    const bytes = Uint8Array.from(good);
    const count = 1 + random.int(4);
    for (let change = 0; change < count; change++) {
      const at = random.int(bytes.length);
      const kind = random.int(4);
      if (kind === 0) bytes[at] ^= 1 << random.int(8);
      else if (kind === 1) bytes[at] = random.int(256);
      else if (kind === 2) bytes.fill(0xff, at, at + random.int(9));
      else bytes.copyWithin(at, random.int(bytes.length), random.int(bytes.length));
    }
    const cut = random.int(8) === 0 ? bytes.subarray(0, random.int(bytes.length)) : bytes;
    const names = Object.keys(uses);
    const name = names[round % names.length];
    expectTyped(await faultOf(() => uses[name](cut)));
  }
});

const graph = (change: (graph: Graph) => Partial<Graph>): Uint8Array =>
  writeModel({ ...model, graph: { ...model.graph, ...change(model.graph) } });
const ints = (name: string, values: readonly number[]): StoredTensor => ({
  name,
  type: 'int64',
  dims: [values.length],
  bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});
const card = (key: string, change: (part: never) => unknown): Uint8Array => {
  const part = JSON.parse(model.metadata.get(key) ?? 'null') as never;
  return writeModel({ ...model, metadata: new Map(model.metadata).set(key, JSON.stringify(change(part))) });
};

const broken: [string, () => Uint8Array][] = [
  [
    'probabilities of two thousand million classes',
    () =>
      graph(({ outputs }) => ({
        outputs: outputs.map((one) => (one.name === 'probabilities' ? { ...one, shape: ['N', 2 ** 31] } : one)),
      })),
  ],
  [
    'photos of a million rows',
    () =>
      graph(({ inputs }) => ({ inputs: inputs.map((one) => ({ ...one, shape: ['N', 2 ** 20, 'width', 2 ** 20] })) })),
  ],
  [
    'photos of one channel',
    () => graph(({ inputs }) => ({ inputs: inputs.map((one) => ({ ...one, shape: ['N', 'h', 'w', 1] })) })),
  ],
  ['two inputs', () => graph(({ inputs }) => ({ inputs: [...inputs, { name: 'more', type: 'float32', shape: [1] }] }))],
  [
    'weights in a file',
    () =>
      graph(({ initializers }) => ({
        initializers: initializers.map((tensor, i) =>
          i === 0
            ? {
                ...tensor,
                bytes: new Uint8Array(),
                external: { location: '/etc/passwd', offset: 0, length: undefined },
              }
            : tensor,
        ),
      })),
  ],
  [
    'a tensor of three thousand million values',
    () =>
      graph(({ nodes, initializers }) => ({
        nodes: [...nodes, plainNode('ConstantOfShape', ['huge'], ['zeros'], {})],
        initializers: [...initializers, ints('huge', [3e9])],
      })),
  ],
  [
    'a photo that is repeated a thousand million times',
    () =>
      graph(({ nodes, initializers }) => ({
        nodes: [...nodes, plainNode('Tile', ['image', 'times'], ['many'], {})],
        initializers: [...initializers, ints('times', [1, 1000, 1000, 1000])],
      })),
  ],
  [
    'a loop',
    () =>
      graph(({ nodes, initializers }) => ({
        nodes: [...nodes, plainNode('Loop', ['often'], ['ever'], {})],
        initializers: [...initializers, ints('often', [9e15])],
      })),
  ],
  [
    'a cycle',
    () =>
      graph(({ nodes }) => ({
        nodes: [...nodes, plainNode('Add', ['b', 'b'], ['a'], {}), plainNode('Add', ['a', 'a'], ['b'], {})],
      })),
  ],
  ['two nodes of one name', () => graph(({ nodes }) => ({ nodes: [...nodes, ...nodes.slice(-1)] }))],
  [
    'weights that are no numbers',
    () =>
      graph(({ initializers }) => ({
        initializers: initializers.map((tensor) =>
          tensor.type === 'float32' && tensor.bytes.length > 64
            ? { ...tensor, bytes: new Uint8Array(tensor.bytes.length).fill(0xff) }
            : tensor,
        ),
      })),
  ],
  ['a card of another form', () => card('carafe.training', () => ({ classes: 7 }))],
  ['a card without classes', () => card('carafe.training', (part: object) => ({ ...part, classes: [] }))],
];

describe.each(broken)('%s', (name, make) => {
  test('is refused, by all that would use it', async () => {
    for (const [use, action] of Object.entries(uses)) {
      const fault = await faultOf(() => action(make()));
      expectTyped(fault);
      const maySucceed =
        use === 'inspect' ||
        (name === 'a card without classes' && /predict|verify/.test(use)) ||
        (name === 'a cycle' && fault === undefined);
      if (!maySucceed) expect(fault, use).toBeInstanceOf(CarafeError);
      if (!maySucceed && fault instanceof CarafeError) expect(fault.exitCode).toBe(2);
    }
  });
});

test('a file that grants itself any deviation is held to ours', async () => {
  const far = card('carafe.selfTest', (part: { images: { probabilities: number[] }[] }) => ({
    ...part,
    images: part.images.map((image) => ({ ...image, probabilities: image.probabilities.toReversed() })),
    tolerance: { features: 1e300, probabilities: 1e300, unknownScore: 1e300 },
  }));
  const { passed, tolerance } = await opened(far, (classifier) => classifier.verify());
  expect(passed).toBe(false);
  expect(tolerance.probabilities).toBeLessThan(0.1);
});

test('after release, and of what is no photo, a classifier says what is wrong', async () => {
  writeFileSync(join(folder, 'c.onnx'), good);
  const classifier = await loadClassifier(join(folder, 'c.onnx'));
  const pixelsOf = (value: unknown) => value as typeof pixels;
  for (const wrong of [
    undefined,
    null,
    {},
    { width: 0, height: 0, data: new Uint8Array() },
    { ...pixels, data: new Uint8Array(3) },
    { ...pixels, width: 2.5 },
  ])
    expect(await faultOf(() => classifier.predictPixels(pixelsOf(wrong)))).toMatchObject({
      code: 'USAGE',
      what: expect.stringContaining('not pixels'),
    });
  for (const wrong of [undefined, null, 5, [], {}, new Float32Array(8)])
    expect(await faultOf(() => classifier.predict(wrong as unknown as string))).toMatchObject({ code: 'USAGE' });
  await classifier.release();
  await classifier.release();
  expect(await faultOf(() => classifier.predictPixels(pixels))).toMatchObject({
    code: 'USAGE',
    what: expect.stringContaining('released'),
  });
  expect(await faultOf(() => predictPhotos(classifier, [], { top: 0 }))).toMatchObject({ code: 'USAGE' });
});

test.each([
  [{ seed: Number.NaN }, 'seed'],
  [{ seed: -1 }, 'seed'],
  [{ falsePositiveRate: 5 }, 'falsePositiveRate'],
  [{ falsePositiveRate: 0 }, 'falsePositiveRate'],
  [{ views: { count: -3 } }, 'views.count'],
  [{ views: { count: 0 } }, 'views.count'],
  [{ views: { count: 2, rotate: 500 } }, 'views.rotate'],
  [{ views: 3 }, 'views'],
  [{ bottleneck: -1 }, 'bottleneck'],
  [{ bottleneck: 'wide' }, 'bottleneck'],
  [{ budget: -1 }, 'budget'],
  [{ folds: 1.5 }, 'folds'],
  [{ threads: 0 }, 'threads'],
  [{ out: 5 }, 'out'],
  [{ balance: 'yes' }, 'balance'],
  [{ onProgress: 1 }, 'onProgress'],
])('the option %j is refused before any work', async (options, name) => {
  const fault = await faultOf(() => train('nowhere', options as never));
  expect(fault).toMatchObject({
    code: 'USAGE',
    what: expect.stringMatching(new RegExp(`^The option ${name} is .*, not `)),
  });
  expect(String(fault)).not.toContain('--');
});

describe.skipIf(process.platform !== 'linux')('what is no file', () => {
  const at = (name: string) => join(folder, name);
  beforeAll(() => {
    execFileSync('mkfifo', [at('pipe.onnx'), at('pipe.csv'), at('weights')]);
    symlinkSync('/dev/zero', at('zero.onnx'));
    const { graph: tiny } = tinyNetwork();
    const initializers = tiny.initializers.map((tensor) => ({
      ...tensor,
      bytes: new Uint8Array(),
      external: { location: 'weights', offset: 0, length: undefined },
    }));
    writeFileSync(at('outside.onnx'), writeModel({ ...tinyNetwork(), graph: { ...tiny, initializers } }));
    writeFileSync(at('outside.json'), JSON.stringify({ size: 16, image_mean: [0, 0, 0], image_std: [1, 1, 1] }));
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a pipe as classifier', () => loadFile(at('pipe.onnx'))],
    ['a device as classifier', () => loadFile(at('zero.onnx'))],
    ['a pipe to inspect', () => inspect(at('pipe.onnx'))],
    ['a device to inspect', () => inspect(at('zero.onnx'))],
    ['a pipe as list', () => train(at('pipe.csv'), { out: at('out') })],
    ['a pipe as backbone', () => train(folder, { out: at('out'), backbone: at('pipe.onnx') })],
    ['a pipe as weights', () => train(folder, { out: at('out'), backbone: at('outside.onnx') })],
  ])('%s is refused before it is opened', async (_, use) => {
    const fault = await faultOf(use);
    expect(fault).toBeInstanceOf(CarafeError);
    if (fault instanceof CarafeError) expect(fault.exitCode).toBe(2);
  });
});
