import { expect, test } from 'vitest';
import { Classifier } from '../src/classifier/classifier.ts';
import { makeClassifier } from '../src/classifier/make.ts';
import { drawSelfTest } from '../src/classifier/selfTest.ts';
import { linearToGraph } from '../src/heads/linear.ts';
import { prepare } from '../src/images/prepare.node.ts';
import { evaluateOn } from '../src/runs/evaluate.ts';
import { openSession } from '../src/runtime/platform.node.ts';
import type { ImageSet } from '../src/sets/imageSet.ts';
import { context, drawnCard, labels, tinyBackbone } from './classifier/tiny.ts';
import { tinyNetwork } from './onnx/networks.ts';

/** A classifier that gives every photo the same logits, before a temperature. */
async function constant(logits: readonly number[], temperature: number): Promise<Classifier> {
  const backbone = await tinyBackbone(tinyNetwork());
  const { width } = backbone.network;
  const classes = labels.length;
  const fitted = {
    weights: new Float32Array(width * classes),
    bias: Float32Array.from(logits),
    inputs: width,
    outputs: classes,
  };
  const parts = { backbone, head: { needs: 'pooled' as const, toGraph: linearToGraph }, fitted };
  const bytes = await makeClassifier(
    { ...parts, unknown: undefined },
    { ...drawnCard(backbone), calibration: { temperature } },
    context,
    prepare,
  );
  return Classifier.open(bytes, 'constant', openSession);
}

function photosOf(truth: readonly number[]): ImageSet {
  const items = truth.map((label, at) => ({ path: `${at}.png`, file: `/nowhere/${at}.png`, labels: [labels[label]] }));
  return { source: 'photos', classes: labels, items };
}

// Log-losses by hand: the logits divided by the temperature, and e^-44 beside 1 is nothing.
test.each([
  ['none of three photos surely wrong', [0, 0, 0], [0, -13.32, -39.96], 0.3, 0],
  ['one of three photos surely wrong, at 133.2 nats', [0, 0, 2], [0, -13.32, -39.96], 0.3, 133.2 / 3],
  ['beyond what a float32 probability can be', [0, 2], [0, -30, -900], 0.3, 1500],
  ['a temperature above 1', [1, 2], [0, -300, -600], 1.5, 300],
])('the log-loss comes from the logits in the file: %s', async (_, truth, logits, temperature, expected) => {
  const classifier = await constant(logits, temperature);
  const photo = async ({ path }: { readonly path: string }) => ({ pixels: drawSelfTest(40, 30), sha256: path });
  const { evaluation } = await evaluateOn(classifier, photosOf(truth), photo, { seed: 0 });
  await classifier.release();
  expect(Math.abs(evaluation.logLoss - expected)).toBeLessThan(1e-5 * (1 + expected));
});
