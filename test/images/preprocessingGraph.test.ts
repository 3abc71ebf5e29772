import * as ortWeb from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { crop, mirrored } from '../../src/images/crop.ts';
import { decodePhoto } from '../../src/images/decode.node.ts';
import type { Kernel, Preprocessing } from '../../src/images/preprocessing.ts';
import { addFrames, addNormalize } from '../../src/images/preprocessingGraph.ts';
import { resizePixels } from '../../src/images/resize.ts';
import { targetSize } from '../../src/images/targetSize.ts';
import { GraphBuilder } from '../../src/onnx/builder.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import type { OpenSession, Pixels, Session } from '../../src/runtime/platform.ts';
import { expectTensor } from '../../src/runtime/platform.ts';
import { sessionOpener } from '../../src/runtime/session.ts';
import { drawPixels, drawScene, meanDifference, picture } from './draw.ts';
import { pillow, pillowPads } from './pillow.ts';

ortWeb.env.wasm.numThreads = 1;
const openWeb = sessionOpener(ortWeb);
const kernels: Kernel[] = ['nearest', 'bilinear', 'bicubic', 'lanczos3'];
const plain: Preprocessing = {
  resize: { rule: 'shortest-edge', size: 64 },
  kernel: 'bilinear',
  crop: { height: 56, width: 56 },
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  channels: 'rgb',
  layout: 'nhwc',
  input: 'float32',
};

function resizeSession(preprocessing: Preprocessing, opset = 17, open: OpenSession = openSession): Promise<Session> {
  const builder = new GraphBuilder();
  const resized = addFrames(builder, builder.input('image', 'uint8', ['N', 'H', 'W', 3]), preprocessing);
  const { height, width } = preprocessing.crop;
  builder.output(resized, 'float32', ['N', height, width, 3], 'pixels');
  return open(builder.bytes({ opsets: new Map([['', opset]]) }));
}

async function run(session: Session, ...images: Pixels[]): Promise<Float32Array> {
  const [{ height, width }] = images;
  const data = Buffer.concat(images.map((image) => image.data));
  const { pixels } = await session.run({ image: { type: 'uint8', dims: [images.length, height, width, 3], data } });
  return expectTensor(pixels, 'float32').data;
}

describe('addResize', () => {
  test.each(pillow)(
    '$from.width x $from.height to $to.width x $to.height, $kernel, is as Pillow has it',
    async (known) => {
      const session = await resizeSession({
        ...plain,
        kernel: known.kernel,
        resize: { rule: 'squash', ...known.to },
        crop: known.to,
      });
      const pixels = await run(session, drawPixels(known.from.width, known.from.height));
      expect(meanDifference(pixels, known.pixels)).toBeLessThanOrEqual(known.kernel === 'nearest' ? 0 : 0.6);
    },
  );

  test.each(pillowPads)(
    '$from.width x $from.height padded to $to.width x $to.height, $kernel, is as Pillow has it',
    async ({ from, to, kernel, pixels: known }) => {
      const resize = { rule: 'contain', ...to } as const;
      const session = await resizeSession({ ...plain, kernel, resize, crop: to });
      const photo = drawPixels(from.width, from.height);
      const tolerance = kernel === 'nearest' ? 0 : 0.6;
      expect(meanDifference(await run(session, photo), known)).toBeLessThanOrEqual(tolerance);
      const { pixels } = await decodePhoto(await picture(photo).png().toBuffer(), { resize, kernel });
      expect(meanDifference(crop(pixels, to).data, known)).toBeLessThanOrEqual(tolerance);
      expect(meanDifference(await run(session, pixels), crop(pixels, to).data)).toBe(0);
    },
  );

  test.each(kernels)('%s: a mirrored frame is the frame mirrored, and frames come look after look', async (kernel) => {
    const looks = [{ resize: plain.resize, mirror: true }, { resize: { rule: 'squash', ...plain.crop } }] as const;
    const own = { ...plain, kernel };
    const [all, first, whole] = await Promise.all(
      [{ ...own, looks }, own, { ...own, resize: looks[1].resize }].map((each) => resizeSession(each)),
    );
    for (const [width, height] of [...sizes, [1, 90], [90, 1]] as const) {
      const photo = drawScene(width, height);
      const once = await run(first, photo);
      const pixels = { ...plain.crop, data: Uint8Array.from(once) };
      const expected = [...once, ...mirrored(pixels).data, ...(await run(whole, photo))];
      expect(meanDifference(await run(all, photo), expected)).toBe(0);
      expect(mirrored(mirrored(pixels))).toEqual(pixels);
    }
  });

  const sizes = [
    [240, 180],
    [188, 250],
    [97, 301],
    [65, 64],
    [40, 30],
    [33, 700],
  ] as const;

  test.each(kernels)('%s: is what decodePhoto and crop make of a photo', async (kernel) => {
    const preprocessing = { ...plain, kernel };
    const session = await resizeSession(preprocessing);
    for (const [width, height] of sizes) {
      const photo = drawScene(width, height);
      const png = await picture(photo).png().toBuffer();
      const { pixels } = await decodePhoto(png, preprocessing);
      const cropped = crop(pixels, preprocessing.crop).data;
      expect(meanDifference(await run(session, photo), cropped), `${width} x ${height}`).toBeLessThanOrEqual(0.3);
      // A photo that has its size passes unchanged.
      expect(meanDifference(await run(session, pixels), cropped)).toBe(0);
    }
  });

  // From a factor of 4 on libvips averages whole pixels before it applies the kernel, which no setting of sharp stops.
  test.each(kernels)('%s: a photo many times larger', async (kernel) => {
    const preprocessing = { ...plain, kernel };
    const session = await resizeSession(preprocessing);
    for (const [width, height] of [
      [1000, 750],
      [600, 800],
    ] as const) {
      const photo = drawScene(width, height);
      const { pixels } = await decodePhoto(await picture(photo).png().toBuffer(), preprocessing);
      const difference = meanDifference(await run(session, photo), crop(pixels, preprocessing.crop).data);
      expect(difference, `${width} x ${height}`).toBeLessThanOrEqual(0.7);
    }
  });

  test.each(kernels)('%s: several photos a run, each as by itself', async (kernel) => {
    const session = await resizeSession({ ...plain, kernel });
    const [a, b] = [drawScene(90, 70), drawPixels(90, 70)];
    expect(await run(session, a, b)).toEqual(
      Float32Array.from([...(await run(session, a)), ...(await run(session, b))]),
    );
  });

  test.each(kernels)('%s: a crop beyond the photo is black there, as crop makes it', async (kernel) => {
    const preprocessing = { ...plain, kernel, crop: { height: 75, width: 90 } };
    const session = await resizeSession(preprocessing);
    for (const [width, height] of sizes) {
      const photo = drawScene(width, height);
      const resized = resizePixels(photo, targetSize(width, height, preprocessing.resize), kernel);
      const expected = crop(resized, preprocessing.crop).data;
      expect(meanDifference(await run(session, photo), expected), `${width} x ${height}`).toBeLessThan(0.01);
    }
  });

  test('squash with a crop of its own', async () => {
    const preprocessing: Preprocessing = {
      ...plain,
      resize: { rule: 'squash', height: 40, width: 60 },
      crop: { height: 31, width: 50 },
    };
    const session = await resizeSession(preprocessing);
    const photo = drawScene(150, 200);
    const expected = crop(resizePixels(photo, { height: 40, width: 60 }, 'bilinear'), preprocessing.crop).data;
    expect(meanDifference(await run(session, photo), expected)).toBeLessThan(0.01);
  });
});

