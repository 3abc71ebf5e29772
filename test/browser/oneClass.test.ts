import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDetector, trainOneClass } from '../../src/index.ts';
import { missing } from '../chromium.ts';
import { decodeWhole } from '../images/draw.ts';
import { tinyNetworkFile } from '../tinyNetwork.ts';
import { drawnFolder, drawnSet } from '../trained.ts';
import { openPage, serve } from './page.ts';

if (missing) console.log(`test/browser/oneClass.test.ts skipped: ${missing}`);

describe.skipIf(missing)('in Chromium', () => {
  test('a one-class classifier has the scores and the heatmaps that it has in Node', async () => {
    const folder = await drawnFolder(12);
    const out = join(folder, 'out');
    await trainOneClass(join(folder, drawnSet, 'circle'), { backbone: tinyNetworkFile(), head: 'padim', out });
    const file = join(out, 'classifier.onnx');
    const photos = await Promise.all(
      ['circle', 'cross'].map((label) => decodeWhole(readFileSync(join(folder, drawnSet, label, '3.jpg')))),
    );
    const inNode = await loadDetector(file);
    const expected = await Promise.all(photos.map((pixels) => inNode.detect(pixels, { heatmap: true })));
    await inNode.release();
    expect(expected[0].heatmap?.data.length).toBeGreaterThan(1);

    const served = await serve({ '/classifier.onnx': readFileSync(file) });
    try {
      const { page, wrong } = await openPage(served);
      const got = await page.evaluate(
        async (list) => {
          const detector = await carafe.loadFile('/classifier.onnx');
          if (!(detector instanceof carafe.PhotoDetector)) throw new Error('it opens as something else');
          const wrongKind: unknown = await carafe.loadClassifier('/classifier.onnx').catch((error: unknown) => error);
          if (!(wrongKind instanceof carafe.CarafeError))
            throw new Error('it opens as a classifier that names classes');
          const { passed } = await detector.verify();
          const answers = [];
          for (const [width, height, data] of list) {
            const photo = { width, height, data: Uint8Array.from(data) };
            const { heatmap, ...answer } = await detector.detect(photo, { heatmap: true });
            if (!heatmap) throw new Error('there is no heatmap');
            const image = detector.heatmapImage(heatmap);
            const plain = JSON.stringify(await detector.detect(photo));
            answers.push({
              ...answer,
              plain,
              heatmap: [...heatmap.data],
              image: [image.width, image.height, image.data.length],
            });
          }
          return { passed, answers, hint: wrongKind.hint };
        },
        photos.map(({ width, height, data }) => [width, height, [...data]] as const),
      );
      expect(wrong).toEqual([]);
      expect(got.passed).toBe(true);
      expect(got.hint).toContain('loadDetector');
      for (const [i, { score, isNormal, heatmap, image, plain }] of got.answers.entries()) {
        // Pixels are shrunk by another library than in Node.
        expect(score / expected[i].score).toBeCloseTo(1, 1);
        expect(JSON.parse(plain)).toEqual({ score, isNormal });
        expect(isNormal).toBe(expected[i].isNormal);
        const { width = 0, height = 0, data = [] } = expected[i].heatmap ?? {};
        expect(image).toEqual([width, height, width * height * 4]);
        expect(heatmap.length).toBe(data.length);
        for (const [place, value] of heatmap.entries()) expect(value / data[place]).toBeCloseTo(1, 1);
      }
    } finally {
      await served.close();
    }
  });
});
