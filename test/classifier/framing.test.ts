import { describe, expect, test } from 'vitest';
import { requireTask } from '../../src/classifier/card.ts';
import { Classifier } from '../../src/classifier/classifier.ts';
import { ownBackbone } from '../../src/classifier/ownBackbone.ts';
import { previousProbabilities, readPrevious } from '../../src/classifier/previous.ts';
import { mostDeviation } from '../../src/classifier/selfTest.ts';
import { extractionModel } from '../../src/features/network.ts';
import { decodePhoto, resizeDecoded } from '../../src/images/decode.node.ts';
import {
  framed,
  framingOf,
  framings,
  looksCounts,
  resizingFor,
  singleLooks,
  withLooks,
} from '../../src/images/framing.ts';
import { prepare } from '../../src/images/prepare.node.ts';
import type { Preprocessing } from '../../src/images/preprocessing.ts';
import { mean } from '../../src/numerics/statistics.ts';
import { readModel } from '../../src/onnx/read.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { expectTensor, type Pixels } from '../../src/runtime/platform.ts';
import { drawScene, picture } from '../images/draw.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { preprocessing as own, tinyBackbone, tinyClassifier } from './tiny.ts';

const ways = framings.flatMap((framing) => looksCounts.map((looks) => ({ framing, looks })));
/** Usual photos, narrow ones, panoramas and lines. */
const shapes = [
  [64, 48],
  [48, 64],
  [10, 40],
  [400, 20],
  [20, 400],
  [1, 300],
  [5000, 1],
  [3, 2],
  [1, 1],
] as const;

/** The mean over looks of what the network gives for each, prepared as photos are. */
async function meanOfLooks(photo: Pixels, backbone: Awaited<ReturnType<typeof tinyBackbone>>): Promise<Float32Array> {
  const session = await openSession(extractionModel(backbone));
  const seen: Float32Array[] = [];
  for (const look of singleLooks(backbone.preprocessing)) {
    const { data, height, width } = await prepare(photo, look);
    const { features } = await session.run({ image: { type: 'uint8', dims: [1, height, width, 3], data } });
    seen.push(expectTensor(features, 'float32').data);
  }
  await session.release();
  return seen[0].map((_, at) => mean(seen.map((one) => one[at])));
}

function deviation(given: Float32Array, wanted: Float32Array): number {
  const square = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => value ** 2)));
  return square(Array.from(given, (value, at) => value - wanted[at])) / square([...wanted]);
}

describe.each(ways)('a file that sees photos $framing, $looks times', ({ framing, looks }) => {
  const preprocessing = withLooks(own, framing, looks);

  test('crops photos that are framed already, and answers with the same bits', async () => {
    const bytes = await tinyClassifier(await tinyBackbone(tinyNetwork(), preprocessing));
    let run: Uint8Array = bytes;
    const file = await Classifier.open(bytes, 'it', (model, options) => {
      run = model;
      return openSession(model, options);
    });
    const whole = await openSession(bytes);
    // Padded photos, and those of several sizes, go through the file's own framing.
    const isQuick = readModel(run, 'it').graph.nodes.some(({ op }) => op === 'If');
    expect(isQuick).toBe(framing !== 'pad' && looks < 4);
    for (const [width, height] of shapes) {
      const photo = drawScene(width, height);
      for (const pixels of [photo, await resizeDecoded(photo, resizingFor(preprocessing))]) {
        const dims = [1, pixels.height, pixels.width, 3];
        const wanted = await whole.run({ image: { type: 'uint8', dims, data: pixels.data } });
        const given = await file.run(pixels);
        expect(given.features, `${width} x ${height}`).toEqual(expectTensor(wanted.features, 'float32').data);
        expect(given.probabilities).toEqual(expectTensor(wanted.probabilities, 'float32').data);
      }
    }
    await Promise.all([file.release(), whole.release()]);
  });

  test('gives for photos of any shape what the network gives for what it is shown', async () => {
    const backbone = await tinyBackbone(tinyNetwork(), preprocessing);
    const file = await Classifier.open(await tinyClassifier(backbone), 'it', openSession);
    for (const [width, height] of shapes) {
      const photo = drawScene(width, height);
      const wanted = await meanOfLooks(photo, backbone);
      const shape = `${width} x ${height}`;
      // Whole, as other programs give it; and shrunk, as Carafe's own readers do.
      expect(deviation((await file.run(photo)).features, wanted), shape).toBeLessThan(mostDeviation.features);
      const shrunk = await resizeDecoded(photo, resizingFor(preprocessing));
      const tolerance = looks < 4 ? 1e-5 : mostDeviation.features;
      expect(deviation((await file.run(shrunk)).features, wanted), `${shape}, shrunk`).toBeLessThan(tolerance);
    }
    expect((await file.verify()).passed).toBe(true);
    await file.release();
  });

  test('is taken apart again: its network, and its head alone', async () => {
    const backbone = await tinyBackbone(tinyNetwork(), preprocessing);
    const bytes = await tinyClassifier(backbone);
    const previous = readPrevious(bytes, 'x', (card, named) => requireTask(card, named, 'single-label'));
    const again = ownBackbone(previous);
    expect(again.preprocessing).toEqual(preprocessing);
    expect(again.network.features).toBe(backbone.network.features);
    const photo = drawScene(90, 70);
    const data = await meanOfLooks(photo, again);
    expect(data).toEqual(await meanOfLooks(photo, backbone));
    const features = { rows: 1, columns: data.length, data };
    const alone = await previousProbabilities(previous, again, { features }, openSession);
    const file = await Classifier.open(bytes, 'it', openSession);
    const whole = await file.run(await resizeDecoded(photo, resizingFor(preprocessing)));
    for (const [at, value] of whole.probabilities.entries())
      expect(alone?.data[at]).toBeCloseTo(value, looks < 4 ? 5 : 1);
    await file.release();
  });
});

describe('framings', () => {
  test("a network's own framing stays as it is", () => {
    expect(framed(own, 'crop')).toBe(own);
    const squashing: Preprocessing = { ...own, resize: { rule: 'squash', height: 40, width: 40 } };
    expect(framed(squashing, 'squash')).toBe(squashing);
    // Where a network squashes, a crop takes as much as there is.
    expect(framed(squashing, 'crop').resize).toEqual({ rule: 'shortest-edge', size: 16 });
    for (const framing of framings) expect(framingOf(framed(squashing, framing))).toBe(framing);
  });

  test('a panorama of 1:20 is seen whole by squash and pad', async () => {
    const png = await picture(drawScene(1280, 64)).png().toBuffer();
    const sizes = framings.map(async (framing) => {
      const { pixels } = await decodePhoto(png, framed(own, framing));
      return [pixels.width, pixels.height];
    });
    expect(await Promise.all(sizes)).toEqual([
      [400, 20],
      [16, 16],
      [16, 1],
    ]);
  });
});
