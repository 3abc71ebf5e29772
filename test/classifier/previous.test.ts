import { expect, test } from 'vitest';
import type { Backbone } from '../../src/backbone/backbone.ts';
import { requireTask } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { makeClassifier } from '../../src/classifier/make.ts';
import {
  backboneFor,
  type NamedBackbone,
  previousProbabilities,
  readPrevious,
  requireSameBackbone,
} from '../../src/classifier/previous.ts';
import { vectorSpace } from '../../src/features/cacheKey.ts';
import { type MapTable, tableOf } from '../../src/features/mapTable.ts';
import { extractionModel } from '../../src/features/network.ts';
import { linearToGraph } from '../../src/heads/linear.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import type { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { Pixels } from '../../src/runtime/platform.ts';
import { expectTensor } from '../../src/runtime/platform.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { context, drawnCard, drawnHead, labels, tinyBackbone, tinyClassifier } from './tiny.ts';

const computer = { decoder: 'd', runtime: 'r', device: 'cpu' };

/** Photos that need no resizing, so that extraction and the file see the same pixels. */
function drawnPhoto(seed: number, { preprocessing }: Backbone): Pixels {
  const { resize } = preprocessing;
  const size = resize.rule === 'shortest-edge' ? resize.size : resize.height;
  const data = Uint8Array.from({ length: size * size * 3 }, (_, i) => (i * (37 + seed) + (i >> 5) * 11) % 256);
  return { width: size, height: size, data };
}

/** What the cache would hold of the photos, and what the file itself says of them. */
async function bothWays(backbone: Backbone, bytes: Uint8Array, photos: readonly Pixels[]) {
  const extraction = await openSession(extractionModel(backbone, { spatial: true }));
  const classifier = await Classifier.open(bytes, 'the file', openSession);
  const features: number[] = [];
  const maps: number[] = [];
  const expected: number[] = [];
  let table: MapTable | undefined;
  for (const photo of photos) {
    const { data, height, width } = await prepare(photo, backbone.preprocessing);
    const outputs = await extraction.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
    features.push(...expectTensor(outputs.features, 'float32').data);
    const spatial = expectTensor(outputs.spatial, 'float16');
    maps.push(...spatial.data);
    table = tableOf({ ...spatial, dims: [photos.length, ...spatial.dims.slice(1)], data: Uint16Array.from(maps) });
    expected.push(...(await classifier.run(photo)).probabilities);
  }
  const columns = backbone.network.width;
  const matrix = { rows: photos.length, columns, data: Float32Array.from(features) };
  return { inputs: { features: matrix, spatial: table }, expected };
}

test('its head alone gives what the whole file gives, from features', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const bytes = await tinyClassifier(backbone);
  const photos = [1, 2, 3].map((seed) => drawnPhoto(seed, backbone));
  const { inputs, expected } = await bothWays(backbone, bytes, photos);
  const { features } = inputs;
  const answers = await previousProbabilities(
    readPrevious(bytes, 'x', (card, named) => requireTask(card, named, 'single-label')),
    backbone,
    { features },
    openSession,
  );
  expect(answers).toMatchObject({ rows: 3, columns: labels.length });
  for (const [at, value] of expected.entries()) expect(answers?.data[at]).toBeCloseTo(value, 5);
});

test('a head on spatial features is run on these, and not at all without them', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const channels = backbone.network.spatial?.channels ?? 0;
  const head = {
    needs: 'spatial' as const,
    // The largest value of each channel over the map, then a linear layer.
    toGraph: (fitted: ReturnType<typeof drawnHead>, g: GraphBuilder, spatial: string) => {
      const first = g.node('Transpose', [spatial], { perm: [0, 3, 1, 2] });
      return linearToGraph(fitted, g, g.node('Flatten', [g.node('GlobalMaxPool', [first])]));
    },
  };
  const parts = { backbone, head, fitted: drawnHead(channels) };
  const bytes = await makeClassifier(parts, drawnCard(backbone), context, prepare);
  const { inputs, expected } = await bothWays(backbone, bytes, [drawnPhoto(1, backbone), drawnPhoto(9, backbone)]);
  const earlier = readPrevious(bytes, 'x', (card, named) => requireTask(card, named, 'single-label'));
  const answers = await previousProbabilities(earlier, backbone, inputs, openSession);
  for (const [at, value] of expected.entries()) expect(answers?.data[at]).toBeCloseTo(value, 2);
  const { features } = inputs;
  expect(await previousProbabilities(earlier, backbone, { features }, openSession)).toBeUndefined();
});

test.each([
  ['a plain network', () => tinyNetwork()],
  ['one of an older operator set and a batch of one', () => tinyNetwork({ batch: 1, opset: 11 })],
])('the network inside the file is the one that it was made from: %s', async (_, network) => {
  const backbone = await tinyBackbone(network());
  const earlier = readPrevious(await tinyClassifier(backbone), 'old.onnx', (card, named) =>
    requireTask(card, named, 'single-label'),
  );
  const own = await backboneFor(earlier, {}, () => Promise.reject(new Error('nobody asks for it')));
  const space = (of: Backbone, map = of.network.spatial) =>
    [undefined, map].map((one) => vectorSpace(of, computer, (text) => text, { map: one }));
  expect(space(own)).toEqual(space(backbone));
  const photo = drawnPhoto(5, backbone);
  const { data, height, width } = await prepare(photo, backbone.preprocessing);
  const image = { type: 'uint8' as const, dims: [1, height, width, 3], data };
  const [before, after] = await Promise.all(
    [backbone, own].map(async (each) => {
      const session = await openSession(extractionModel(each, { spatial: true }));
      const { features, spatial } = await session.run({ image });
      await session.release();
      return [...expectTensor(features, 'float32').data, ...expectTensor(spatial, 'float16').data];
    }),
  );
  expect(after).toEqual(before);
});

test('what the file holds need not be named, and what is named must be the same', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const earlier = readPrevious(
    await tinyClassifier(backbone),
    'old.onnx',
    (card, named) => requireTask(card, named, 'single-label'),
    "`compareWith: 'old.onnx'`",
  );
  const given = (options: NamedBackbone, found = backbone) => backboneFor(earlier, options, async () => found);
  expect(await given({ backbone: 'tiny.onnx' })).toEqual(backbone);
  await expect(given({ backbone: 'x' }, { ...backbone, hash: 'f'.repeat(64) })).rejects.toThrow(
    /`backbone`: `compareWith: 'old.onnx'` was trained on the network tiny/,
  );
  await expect(given({ cut: 'pool' })).rejects.toThrow(
    /`cut`: the network, cut and .* inside `compareWith: 'old.onnx'`/,
  );
  await expect(given({ preprocessing: {} })).rejects.toThrow(/Leave `preprocessing` out/);
});

test('another network, or another cut of it, is refused', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const earlier = readPrevious(await tinyClassifier(backbone), 'old.onnx', (card, named) =>
    requireTask(card, named, 'single-label'),
  );
  expect(requireSameBackbone(backbone, earlier)).toEqual(backbone);
  expect(() => requireSameBackbone({ ...backbone, hash: 'f'.repeat(64) }, earlier)).toThrow(/old.onnx.*trained on/);
  expect(() => requireSameBackbone({ ...backbone, cut: 'elsewhere' }, earlier)).toThrow(/cut at another place/);
});
