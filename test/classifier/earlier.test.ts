import { expect, test } from 'vitest';
import type { Backbone } from '../../src/backbone/backbone.ts';
import { requireClassCard } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { earlierProbabilities, readEarlier, requireSameBackbone } from '../../src/classifier/earlier.ts';
import { makeClassifier } from '../../src/classifier/make.ts';
import { type MapTable, tableOf } from '../../src/features/mapTable.ts';
import { extractionModel } from '../../src/features/network.ts';
import { linearToGraph } from '../../src/heads/linear.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import type { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/platform.node.ts';
import type { Pixels } from '../../src/platform.ts';
import { expectTensor } from '../../src/platform.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { context, drawnCard, drawnHead, labels, tinyBackbone, tinyClassifier } from './tiny.ts';

/** Photos that need no resizing, so that extraction and the file see the same pixels. */
function drawnPhoto(seed: number, { preprocessing }: Backbone): Pixels {
  const { resize } = preprocessing;
  const size = resize.rule === 'squash' ? resize.height : resize.size;
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
  const answers = await earlierProbabilities(
    readEarlier(bytes, 'x', requireClassCard),
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
  const earlier = readEarlier(bytes, 'x', requireClassCard);
  const answers = await earlierProbabilities(earlier, backbone, inputs, openSession);
  for (const [at, value] of expected.entries()) expect(answers?.data[at]).toBeCloseTo(value, 2);
  const { features } = inputs;
  expect(await earlierProbabilities(earlier, backbone, { features }, openSession)).toBeUndefined();
});

test('another network, or another cut of it, is refused', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const earlier = readEarlier(await tinyClassifier(backbone), 'old.onnx', requireClassCard);
  expect(requireSameBackbone(backbone, earlier)).toEqual(backbone);
  expect(() => requireSameBackbone({ ...backbone, hash: 'f'.repeat(64) }, earlier)).toThrow(/old.onnx.*trained on/);
  expect(() => requireSameBackbone({ ...backbone, cut: 'elsewhere' }, earlier)).toThrow(/cut elsewhere/);
});
