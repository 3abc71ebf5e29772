import { describe, expect, test } from 'vitest';
import { drawSelfTest } from '../../src/classifier/selfTest.ts';
import { Classifier } from '../../src/index.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { missing } from '../chromium.ts';
import { tinyBackbone, tinyLabeller } from '../classifier/tiny.ts';
import { tinyNetwork } from '../onnx/networks.ts';
import { openPage, serve } from './page.ts';

if (missing) console.log(`test/browser/labels.test.ts skipped: ${missing}`);

describe.skipIf(missing)('in Chromium', () => {
  test('a file of several labels gives the labels that it gives in Node', async () => {
    const bytes = await tinyLabeller(await tinyBackbone(tinyNetwork()));
    const inNode = await Classifier.open(bytes, 'tiny', openSession);
    const pixels = drawSelfTest(40, 50);
    const expected = await inNode.predictPixels(pixels);
    await inNode.release();
    const served = await serve({ '/labels.onnx': bytes });
    try {
      const { page, wrong } = await openPage(served);
      const got = await page.evaluate(
        async ([width, height, data]) => {
          const classifier = await carafe.loadClassifier('/labels.onnx');
          const { passed } = await classifier.verify();
          const { label, labels, isKnown, unknownScore } = await classifier.predict({
            width,
            height,
            data: Uint8Array.from(data),
          });
          return { passed, label, labels, isKnown, unknownScore };
        },
        [pixels.width, pixels.height, [...pixels.data]] as const,
      );
      expect(wrong).toEqual([]);
      expect(got.passed).toBe(true);
      expect(got.isKnown).toBe(expected.isKnown);
      expect(got.label).toBe(expected.label);
      // The page shrinks pixels as photos are shrunk, in bytes; the file's own resize, asked here, computes in floats.
      expect(got.unknownScore).toBeCloseTo(expected.unknownScore ?? Number.NaN, 2);
      expect(got.labels?.map(({ label }) => label)).toEqual(expected.labels?.map(({ label }) => label));
      for (const [i, { probability }] of (got.labels ?? []).entries())
        expect(probability).toBeCloseTo(expected.labels?.[i].probability ?? Number.NaN, 2);
    } finally {
      await served.close();
    }
  });
});
