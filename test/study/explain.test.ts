import { expect, test } from 'vitest';
import { requireTask } from '../../src/classifier/card.ts';
import { makeClassifier } from '../../src/classifier/make.ts';
import { readPrevious } from '../../src/classifier/previous.ts';
import { tableOf } from '../../src/features/mapTable.ts';
import { extractionModel } from '../../src/features/network.ts';
import { linearToGraph } from '../../src/heads/linear.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import { fromFloat16 } from '../../src/numerics/float16.ts';
import type { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor } from '../../src/runtime/platform.ts';
import { explainPhoto } from '../../src/study/explain.ts';
import { context, drawnCard, drawnHead, labels, tinyBackbone } from '../classifier/tiny.ts';
import { drawn, tinyNetwork } from '../onnx/networks.ts';

const temperature = 1.7;

/** A tiny backbone, one photo's features and map, and a classifier with the given head. */
async function setting(needs: 'pooled' | 'spatial') {
  const backbone = await tinyBackbone(tinyNetwork());
  const { width } = backbone.network;
  const fitted = drawnHead(width);
  const head = {
    needs,
    toGraph: (linear: typeof fitted, g: GraphBuilder, input: string) => {
      if (needs === 'pooled') return linearToGraph(linear, g, input);
      const first = g.node('Transpose', [input], { perm: [0, 3, 1, 2] });
      return linearToGraph(linear, g, g.node('Flatten', [g.node('GlobalMaxPool', [first])]));
    },
  };
  const bytes = await makeClassifier({ backbone, head, fitted }, drawnCard(backbone), context, prepare);
  const session = await openSession(extractionModel(backbone, { spatial: true }));
  const { height, width: across } = backbone.preprocessing.crop;
  const data = Uint8Array.from({ length: height * across * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256);
  const outputs = await session.run({ image: { type: 'uint8', dims: [1, height, across, 3], data } });
  const map = expectTensor(outputs.spatial, 'float16');
  const features = { rows: 1, columns: width, data: expectTensor(outputs.features, 'float32').data };
  return {
    backbone,
    fitted,
    classifier: readPrevious(bytes, 'x', (card, named) => requireTask(card, named, 'single-label')),
    photo: { features, spatial: tableOf(map) },
    map,
    width,
  };
}

/** A linear head's weights for a class, less their mean over the classes. */
function centred(weights: Float32Array, width: number, label: number): number[] {
  return Array.from({ length: width }, (_, unit) => {
    const all = labels.map((_, c) => weights[c * width + unit]);
    return (all[label] - all.reduce((a, b) => a + b) / all.length) / temperature;
  });
}

test("units' effects and the map of a linear head are what its weights say", async () => {
  const { backbone, fitted, classifier, photo, map, width } = await setting('pooled');
  const others = { rows: 5, columns: width, data: Float32Array.from(drawn(5 * width, 4), Math.abs) };
  const explanation = await explainPhoto(classifier, backbone, photo, others, openSession);
  expect(explanation.classes).toHaveLength(labels.length);
  for (const { label, units, map: places } of explanation.classes) {
    const weights = centred(fitted.weights, width, labels.indexOf(label));
    const average = (unit: number) =>
      [0, 1, 2, 3, 4].reduce((sum, row) => sum + others.data[row * width + unit] / 5, 0);
    const expected = weights.map((weight, unit) => weight * (photo.features.data[unit] - average(unit)));
    const positive = expected.filter((effect) => effect > 0).sort((a, b) => b - a);
    expect(units).toHaveLength(Math.min(8, positive.length));
    for (const [i, { unit, effect, value, average: usual }] of units.entries()) {
      expect(effect).toBeCloseTo(expected[unit], 4);
      expect(effect).toBeCloseTo(positive[i], 4);
      expect(value).toBe(photo.features.data[unit]);
      expect(usual).toBeCloseTo(average(unit), 5);
    }
    const activations = fromFloat16(map.data);
    const scores = Array.from({ length: map.dims[1] * map.dims[2] }, (_, place) =>
      weights.reduce((sum, weight, unit) => sum + weight * activations[place * width + unit], 0),
    );
    const middle = scores.reduce((a, b) => a + b) / scores.length;
    expect(places).toMatchObject({ height: map.dims[1], width: map.dims[2] });
    for (const [place, score] of scores.entries()) expect(places?.values[place]).toBeCloseTo(score - middle, 3);
  }
});

test('the nearest photos come first, and a copy of the photo is the nearest of all', async () => {
  const { backbone, classifier, photo, width } = await setting('pooled');
  const data = Float32Array.from(drawn(20 * width, 9), Math.abs);
  data.set(photo.features.data, 7 * width);
  const { neighbours } = await explainPhoto(
    classifier,
    backbone,
    photo,
    { rows: 20, columns: width, data },
    openSession,
  );
  expect(neighbours[0]).toMatchObject({ row: 7 });
  expect(neighbours[0].similarity).toBeCloseTo(1, 5);
  const similarities = neighbours.map(({ similarity }) => similarity);
  expect(similarities).toEqual([...similarities].sort((a, b) => b - a));
});

test('a head on spatial features is asked how its score falls without a place', async () => {
  const { backbone, classifier, photo, map } = await setting('spatial');
  const { classes, neighbours } = await explainPhoto(classifier, backbone, photo, undefined, openSession);
  expect(neighbours).toEqual([]);
  expect(classes.some(({ units }) => units.length > 0)).toBe(true);
  for (const { map: places } of classes) {
    expect(places?.values).toHaveLength(map.dims[1] * map.dims[2]);
    expect(places?.values.some((value) => Math.abs(value) > 1e-3)).toBe(true);
  }
});
