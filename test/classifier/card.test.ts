import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Card, cardFromMetadata, cardToMetadata } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { CarafeError } from '../../src/errors.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { labels, tinyBackbone, tinyClassifier } from './tiny.ts';

let bytes: Uint8Array;
let metadata: ReadonlyMap<string, string>;
let card: Card;

beforeAll(async () => {
  bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));
  metadata = readModel(bytes, 'tiny').metadata;
  card = cardFromMetadata(metadata, 'tiny');
});

/** The metadata with some entries replaced; undefined takes one out. */
function changed(changes: Readonly<Record<string, unknown>>): Map<string, string> {
  const entries = new Map(metadata);
  for (const [key, value] of Object.entries(changes))
    if (value === undefined) entries.delete(key);
    else entries.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  return entries;
}

function refusal(action: () => unknown): CarafeError {
  try {
    action();
  } catch (error) {
    if (error instanceof CarafeError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

test('a card comes back as it was written, labels in any script', () => {
  expect(card.labels).toEqual(labels);
  expect(cardFromMetadata(cardToMetadata(card), 'tiny')).toEqual(card);
  expect(new Map(cardToMetadata(card))).toEqual(metadata);
});

test('its entries are JSON, each under carafe. and its name', () => {
  const expected = ['version', 'backbone', 'preprocessing', 'head', 'task', 'labels', 'calibration', 'training'];
  const keys = [...expected, 'evaluation', 'selfTest'].map((key) => `carafe.${key}`);
  expect(new Set(metadata.keys())).toEqual(new Set(keys));
  expect(JSON.parse(metadata.get('carafe.labels') ?? '')).toEqual(labels);
});

test('what a newer Carafe adds, or another program, is passed over', () => {
  const { backbone } = card;
  const newer = changed({
    'carafe.invented': { by: 'a newer one' },
    author: 'somebody',
    'carafe.backbone': { ...backbone, more: 1 },
  });
  expect(cardFromMetadata(newer, 'tiny')).toEqual(card);
});

test('a network without a card is told from a classifier', () => {
  const { code, what, hint } = refusal(() => cardFromMetadata(new Map([['author', 'x']]), 'net.onnx'));
  expect({ code, what }).toEqual({
    code: 'NOT_A_CLASSIFIER',
    what: 'net.onnx is an ONNX network, but not a classifier made by Carafe.',
  });
  expect(hint).toContain('`backbone`');
});

const hostile: [string, Readonly<Record<string, unknown>>, RegExp][] = [
  ['one label', { 'carafe.labels': ['only'] }, /labels/],
  ['a label twice', { 'carafe.labels': ['a', 'b', 'a'] }, /a label appears twice/],
  ['labels that are no texts', { 'carafe.labels': [1, null] }, /labels/],
  ['labels that are no JSON', { 'carafe.labels': '["a", "b"' }, /labels/],
  ['no preprocessing', { 'carafe.preprocessing': undefined }, /preprocessing/],
  ['a task of another kind', { 'carafe.task': 'multi-label' }, /task/],
  ['a temperature of zero', { 'carafe.calibration': { temperature: 0 } }, /temperature/],
  ['biases of other classes', { 'carafe.calibration': { temperature: 1, bias: [1, -1] } }, /another number of classes/],
  ['no self-test', { 'carafe.selfTest': undefined }, /selfTest/],
];

test.each(hostile)('%s is refused in words', (_, changes, says) => {
  const { code, what, hint } = refusal(() => cardFromMetadata(changed(changes), 'bad.onnx'));
  expect(code).toBe('NOT_A_CLASSIFIER');
  expect(what).toMatch(/^The card inside bad\.onnx is broken: /);
  expect(what).toMatch(says);
  expect(hint).toMatch(/newer Carafe/);
});

test('sizes that would cost gigabytes are refused', () => {
  const huge = { height: 1_000_000, width: 1_000_000 };
  const { preprocessing, selfTest } = card;
  for (const changes of [
    { 'carafe.preprocessing': { ...preprocessing, crop: huge } },
    { 'carafe.preprocessing': { ...preprocessing, resize: { rule: 'shortest-edge', size: 1e6 } } },
    { 'carafe.selfTest': { ...selfTest, images: [{ ...selfTest.images[0], ...huge }] } },
    { 'carafe.selfTest': { ...selfTest, images: [] } },
    { 'carafe.selfTest': { ...selfTest, images: Array(100).fill(selfTest.images[0]) } },
  ])
    expect(refusal(() => cardFromMetadata(changed(changes), 'bad.onnx')).code).toBe('NOT_A_CLASSIFIER');
});

test('no text in an entry does anything but be read or be refused', () => {
  fc.assert(
    fc.property(fc.constantFrom(...metadata.keys()), fc.oneof(fc.json(), fc.string()), (key, value) => {
      try {
        cardFromMetadata(changed({ [key]: value }), 'bad.onnx');
      } catch (error) {
        expect(error).toBeInstanceOf(CarafeError);
      }
    }),
  );
});

describe('card and network must belong together', () => {
  const open = (changes: Readonly<Record<string, unknown>>, rename = (name: string) => name) => {
    const model = readModel(bytes, 'tiny');
    const { nodes, outputs } = model.graph;
    const graph = {
      ...model.graph,
      nodes: nodes.map((node) => ({ ...node, outputs: node.outputs.map(rename) })),
      outputs: outputs.map((output) => ({ ...output, name: rename(output.name) })),
    };
    const file = writeModel({ ...model, graph, metadata: changed(changes) });
    return Classifier.open(file, 'odd.onnx', openSession);
  };

  test('unchanged they do', async () => {
    const classifier = await open({});
    expect(classifier.labels).toEqual(labels);
    await classifier.release();
  });

  test('another number of labels', async () => {
    await expect(open({ 'carafe.labels': ['a', 'b'], 'carafe.calibration': { temperature: 1 } })).rejects.toMatchObject(
      {
        code: 'NOT_A_CLASSIFIER',
        what: 'The metadata of odd.onnx names 2 classes, but its network has 3.',
      },
    );
  });

  test('an output that is gone', async () => {
    await expect(open({}, (name) => (name === 'features' ? 'other' : name))).rejects.toMatchObject({
      code: 'NOT_A_CLASSIFIER',
      what: "odd.onnx has the metadata of a classifier, but no 'features'.",
    });
  });
});
