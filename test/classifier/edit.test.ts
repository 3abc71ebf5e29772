import { expect, test } from 'vitest';
import { Classifier } from '../../src/classifier/classifier.ts';
import { editClasses } from '../../src/classifier/edit.ts';
import { openSession } from '../../src/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { labels, tinyBackbone, tinyClassifier } from './tiny.ts';

const [a, b, c] = labels;
const photo = {
  width: 30,
  height: 24,
  data: Uint8Array.from({ length: 30 * 24 * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256),
};

async function probabilities(bytes: Uint8Array): Promise<Map<string, number>> {
  const classifier = await Classifier.open(bytes, 'x', openSession);
  expect((await classifier.verify()).passed).toBe(true);
  const { classes } = await classifier.predictPixels(photo);
  await classifier.release();
  return new Map(classes.map(({ label, probability }) => [label, probability]));
}

test('what is left of the probabilities is added up and sums to 1; the file still proves itself', async () => {
  const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));
  const before = await probabilities(bytes);
  const p = (label: string) => before.get(label) ?? 0;
  const removed = await probabilities(editClasses(bytes, 'x', { remove: [b] }).bytes);
  expect([...removed.keys()].sort()).toEqual([a, c].sort());
  expect(removed.get(a)).toBeCloseTo(p(a) / (p(a) + p(c)), 5);
  const merged = editClasses(bytes, 'x', { merge: [{ labels: [a, c], into: 'both' }], rename: new Map([[b, 'rest']]) });
  const after = await probabilities(merged.bytes);
  expect(after.get('both')).toBeCloseTo(p(a) + p(c), 5);
  expect(after.get('rest')).toBeCloseTo(p(b), 5);
  expect(merged.card.training.classes).toEqual([
    { label: 'both', count: 14 },
    { label: 'rest', count: 7 },
  ]);
  const again = await probabilities(editClasses(merged.bytes, 'x', { rename: new Map([['both', a]]) }).bytes);
  expect(again.get(a)).toBeCloseTo(p(a) + p(c), 5);
});

test('mistakes are told', async () => {
  const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));
  const edit = (edits: Parameters<typeof editClasses>[2]) => () => editClasses(bytes, 'x', edits);
  expect(edit({ remove: ['nobody'] })).toThrow(/no class 'nobody'/);
  expect(edit({ remove: [a, b] })).toThrow(/Fewer than two/);
  expect(edit({ rename: new Map([[a, b]]) })).toThrow(/same label/);
  expect(edit({ merge: [{ labels: [a, b, c], into: 'all' }] })).toThrow(/Fewer than two/);
});
