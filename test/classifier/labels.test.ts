import { expect, test } from 'vitest';
import { card, cardFromMetadata, cardToMetadata, requireTask } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { drawSelfTest } from '../../src/classifier/selfTest.ts';
import { readModel } from '../../src/onnx/read.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { tinyBackbone, tinyClassifier, tinyLabeller } from './tiny.ts';

test('a file of several labels names those that reach their thresholds, and proves itself', async () => {
  const bytes = await tinyLabeller(await tinyBackbone(tinyNetwork()));
  const classifier = await Classifier.open(bytes, 'tiny', openSession);
  expect((await classifier.verify()).passed).toBe(true);
  const answer = await classifier.predictPixels(drawSelfTest(40, 50));
  const { classes, labels, features } = answer;
  expect(answer.isKnown).toBe((answer.unknownScore ?? Number.NaN) <= 1);
  expect(labels).toEqual(classes.filter((one) => one.probability >= (one.label === 'never' ? 2 : -1)));
  expect(labels?.map((one) => one.label)).not.toContain('never');
  // Each label's own sigmoid, so that together they need not be 1.
  expect(classes.reduce((sum, { probability }) => sum + probability, 0)).not.toBeCloseTo(1, 2);
  expect(features).toHaveLength(8);
  await classifier.release();
});

const never = 2;
const always = -1;
const far = Number.MAX_VALUE;

test.each([
  ['the likeliest label', [always, always, always], far, undefined],
  ['the likeliest of those that are given', [never, always, never], far, 'often'],
  ['none where no label is given', [never, never, never], far, 'none'],
  ['unknown where the photo is not known', [always, always, never], -far, 'unknown'],
])('what a photo is called in one word: %s', async (_, thresholds, limit, expected) => {
  const bytes = await tinyLabeller(await tinyBackbone(tinyNetwork()), thresholds, limit);
  const classifier = await Classifier.open(bytes, 'tiny', openSession);
  const { label, probability, classes, labels = [], isKnown } = await classifier.predictPixels(drawSelfTest(40, 50));
  await classifier.release();
  expect(label).toBe(expected ?? classes[0].label);
  expect(isKnown).toBe(limit === far);
  // A name that the photo is not given stands nowhere but in the list of classes.
  const given = isKnown ? labels.find((one) => one.label === label) : undefined;
  expect(probability).toBe(given?.probability ?? null);
});

test('a photo that is not known is called unknown, and its classes are told all the same', async () => {
  const backbone = await tinyBackbone(tinyNetwork());
  const answers = [];
  for (const limit of [undefined, far, -far]) {
    const classifier = await Classifier.open(await tinyClassifier(backbone, limit), 'tiny', openSession);
    answers.push(await classifier.predictPixels(drawSelfTest(40, 50)));
    await classifier.release();
  }
  const [plain, known, unknown] = answers;
  expect(plain).not.toHaveProperty('isKnown');
  expect(known).toMatchObject({ ...plain.classes[0], isKnown: true });
  expect(unknown).toMatchObject({ label: 'unknown', probability: null, isKnown: false, classes: plain.classes });
});

test('its card survives, is refused where it does not fit, and is not taken for that of one class a photo', async () => {
  const { metadata } = readModel(await tinyLabeller(await tinyBackbone(tinyNetwork())), 'tiny');
  const read = cardFromMetadata(metadata, 'tiny');
  expect(cardToMetadata(read)).toEqual(new Map(metadata));
  if (read.task !== 'multi-label') throw new TypeError('the card says another task');
  const { calibration } = read;
  expect(card.safeParse({ ...read, calibration: { ...calibration, shift: [0] } }).success).toBe(false);
  expect(card.safeParse({ ...read, task: 'single-label' }).success).toBe(false);
  expect(() => requireTask(read, 'tiny.onnx', 'single-label')).toThrow(
    /tiny\.onnx was trained on photos with several labels/,
  );
});
