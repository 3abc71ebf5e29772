import { expect, test } from 'vitest';
import { card, cardFromMetadata, cardToMetadata, requireClassCard } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { drawSelfTest } from '../../src/classifier/selfTest.ts';
import { readModel } from '../../src/onnx/read.ts';
import { openSession } from '../../src/platform.node.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { tinyBackbone, tinyLabeller } from './tiny.ts';

test('a file of several labels names those that reach their thresholds, and proves itself', async () => {
  const bytes = await tinyLabeller(await tinyBackbone(tinyNetwork()));
  const classifier = await Classifier.open(bytes, 'tiny', openSession);
  expect((await classifier.verify()).passed).toBe(true);
  const answer = await classifier.predictPixels(drawSelfTest(40, 50));
  const { classes, labels, label, features } = answer;
  expect(answer.isKnown).toBe((answer.unknownScore ?? Number.NaN) <= 1);
  expect(labels).toEqual(classes.filter((one) => one.probability >= (one.label === 'never' ? 2 : -1)));
  expect(labels?.map((one) => one.label)).not.toContain('never');
  expect(label).toBe(classes[0].label);
  // Each label's own sigmoid, so that together they need not be 1.
  expect(classes.reduce((sum, { probability }) => sum + probability, 0)).not.toBeCloseTo(1, 2);
  expect(features).toHaveLength(8);
  await classifier.release();
});

test('its card survives, is refused where it does not fit, and is not taken for that of one class a photo', async () => {
  const { metadata } = readModel(await tinyLabeller(await tinyBackbone(tinyNetwork())), 'tiny');
  const read = cardFromMetadata(metadata, 'tiny');
  expect(cardToMetadata(read)).toEqual(new Map(metadata));
  if (read.task !== 'multi-label') throw new TypeError('the card says another task');
  const { calibration } = read;
  expect(card.safeParse({ ...read, calibration: { ...calibration, shift: [0] } }).success).toBe(false);
  expect(card.safeParse({ ...read, task: 'single-label' }).success).toBe(false);
  expect(() => requireClassCard(read, 'tiny.onnx')).toThrow(/tiny\.onnx does not name one class/);
});
