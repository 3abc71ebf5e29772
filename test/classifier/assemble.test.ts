import * as ort from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { Classifier } from '../../src/classifier/classifier.ts';
import { drawSelfTest } from '../../src/classifier/selfTest.ts';
import type { GraphBuilder } from '../../src/onnx/builder.ts';
import type { Graph, Model } from '../../src/onnx/model.ts';
import { readModel } from '../../src/onnx/read.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { preprocessing, tinyBackbone, tinyClassifier } from './tiny.ts';

async function answers(bytes: Uint8Array): Promise<{ probabilities: number[]; features: number[] }> {
  const classifier = await Classifier.open(bytes, 'tiny', openSession);
  const { probabilities, features } = await classifier.run(drawSelfTest(30, 40));
  await classifier.release();
  return { probabilities: [...probabilities], features: [...features] };
}

/** Every tensor's name, and who gives it: nodes, inputs and weights, in no inner graph. */
function given({ nodes, inputs, initializers }: Graph): string[] {
  const names = nodes.flatMap(({ outputs }) => outputs);
  return [...names, ...inputs.map(({ name }) => name), ...initializers.map(({ name }) => name)].filter(Boolean);
}

describe.each([13, 17, 18, 20])('a backbone of operator set %i', (opset) => {
  test('keeps it, and opens in Node and in onnxruntime-web', async () => {
    const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork({ opset })));
    expect(readModel(bytes, 'tiny').opsets).toEqual(new Map([['', opset]]));
    const { width, height, data } = drawSelfTest(23, 57);
    const inNode = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const inWeb = await web.InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const one = await inNode.run({ image: new ort.Tensor('uint8', data, [1, height, width, 3]) });
    const two = await inWeb.run({ image: new web.Tensor('uint8', data, [1, height, width, 3]) });
    for (const name of ['probabilities', 'features']) {
      expect(two[name].dims).toEqual(one[name].dims);
      expect(largestDifference(one[name].data, two[name].data)).toBeLessThan(1e-5);
    }
    await Promise.all([inNode.release(), inWeb.release()]);
  });
});

test('the same parts give the same bytes', async () => {
  const make = async () => tinyClassifier(await tinyBackbone(tinyNetwork()));
  expect(await make()).toEqual(await make());
});

