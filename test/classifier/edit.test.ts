import { expect, test } from 'vitest';
import { Classifier } from '../../src/classifier/classifier.ts';
import { type ClassEdits, editClasses } from '../../src/classifier/edit.ts';
import { makeClassifier } from '../../src/classifier/make.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { context, drawnCard, labels, tinyBackbone, tinyClassifier, tinyLabeller } from './tiny.ts';

const [a, b, c] = labels;
const photo = {
  width: 30,
  height: 24,
  data: Uint8Array.from({ length: 30 * 24 * 3 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256),
};

const edited = (bytes: Uint8Array, edits: ClassEdits) => editClasses(bytes, 'x', edits, [], context);

async function answer(bytes: Uint8Array) {
  const classifier = await Classifier.open(bytes, 'x', openSession);
  expect((await classifier.verify()).passed).toBe(true);
  const [prediction, file] = [await classifier.predictPixels(photo), await fileSays(bytes)];
  await classifier.release();
  expect(file.isKnown).toBe(prediction.isKnown);
  expect(classifier.labels.filter((_, label) => file.set?.[label])).toEqual(
    classifier.labels.filter((label) => prediction.set?.includes(label)),
  );
  return prediction;
}

/** What any ONNX Runtime reads in the file. */
async function fileSays(bytes: Uint8Array): Promise<{ isKnown: boolean; set: boolean[] | undefined }> {
  const session = await openSession(bytes);
  const { width, height, data } = photo;
  const names = ['isKnown', 'set'].filter((name) => session.outputs.some((output) => output.name === name));
  const image = { type: 'uint8', dims: [1, height, width, 3], data } as const;
  const { isKnown, set } = await session.run({ image }, names);
  await session.release();
  return { isKnown: Boolean(isKnown.data[0]), set: set && Array.from(set.data, Boolean) };
}

test('what is still taken for a removed class becomes unknown, and nothing else does', async () => {
  const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()), 1e3);
  const before = await answer(bytes);
  const [likeliest, second, third] = before.classes.map(({ label }) => label);
  expect(before).toMatchObject({ label: likeliest, isKnown: true });

  const without = await edited(bytes, { remove: [likeliest] });
  expect(await answer(without.bytes)).toMatchObject({
    label: 'unknown',
    isKnown: false,
    classes: [{ label: second }, {}],
  });
  expect(without.removed).toEqual({ labels: [likeliest], note: expect.stringContaining('are now called unknown') });
  expect(without.card.evaluation.method).toContain(without.removed?.note);
  // Edits follow one another: the class stays removed.
  const renamed = await edited(without.bytes, { rename: new Map([[second, 'other']]) });
  expect(renamed.removed).toBeUndefined();
  expect(await answer(renamed.bytes)).toMatchObject({ isKnown: false, classes: [{ label: 'other' }, {}] });

  const other = await answer((await edited(bytes, { remove: [third] })).bytes);
  expect(other).toMatchObject({ label: likeliest, isKnown: true });
  const merged = await edited(bytes, { merge: [{ labels: [likeliest, third], into: 'both' }] });
  expect(await answer(merged.bytes)).toMatchObject({ label: 'both', isKnown: true, unknownScore: before.unknownScore });
});

test('a file that tells no unknown photos says that those of a removed class go to the others', async () => {
  const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork()));
  expect((await edited(bytes, { remove: [a] })).removed?.note).toMatch(
    /given to the other classes: .* cannot recognise unknown/,
  );
});

test('labels of which a photo may have several are removed and renamed; the others keep their answers', async () => {
  const bytes = await tinyLabeller(await tinyBackbone(tinyNetwork()), [-1, 2, 2], 1e3);
  const before = await answer(bytes);
  const made = await edited(bytes, { remove: ['often'], rename: new Map([['always', 'ever']]) });
  expect(made.card.labels).toEqual(['ever', 'never']);
  expect(made.removed).toEqual({ labels: ['often'], note: 'The classifier no longer looks for often.' });
  const p = (name: string) => before.classes.find(({ label }) => label === name)?.probability ?? Number.NaN;
  const after = await answer(made.bytes);
  expect(after.labels).toEqual([{ label: 'ever', probability: expect.closeTo(p('always'), 5) }]);
  expect(new Set(after.classes.map(({ label }) => label))).toEqual(new Set(['ever', 'never']));
  expect(after).toMatchObject({ label: 'ever', unknownScore: before.unknownScore });
  const last = await edited(made.bytes, { remove: ['ever'] });
  expect((await answer(last.bytes)).classes).toEqual([{ label: 'never', probability: expect.closeTo(p('never'), 5) }]);
  await expect(edited(last.bytes, { remove: ['never'] })).rejects.toThrow(/No label would be left/);
  const merge = [{ labels: ['often', 'always'], into: 'x' }];
  await expect(edited(bytes, { merge })).rejects.toThrow(/cannot be merged/);
});

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
    /softmax head, which can only learn new photos by training/,
  );
});

test('of classes that become one the biases become one, by their photos; a class that is gone takes its own along', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const { width } = backbone.network;
  const head = headNamed('prototype');
  const direction = (seed: number) => Float32Array.from({ length: width }, (_, d) => Math.sin(seed + 3 * d));
  const fitted = { centre: new Float32Array(width), sums: [direction(1), direction(2), direction(5)] };
  const counts = [30, 10, 7];
  const card = {
    ...drawnCard(backbone),
    head: { name: 'prototype', settings: {} },
    calibration: { temperature: 0.7, bias: [0.4, -0.6, 0.2] },
  };
  const classes = labels.map((label, i) => ({ label, count: counts[i] }));
  const described = { ...card, training: { ...card.training, classes } };
  const bytes = await makeClassifier({ backbone, head, fitted }, described, context, prepare);
  const biasAfter = async (edits: ClassEdits) => {
    const { card: after } = await edited(bytes, edits);
    return after.task === 'single-label' ? after.calibration : undefined;
  };
  const both = Math.log((30 * Math.exp(0.4) + 10 * Math.exp(-0.6)) / 40);
  expect(await biasAfter({ merge: [{ labels: [a, b], into: 'both' }] })).toEqual({
    temperature: 0.7,
    bias: [expect.closeTo(both, 6), 0.2],
  });
  expect(await biasAfter({ remove: [b] })).toEqual({ temperature: 0.7, bias: [0.4, 0.2] });
  const features = { rows: 1, columns: width, data: direction(9) };
  const { card: grown } = await editClasses(bytes, 'x', {}, [{ label: 'new', features, ids: ['a'] }], context);
  expect(grown.calibration).toEqual({ temperature: 0.7, bias: [0.4, expect.closeTo(-0.6, 9), 0.2, 0] });
});
