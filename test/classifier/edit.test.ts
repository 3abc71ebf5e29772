import { expect, test } from 'vitest';
import { Classifier } from '../../src/classifier/classifier.ts';
import { type ClassEdits, editClasses } from '../../src/classifier/edit.ts';
import { openSession } from '../../src/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { context, labels, tinyBackbone, tinyClassifier } from './tiny.ts';

const [a, b, c] = labels;
const photo = {
  width: 30,
  height: 24,
  data: Uint8Array.from({ length: 30 * 24 * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256),
};

const edited = (bytes: Uint8Array, edits: ClassEdits) => editClasses(bytes, 'x', edits, [], context);

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
  const removed = await probabilities((await edited(bytes, { remove: [b] })).bytes);
  expect([...removed.keys()].sort()).toEqual([a, c].sort());
  expect(removed.get(a)).toBeCloseTo(p(a) / (p(a) + p(c)), 5);
  const merged = await edited(bytes, { merge: [{ labels: [a, c], into: 'both' }], rename: new Map([[b, 'rest']]) });
  const after = await probabilities(merged.bytes);
  expect(after.get('both')).toBeCloseTo(p(a) + p(c), 5);
  expect(after.get('rest')).toBeCloseTo(p(b), 5);
  expect(merged.card.training.classes).toEqual([
    { label: 'both', count: 14 },
    { label: 'rest', count: 7 },
  ]);
  const again = await probabilities((await edited(merged.bytes, { rename: new Map([['both', a]]) })).bytes);
  expect(again.get(a)).toBeCloseTo(p(a) + p(c), 5);
});

test('mistakes are told', async () => {
  const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));
  const mistake = async (edits: ClassEdits, what: RegExp) => expect(edited(bytes, edits)).rejects.toThrow(what);
  await mistake({ remove: ['nobody'] }, /no class 'nobody'/);
  await mistake({ remove: [a, b] }, /Fewer than two/);
  await mistake({ rename: new Map([[a, b]]) }, /same label/);
  await mistake({ merge: [{ labels: [a, b, c], into: 'all' }] }, /Fewer than two/);
  const features = { rows: 1, columns: 8, data: new Float32Array(8) };
  await expect(editClasses(bytes, 'x', {}, [{ label: 'd', features, ids: ['a'] }], context)).rejects.toThrow(
    /softmax head, which learns new photos only by training/,
  );
});
