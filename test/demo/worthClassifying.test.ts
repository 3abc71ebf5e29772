import sharp from 'sharp';
import { expect, test } from 'vitest';
import { embeddedBackbone } from '../../src/backbone/embedded.node.ts';
import { sampleClasses, sampleImages } from '../../src/demo/drawSample.ts';
import { photograph } from '../../src/demo/photograph.node.ts';
import { selectMany } from '../../src/evaluation/select.ts';
import { extractionModel } from '../../src/features/network.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { crop } from '../../src/images/crop.ts';
import { decodePhoto } from '../../src/images/decode.node.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, type Matrix } from '../../src/runtime/platform.ts';

const perClass = 20;
const thumbnail = 32;
const context = { openSession, threads: 1, seed: 0 };

function matrix(vectors: readonly ArrayLike<number>[]): Matrix {
  const columns = vectors[0].length;
  const data = new Float32Array(vectors.length * columns);
  for (const [row, vector] of vectors.entries()) data.set(vector, row * columns);
  return { rows: vectors.length, columns, data };
}

/** Two-fold cross-validated accuracy of the softmax head; its settings are chosen inside the training half. */
async function accuracy(features: Matrix): Promise<number> {
  const labels = Int32Array.from({ length: features.rows }, (_, i) => Math.floor(i / perClass));
  const halves = [0, 1].map((half) => ({
    folds: labels.map((_, i) => (i % 2 === half ? (i >> 1) % 5 : -1)),
    innerFolds: 5,
    weights: Float32Array.from(labels, (_, i) => (i % 2 === half ? 1 : 0)),
  }));
  const problem = { features, labels, classes: sampleClasses.length };
  const chosen = await selectMany(softmax, problem, halves, context);
  const fitted = chosen.map((selection) => selection.fitted);
  const logits = await predictLogits(softmax, fitted, { features }, context);
  const right = labels.filter((label, i) => {
    // Photo i was trained on by half i % 2.
    const { columns, data } = logits[1 - (i % 2)];
    const row = data.subarray(i * columns, (i + 1) * columns);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}

test('the sample set needs features, rewards them, and leaves mistakes to make', async () => {
  const backbone = await embeddedBackbone(openSession);
  const session = await openSession(extractionModel(backbone), { threads: 2 });
  const features: Float32Array[] = [];
  const thumbnails: Uint8Array[] = [];
  for (const picture of sampleImages({ perClass })) {
    const jpeg = await photograph(picture);
    const { height, width, data } = crop(
      (await decodePhoto(jpeg, backbone.preprocessing)).pixels,
      backbone.preprocessing.crop,
    );
    const answer = await session.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
    features.push(expectTensor(answer.features, 'float32').data);
    thumbnails.push(await sharp(jpeg).resize(thumbnail, thumbnail, { fit: 'fill' }).raw().toBuffer());
  }
  await session.release();
  const pixels = matrix(thumbnails);
  for (let i = 0; i < pixels.data.length; i++) pixels.data[i] /= 255;
  const onFeatures = await accuracy(matrix(features));
  const onPixels = await accuracy(pixels);
  console.log(`accuracy with ${perClass / 2} pictures a class: features ${onFeatures}, thumbnails ${onPixels}`);
  // With 10 pictures a class to learn from; a guess is right in 0.125.
  expect(onFeatures).toBeGreaterThan(0.5);
  expect(onFeatures).toBeLessThan(0.98);
  expect(onPixels).toBeLessThan(onFeatures - 0.15);
});