describe('in every opset and runtime', () => {
  const cases = [13, 17, 18, 20, 22].flatMap((opset) => kernels.map((kernel) => ({ opset, kernel })));
  const runtimes: [string, OpenSession][] = [
    ['onnxruntime-node', openSession],
    ['onnxruntime-web', openWeb],
  ];
  describe.each(runtimes)('%s', (_, open) => {
    test.each(cases)('opset $opset, $kernel', async ({ opset, kernel }) => {
      const preprocessing: Preprocessing = { ...plain, kernel, crop: { height: 56, width: 80 } };
      const photo = drawScene(90, 80);
      // Where a value lies midway, a last bit decides how it is rounded.
      const expected = await run(await resizeSession(preprocessing), photo);
      const session = await resizeSession(preprocessing, opset, open);
      expect(meanDifference(await run(session, photo), expected)).toBeLessThan(0.01);
    });
  });
});

describe('addNormalize', () => {
  const mean = [0.1, 0.2, 0.3] as const;
  const std = [0.5, 0.25, 2] as const;
  const image: Pixels = { width: 2, height: 2, data: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 255) };
  const normal = (value: number, channel: number): number => (value / 255 - mean[channel]) / std[channel];

  test.each([
    ['rgb', 'nhwc'],
    ['rgb', 'nchw'],
    ['bgr', 'nhwc'],
    ['bgr', 'nchw'],
  ] as const)('%s, %s', async (channels, layout) => {
    const output = await normalized({ ...plain, scale: 1 / 255, mean, std, channels, layout });
    const order = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
    const places = [0, 1, 2, 3];
    const expected =
      layout === 'nhwc'
        ? places.flatMap((place) => order.map((channel) => normal(image.data[place * 3 + channel], channel)))
        : order.flatMap((channel) => places.map((place) => normal(image.data[place * 3 + channel], channel)));
    expect(meanDifference(expectTensor(output, 'float32').data, expected)).toBeLessThan(1e-6);
  });

  test('uint8 networks get the pixels', async () => {
    const output = await normalized({ ...plain, input: 'uint8' });
    expect([...expectTensor(output, 'uint8').data]).toEqual([...image.data]);
  });

  test('float16 networks get the normalised values', async () => {
    const output = await normalized({ ...plain, scale: 1 / 256, input: 'float16' });
    // 1.0 is 0x3c00; 64 / 256 = 0.25 would be 0x3400; 255 / 256 is 0x3bf8.
    expect(expectTensor(output, 'float16').data.at(-1)).toBe(0x3bf8);
  });

  async function normalized(preprocessing: Preprocessing) {
    const builder = new GraphBuilder();
    const pixels = addNormalize(builder, builder.input('image', 'uint8', [1, 2, 2, 3]), preprocessing);
    const shape = preprocessing.layout === 'nhwc' ? [1, 2, 2, 3] : [1, 3, 2, 2];
    builder.output(pixels, preprocessing.input, shape, 'input');
    const session = await openSession(builder.bytes());
    const { input } = await session.run({ image: { type: 'uint8', dims: [1, 2, 2, 3], data: image.data } });
    return input;
  }
});
