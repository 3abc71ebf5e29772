import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cutNetwork } from '../../src/backbone/cut.ts';
import { inspectNetwork } from '../../src/backbone/inspect.ts';
import { inspectFile } from '../../src/backbone/inspectFile.node.ts';
import { GraphBuilder, type PlainAttribute, plainNode } from '../../src/onnx/builder.ts';
import type { Attribute, DataType, Model, Node, StoredTensor, ValueInfo } from '../../src/onnx/model.ts';
import { dataTypes } from '../../src/onnx/model.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork, weights } from '../onnx/networks.ts';
import { plainPreprocessing } from './structures.ts';

const utf8 = new TextEncoder();
const names: Attribute = { kind: 'strings', value: ['a', 'b', 'c', 'd', 'e'].map((name) => utf8.encode(name)) };
const words: StoredTensor = {
  name: 'words',
  type: 'string',
  dims: [5],
  bytes: new Uint8Array(),
  strings: ['a', 'b', 'c', 'd', 'e'].map((name) => utf8.encode(name)),
};
const ints = (name: string, values: readonly number[], dims = [values.length]): StoredTensor => ({
  name,
  type: 'int64',
  dims,
  bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
});
const half: StoredTensor = {
  name: 'half',
  type: 'float32',
  dims: [],
  bytes: new Uint8Array(Float32Array.of(0.5).buffer),
};
const stored = [words, half, ints('one', [1]), ints('three', [3]), ints('last', [-1])];

const node = (op: string, inputs: string[], outputs: string[], attributes: Record<string, PlainAttribute> = {}): Node =>
  plainNode(op, inputs, outputs, attributes);
const ml = (op: string, inputs: string[], outputs: string[], attributes: [string, Attribute][]): Node => ({
  ...plainNode(op, inputs, outputs, {}),
  domain: 'ai.onnx.ml',
  attributes: new Map(attributes),
});
const value = (name: string, type: DataType | undefined, ...shape: (number | string)[]): ValueInfo => ({
  name,
  type,
  shape,
});

/** The tiny network, its class scores `logits`, and what `nodes` make of them; the outputs in the order given. */
function ending(nodes: readonly Node[], outputs: readonly ValueInfo[], base = tinyNetwork()): Model {
  const { graph } = base;
  const read = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)]);
  const initializers = [...graph.initializers, ...stored.filter(({ name }) => read.has(name))];
  const opsets = new Map([...base.opsets, ['ai.onnx.ml', 3]]);
  return { ...base, opsets, graph: { ...graph, nodes: [...graph.nodes, ...nodes], outputs, initializers } };
}

const softmax = node('Softmax', ['logits'], ['probabilities']);
const probabilities = value('probabilities', 'float32', 'N', 5);
const argmax = (to: string, keepdims = 0): Node => node('ArgMax', ['logits'], [to], { axis: 1, keepdims });
const zipMap = ml('ZipMap', ['probabilities'], ['loss'], [['classlabels_strings', names]]);
const loss: ValueInfo = { name: 'loss', type: undefined, shape: undefined };

const endings: [what: string, model: Model][] = [
  [
    'a label and a dictionary, as Custom Vision writes them',
    ending(
      [softmax, argmax('best'), ml('ArrayFeatureExtractor', ['words', 'best'], ['classLabel'], []), zipMap],
      [value('classLabel', 'string', 1, 'N'), loss],
    ),
  ],
  ['a dictionary alone', ending([softmax, zipMap], [loss])],
  [
    'a dictionary of the scores',
    ending([ml('ZipMap', ['logits'], ['loss'], [['classlabels_strings', names]])], [loss]),
  ],
  [
    'a label looked up in a table, as Lobe writes it',
    ending(
      [softmax, argmax('best'), node('Gather', ['words', 'best'], ['Label'])],
      [value('Label', 'string', 'N'), probabilities],
    ),
  ],
  [
    'a label alone',
    ending([argmax('best'), node('Gather', ['words', 'best'], ['label'])], [value('label', 'string', 'N')]),
  ],
  [
    'a class number, as TensorFlow writes it',
    ending([softmax, argmax('classes')], [value('classes', 'int64', 'N'), probabilities]),
  ],
  ['a class number alone', ending([softmax, argmax('classes')], [value('classes', 'int64', 'N')])],
  ['a class number that keeps its dimension', ending([argmax('classes', 1)], [value('classes', 'int64', 'N', 1)])],
  [
    'a class number in 32 bits',
    ending(
      [argmax('best'), node('Cast', ['best'], ['class'], { to: dataTypes.int32 })],
      [value('class', 'int32', 'N')],
    ),
  ],
  [
    'a class number without its dimension',
    ending([argmax('best', 1), node('Squeeze', ['best', 'one'], ['class'])], [value('class', 'int64', 'N')]),
  ],
  [
    'the three best, numbers first',
    ending(
      [softmax, node('TopK', ['probabilities', 'three'], ['top', 'at'], { axis: 1 })],
      [value('at', 'int64', 'N', 3), value('top', 'float32', 'N', 3)],
    ),
  ],
  [
    'the name of the best, through a table',
    ending(
      [
        node('TopK', ['logits', 'one'], ['top', 'at'], { axis: 1 }),
        ml(
          'LabelEncoder',
          ['at'],
          ['name'],
          [
            ['keys_int64s', { kind: 'ints', value: [0, 1, 2, 3, 4] }],
            ['values_strings', names],
          ],
        ),
      ],
      [value('name', 'string', 'N', 1)],
    ),
  ],
  [
    'how sure it is, and the class',
    ending(
      [softmax, argmax('class'), node('ReduceMax', ['probabilities'], ['confidence'], { axes: [1], keepdims: 0 })],
      [value('confidence', 'float32', 'N'), value('class', 'int64', 'N')],
    ),
  ],
  ['one-hot', ending([node('Hardmax', ['logits'], ['class'])], [value('class', 'float32', 'N', 5)])],
  [
    'a yes or no for each label',
    ending(
      [
        node('Sigmoid', ['logits'], ['p']),
        node('Greater', ['p', 'half'], ['yes']),
        node('Cast', ['yes'], ['tags'], { to: dataTypes.int64 }),
      ],
      [value('tags', 'int64', 'N', 5)],
    ),
  ],
  [
    'a fixed batch of one',
    ending(
      [softmax, argmax('classes')],
      [value('classes', 'int64', 1), value('probabilities', 'float32', 1, 5)],
      tinyNetwork({ batch: 1 }),
    ),
  ],
];

