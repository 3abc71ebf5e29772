import { expect, test } from 'vitest';
import { extractionModel } from '../../src/features/network.ts';
import { processPhoto } from '../../src/features/processPhoto.ts';
import { crop } from '../../src/images/crop.ts';
import { decodePhoto } from '../../src/images/decode.node.ts';
import { type View, viewsOf } from '../../src/images/view.ts';
import { readViews } from '../../src/runs/readFor.node.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { drawScene, meanDifference, picture } from '../images/draw.ts';
import { tinyBackbone } from './tinyBackbone.ts';

const backbone = tinyBackbone();
const { preprocessing } = backbone;
const bytes = new Uint8Array(await picture(drawScene(90, 70)).png().toBuffer());

/** What the network is shown of the photo, or of a view of it. */
async function shown(view?: View): Promise<Uint8Array> {
  const session = await openSession(extractionModel(backbone, {}));
  let seen: Uint8Array | undefined;
  const outcome = await processPhoto({ file: 'photo', view, preprocessing }, async () => true, {
    read: async () => bytes,
    // The digest that readViews, below, has of the same bytes.
    sha256: () => digest,
    decode: decodePhoto,
    session: async () => ({
      ...session,
      run: (feeds) => {
        const { image } = feeds;
        if (image.type === 'uint8') seen = image.data;
        return session.run(feeds);
      },
      release: () => session.release(),
    }),
  });
  expect(outcome.kind).toBe('computed');
  await session.release();
  if (!seen) throw new TypeError('the network was shown nothing');
  return seen;
}

const { sha256: digest } = await readViews(preprocessing, bytes, []);

test.each([
  ['mirrored', { flip: true }],
  ['zoomed in', { crop: 40 }],
  ['turned', { rotate: 30 }],
  ['brighter or darker', { brightness: 40 }],
])('a view of a photo is %s, as prediction distorts it', async (_, distortion) => {
  const views = viewsOf({ count: 4, ...distortion });
  const plain = await shown();
  const seen = await Promise.all(views.map((view) => shown(view)));
  // Prediction's own way to the same views; the photo is as large as the crop in one direction at least.
  const { all } = await readViews(preprocessing, bytes, views);
  expect(seen.some((pixels) => !Buffer.from(pixels).equals(Buffer.from(plain)))).toBe(true);
  // They are other pixels in other places than the photo's, as far from it as prediction's own views are.
  const apart = (pixels: Uint8Array) => meanDifference(pixels, plain);
  const own = all.slice(1).map(({ data, ...size }) => crop({ data, ...size }, preprocessing.crop).data);
  for (const [i, pixels] of seen.entries()) {
    expect(pixels.length).toBe(plain.length);
    expect(Math.abs(apart(pixels) - apart(own[i]))).toBeLessThan(0.25 * apart(own[i]) + 3);
  }
});
