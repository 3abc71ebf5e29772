import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { appearanceOf } from '../../src/images/appearance.ts';
import { Random } from '../../src/numerics/random.ts';
import type { Pixels } from '../../src/runtime/platform.ts';

async function pixelsOf(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Squares of drawn colours with grain: edges and texture everywhere. */
function drawn(width = 320, height = 240): Sharp {
  const random = new Random('appearance');
  const tiles = Array.from({ length: 12 * 9 * 3 }, () => 40 + Math.floor(170 * random.uniform()));
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [pixel, colour] = [Math.floor(i / 3), i % 3];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const tile = Math.floor((9 * y) / height) * 12 + Math.floor((12 * x) / width);
    return Math.max(0, Math.min(255, tiles[3 * tile + colour] + 12 * random.normal()));
  });
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const saved = (image: Sharp) => image.png().toBuffer().then(sharp);

test('a blurred photo is less sharp, whatever the size at which it was decoded', async () => {
  const plain = appearanceOf(await pixelsOf(drawn()));
  const blurred = appearanceOf(await pixelsOf(drawn().blur(5)));
  const smaller = appearanceOf(await pixelsOf((await saved(drawn().blur(5))).resize(224, 168)));
  expect(plain.sharpness).toBeGreaterThan(3);
  expect(blurred.sharpness).toBeLessThan(2);
  expect(Math.abs(smaller.sharpness - blurred.sharpness)).toBeLessThan(0.2);
});

test('a sharp part in front of a blurred background is sharp', async () => {
  const subject = await drawn(120, 120).png().toBuffer();
  const photo = (await saved(drawn().blur(6))).composite([{ input: subject, left: 100, top: 60 }]);
  expect(appearanceOf(await pixelsOf(await saved(photo))).sharpness).toBeGreaterThan(2.5);
});

test('dark, blown out, and neither', async () => {
  const plain = appearanceOf(await pixelsOf(drawn()));
  const dark = appearanceOf(await pixelsOf(drawn().linear(0.15, 0)));
  const bright = appearanceOf(await pixelsOf(drawn().linear(3, 0)));
  expect(plain.brightest).toBeGreaterThan(150);
  expect(dark.brightest).toBeLessThan(45);
  expect(plain.blown).toBeLessThan(0.02);
  expect(bright.blown).toBeGreaterThan(0.4);
});

test('a white background outside the middle is not blown out', async () => {
  const photo = drawn().extend({ top: 120, bottom: 120, left: 160, right: 160, background: 'white' });
  const { blown, border } = appearanceOf(await pixelsOf(await saved(photo)));
  expect(blown).toBeLessThan(0.02);
  expect(border).toBe('white');
});

test('a placeholder has few colours and is even; its mean is that of its pixels', async () => {
  const sign =
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="240" fill="#dddddd"/><text x="60" y="130" font-size="30" fill="#888888">NO IMAGE</text></svg>';
  const { colours, even, border } = appearanceOf(await pixelsOf(sharp(Buffer.from(sign))));
  expect(colours).toBeLessThan(4);
  expect(even).toBeGreaterThan(0.7);
  expect(border).toBe('other');
  const plain = appearanceOf(
    await pixelsOf(sharp({ create: { width: 40, height: 30, channels: 3, background: '#102030' } })),
  );
  expect(plain).toEqual({
    sharpness: 0,
    brightest: 29,
    blown: 0,
    colours: 1,
    mean: [16, 32, 48],
    even: 1,
    border: 'other',
  });
  expect(appearanceOf(await pixelsOf(drawn())).colours).toBeGreaterThan(200);
});

test.each([
  ['#ffffff', 'white'],
  ['#000000', 'black'],
  ['#c00000', 'other'],
] as const)('a border of %s', async (background, border) => {
  const photo = drawn().extend({ top: 6, bottom: 6, left: 6, right: 6, background });
  expect(appearanceOf(await pixelsOf(await saved(photo))).border).toBe(border);
  expect(appearanceOf(await pixelsOf(drawn())).border).toBe('none');
});

test('the smallest photos have an appearance', () => {
  for (const [width, height] of [
    [1, 1],
    [1, 40],
    [3, 2],
  ])
    expect(appearanceOf({ width, height, data: new Uint8Array(width * height * 3).fill(255) })).toMatchObject({
      colours: 1,
      brightest: 255,
      border: 'white',
    });
});
