import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, vectorSpace } from '../../src/features/cacheKey.ts';
import { tinyBackbone, tinyPreprocessing } from './tinyBackbone.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const computer = { decoder: 'sharp 1', runtime: 'ort 1', device: 'cpu' };
const idOf = (backbone = tinyBackbone(), change = {}): string =>
  vectorSpace(backbone, { ...computer, ...change }, sha256).id;

test('each thing on which a vector depends makes another space', () => {
  const tiny = tinyBackbone();
  const ids = [
    idOf(),
    idOf(tinyBackbone({ hash: 'beef' })),
    idOf(tinyBackbone({ width: 9 })),
    idOf({ ...tiny, cut: 'another' }),
    idOf(tiny, { decoder: 'sharp 2' }),
    idOf(tiny, { runtime: 'ort 2' }),
    idOf(tiny, { device: 'webgpu' }),
    ...Object.entries({
      resize: { rule: 'shortest-edge', size: 33 },
      kernel: 'bicubic',
      crop: { height: 32, width: 31 },
      scale: 1 / 127,
      mean: [0.5, 0.4, 0.31],
      std: [0.2, 0.2, 0.21],
      channels: 'bgr',
      layout: 'nhwc',
      input: 'uint8',
    } as const).map(([key, value]) => idOf(tinyBackbone({ preprocessing: { [key]: value } }))),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(tinyPreprocessing).length).toBe(9);
});

test('a name and the order of keys make none', () => {
  const tiny = tinyBackbone();
  const reversed = Object.fromEntries(Object.entries(tiny.preprocessing).reverse()) as typeof tiny.preprocessing;
  expect(idOf({ ...tiny, name: 'renamed' })).toBe(idOf());
  expect(idOf({ ...tiny, preprocessing: reversed })).toBe(idOf());
});

test('canonical JSON is JSON, and the same for equal values', () => {
  const shuffled = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shuffled)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, inner]) => [key, shuffled(inner)]),
          )
        : value;
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      expect(canonicalJson(shuffled(plain))).toBe(canonicalJson(plain));
    }),
  );
});
