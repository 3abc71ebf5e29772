import { expect, test } from 'vitest';
import { openFile } from '../../src/classifier/file.ts';
import { loadClassifier } from '../../src/index.ts';
import { readModel } from '../../src/onnx/read.ts';
import { writeModel } from '../../src/onnx/write.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { SessionOptions } from '../../src/runtime/platform.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { tinyBackbone, tinyClassifier } from './tiny.ts';

const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));

test('a network that the runtime leaves as it is answers the same', async () => {
  const data = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 37) % 256);
  const answers = [];
  for (const optimize of [true, false]) {
    const classifier = await loadClassifier(bytes, { optimize });
    answers.push((await classifier.predict({ width: 40, height: 30, data })).classes);
    await classifier.release();
  }
  for (const [i, { label, probability }] of answers[0]!.entries()) {
    expect(answers[1]![i]!.label).toBe(label);
    expect(answers[1]![i]!.probability).toBeCloseTo(probability, 5);
  }
});

test('a network that rounds to integers is always rewritten: else it would answer otherwise', async () => {
  const opened: (boolean | undefined)[] = [];
  const model = readModel(bytes, 'tiny');
  const { graph } = model;
  const [image] = graph.inputs;
  for (const op of ['Relu', 'QuantizeLinear', 'DynamicQuantizeLinear']) {
    const more = { op, domain: '', name: op, inputs: [image!.name], outputs: [`${op}_out`], attributes: new Map() };
    const changed = writeModel({ ...model, graph: { ...graph, nodes: [...graph.nodes, more] } });
    const open = (_: Uint8Array, options?: SessionOptions) => {
      opened.push(options?.optimize);
      return openSession(bytes);
    };
    const { session } = await openFile(changed, 'tiny', (card) => card, open, { optimize: false });
    await session.release();
  }
  expect(opened).toEqual([false, true, true]);
});