describe.each(endings)('%s', (_, model) => {
  test('is cut as if the network ended at its scores', async () => {
    const preprocessing = plainPreprocessing(model, 16);
    const { cut, network } = await cutNetwork(model, { openSession, source: 'net.onnx', preprocessing });
    expect(cut).toBe('features: flat of globalaveragepool_3 [8]; spatial: relu_2 [nchw 8]');
    expect(network.width).toBe(8);
    expect(network.nodes.some(({ op }) => /Max$|TopK|ZipMap|Softmax/.test(op))).toBe(false);
  });

  test('is inspected like any network', async () => {
    const { cut, layers } = await inspectNetwork(model, { openSession, source: 'net.onnx' });
    expect(cut?.chosen).toMatchObject({ tensor: 'globalaveragepool_3', width: 8 });
    expect(layers.map(({ type }) => type)).toEqual(['Conv 3x3', 'GlobalAveragePool', 'Dense']);
  });
});

test('the largest value over a map is pooling, not a decision', async () => {
  const builder = new GraphBuilder();
  const image = builder.input('image', 'float32', ['N', 3, 16, 16]);
  const map = builder.node('Relu', [
    builder.node('Conv', [image, weights(builder, [8, 3, 4, 4], 1)], { strides: [4, 4] }),
  ]);
  builder.output(builder.node('ReduceMax', [map], { axes: [2, 3], keepdims: 0 }), 'float32', ['N', 8], 'output');
  const model = builder.model();
  const preprocessing = plainPreprocessing(model, 16);
  const { cut } = await cutNetwork(model, { openSession, source: 'net.onnx', preprocessing });
  expect(cut).toContain('[8]');
});

/** Every stored tensor in one file beside the network, as PyTorch's exporter writes large ones. */
function outside(model: Model, file: string): { model: Model; data: Uint8Array } {
  let offset = 0;
  const pieces: Uint8Array[] = [];
  const initializers = model.graph.initializers.map((tensor) => {
    const moved = {
      ...tensor,
      bytes: new Uint8Array(),
      external: { location: file, offset, length: tensor.bytes.length },
    };
    offset += tensor.bytes.length;
    pieces.push(tensor.bytes);
    return moved;
  });
  return { model: { ...model, graph: { ...model.graph, initializers } }, data: Buffer.concat(pieces) };
}

describe('weights and shapes in a file beside the network', () => {
  const withShape = tinyNetwork({
    head: (builder, pooled) => {
      const flat = builder.node('Reshape', [pooled, builder.ints([-1, 8])]);
      return builder.node('Gemm', [flat, weights(builder, [8, 5], 2)]);
    },
  });
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'carafe-outside-'));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };
  const where = (at: string) => ({ openSession, modelFolder: join(at, 'models') });

  test.each(['net.onnx.data', 'weights/all.bin'])('%s: inspect finds the cut that training finds', async (name) => {
    const at = folder();
    const { model, data } = outside(withShape, name);
    mkdirSync(join(at, 'weights'));
    writeFileSync(join(at, 'net.onnx'), writeModel(model));
    writeFileSync(join(at, name), data);
    const { cut } = await inspectFile(join(at, 'net.onnx'), where(at));
    const preprocessing = plainPreprocessing(withShape, 16);
    const trained = await cutNetwork(withShape, { openSession, source: 'net.onnx', preprocessing });
    expect(cut?.chosen).toEqual(JSON.parse(JSON.stringify({ ...trained.candidate, map: undefined })));
  });

  test('without the file the layers are shown all the same', async () => {
    const at = folder();
    writeFileSync(join(at, 'net.onnx'), writeModel(outside(withShape, 'gone.bin').model));
    const { layers, noCutReason } = await inspectFile(join(at, 'net.onnx'), where(at));
    expect(layers).toHaveLength(3);
    expect(noCutReason ?? '').not.toContain('INTERNAL');
  });
});