/** The network with every tensor renamed. */
function renamed(model: Model, rename: (name: string) => string): Model {
  const { graph } = model;
  const named = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
    list.map((value) => ({ ...value, name: rename(value.name) }));
  const nodes = graph.nodes.map((node) => ({
    ...node,
    name: '',
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      inputs: named(graph.inputs),
      outputs: named(graph.outputs),
      initializers: named(graph.initializers),
    },
  };
}

/** Names that Carafe's own graphs use, in an order that no reading of the network would give. */
const takenNames = [
  'probabilities',
  'features',
  'image',
  'carafe/constant_0',
  'carafe/cast_1',
  'backbone/image',
  'carafe/div_0',
  'cut/read/flatten_0',
  'unknownScore',
];

describe('a backbone whose tensors have the names of Carafe’s own', () => {
  test.each(takenNames.map((_, shift) => shift))('gives the same file as any other (shift %i)', async (shift) => {
    const original = tinyNetwork();
    // But for its output: one that is called features would be taken for them.
    const names = new Map(
      [...new Set(given(original.graph))]
        .filter((name) => name !== 'logits')
        .map((name, i) => [name, takenNames[(i + shift) % takenNames.length] + (i < takenNames.length ? '' : i)]),
    );
    const taken = renamed(original, (name) => names.get(name) ?? name);
    const bytes = await tinyClassifier(await tinyBackbone(taken));
    const all = given(readModel(bytes, 'tiny').graph);
    expect(new Set(all).size).toBe(all.length);
    expect(await answers(bytes)).toEqual(await answers(await tinyClassifier(await tinyBackbone(original))));
  });

  test('the same goes for what an inner graph takes from outside', async () => {
    const branch = (value: string, out: string): Graph => ({
      name: 'branch',
      nodes: [{ op: 'Mul', domain: '', name: '', inputs: [value, value], outputs: [out], attributes: new Map() }],
      initializers: [],
      inputs: [],
      outputs: [{ name: out, type: 'float32', shape: ['N', 8, 'h', 'w'] }],
    });
    /** If the photo is not empty: the map squared, in an inner graph whose tensor has the name of an outer one. */
    const conditional = (inner: string) => (builder: GraphBuilder, map: string) => {
      const some = builder.constant({ type: 'bool', dims: [], data: Uint8Array.of(1) });
      const chosen: [string, { kind: 'graph'; value: Graph }][] = [
        ['then_branch', { kind: 'graph', value: branch(map, `${inner}_then`) }],
        ['else_branch', { kind: 'graph', value: branch(map, `${inner}_else`) }],
      ];
      const node = { op: 'If', domain: '', name: '', inputs: [some], outputs: ['chosen'], attributes: new Map(chosen) };
      builder.append({ nodes: [node], initializers: [] });
      return 'chosen';
    };
    const squared = tinyNetwork({ trunk: (builder, map) => builder.node('Mul', [map, map]) });
    const expected = await answers(await tinyClassifier(await tinyBackbone(squared)));
    for (const inner of ['probabilities', 'carafe/constant'])
      expect(
        await answers(await tinyClassifier(await tinyBackbone(tinyNetwork({ trunk: conditional(inner) })))),
      ).toEqual(expected);
  });
});

describe('the number of photos in a run', () => {
  const photos = [1, 2, 3].map((seed) => drawSelfTest(30, 40).data.map((value) => (value * seed) & 255));
  const together = new Uint8Array(photos.flatMap((photo) => [...photo]));
  const image = (data: Uint8Array) => ({ image: new ort.Tensor('uint8', data, [data.length / 3600, 30, 40, 3]) });

  test('is free where the backbone allows it, or can be made to', async () => {
    for (const batch of ['N', 1]) {
      const session = await ort.InferenceSession.create(
        await tinyClassifier(await tinyBackbone(tinyNetwork({ batch }))),
      );
      const all = await session.run(image(together));
      expect(all.probabilities.dims).toEqual([3, 3]);
      for (const [i, photo] of photos.entries()) {
        const one = await session.run(image(photo));
        expect(largestDifference(one.features.data, all.features.data.slice(8 * i, 8 * i + 8))).toBeLessThan(1e-6);
        expect(largestDifference(one.probabilities.data, all.probabilities.data.slice(3 * i, 3 * i + 3))).toBeLessThan(
          1e-6,
        );
      }
      await session.release();
    }
  });

  test('stays one where photos of a batch would touch each other, and the file says so', async () => {
    const mixing = (builder: GraphBuilder, map: string) =>
      builder.node('Sub', [map, builder.node('ReduceMean', [map], { keepdims: 1 })]);
    const backbone = await tinyBackbone(tinyNetwork({ batch: 1, trunk: mixing }));
    expect(backbone.network.fixedBatch).toBe(true);
    const bytes = await tinyClassifier(backbone);
    const { inputs, outputs } = readModel(bytes, 'tiny').graph;
    expect([...inputs, ...outputs].map(({ name, shape }) => [name, shape])).toEqual([
      ['image', [1, 'height', 'width', 3]],
      ['probabilities', [1, 3]],
      ['set', [1, 3]],
      ['features', [1, 8]],
    ]);
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    expect((await session.run(image(photos[0]))).probabilities.dims).toEqual([1, 3]);
    await expect(session.run(image(together))).rejects.toThrow(/dimension/i);
    await session.release();
  });
});

test.each([
  ['bgr', { channels: 'bgr' }],
  ['a squashed photo', { resize: { rule: 'squash', height: 16, width: 16 } }],
  ['a crop beyond the photo', { resize: { rule: 'shortest-edge', size: 12 } }],
  ['lanczos', { kernel: 'lanczos3' }],
  ['nearest', { kernel: 'nearest' }],
] as const)('the file does by itself what photos went through: %s', async (_, change) => {
  // makeClassifier runs both ways on two images, and refuses to give a file in which they differ.
  const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork(), { ...preprocessing, ...change }));
  expect((await answers(bytes)).probabilities).not.toEqual(
    (await answers(await tinyClassifier(await tinyBackbone(tinyNetwork())))).probabilities,
  );
});

function largestDifference(a: ArrayLike<unknown>, b: ArrayLike<unknown>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(Number(value) - Number(b[i]))));
}
