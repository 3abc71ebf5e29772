import { expect, test } from 'vitest';
import { type CheckedPhoto, findPhotoProblems, photoProblems } from '../../src/doctor/photoProblems.ts';
import { Random } from '../../src/numerics/random.ts';

const random = new Random('problems');
const usual = () => ({
  sharpness: 4 + random.uniform(),
  brightest: 200 + random.int(55),
  blown: 0.02 * random.uniform(),
  colours: 500 + random.int(900),
  mean: [120 + random.int(20), 110 + random.int(20), 90 + random.int(20)] as [number, number, number],
  even: 0.1 * random.uniform(),
  border: 'none' as const,
});
const photo = (
  path: string,
  changes: Partial<CheckedPhoto> = {},
  look: object = {},
  tone: object = {},
): CheckedPhoto => ({
  path,
  label: 'a',
  width: 640,
  height: 480,
  facts: { format: 'JPEG', brightness: 110, colour: 40, ...tone, appearance: { ...usual(), ...look } },
  ...changes,
});
const good = Array.from({ length: 200 }, (_, i) => photo(`good/${i}.jpg`));

test('usual photos do not hurt', () => {
  expect(findPhotoProblems(good, [])).toEqual({ checked: 200, photos: [] });
});

test.each([
  ['blank', photo('x.jpg', { remarks: ['flat'] })],
  ['graphic', photo('x.jpg', {}, { colours: 3, even: 0.8 })],
  ['graphic', photo('x.jpg', {}, { colours: 18, even: 0.33, sharpness: 11 })],
  ['tiny', photo('x.jpg', { width: 40, height: 30 })],
  ['dark', photo('x.jpg', {}, { brightest: 38 })],
  ['blown', photo('x.jpg', {}, { blown: 0.5 })],
  ['blurred', photo('x.jpg', {}, { sharpness: 1.7 })],
  ['colour', photo('x.jpg', {}, {}, { colour: 1 })],
  ['colour', photo('x.jpg', {}, { mean: [20, 40, 220] })],
] as const)('a photo that is %s is found, with a sentence', (what, bad) => {
  const { photos } = photoProblems.parse(findPhotoProblems([...good, bad], []));
  expect(photos.map((one) => [one.path, one.what])).toEqual([['x.jpg', what]]);
  expect(photos[0]?.sentence).toMatch(/^[A-Z].*\.$/);
  expect(photos[0]?.figure).toEqual(expect.any(Number));
});

test('turned and unreadable photos are told; the unreadable come first', () => {
  const failed = [{ path: 'gone.jpg', label: null, reason: 'there is no such file' }];
  const { photos } = findPhotoProblems(good, failed, new Map([['good/7.jpg', 90]]));
  expect(photos.map(({ path, what }) => [path, what])).toEqual([
    ['gone.jpg', 'unreadable'],
    ['good/7.jpg', 'turned'],
  ]);
});

test('where many photos lack colour it is not odd, nor is a tint that a whole class has', () => {
  const grey = Array.from({ length: 50 }, (_, i) => photo(`grey/${i}.jpg`, {}, {}, { colour: 1 }));
  const red = Array.from({ length: 60 }, (_, i) =>
    photo(`red/${i}.jpg`, { label: 'red' }, { mean: [220 + (i % 9), 30 + (i % 7), 30 + (i % 5)] }),
  );
  expect(findPhotoProblems([...good, ...grey, ...red], []).photos).toEqual([]);
});

test('photos of which less is known are judged by what is known', () => {
  const old = photo('old.jpg', { width: 20, facts: { format: 'JPEG', brightness: 100, colour: 30 } });
  const { checked, photos } = findPhotoProblems([...good, old, photo('bare.jpg', { facts: undefined })], []);
  expect(checked).toBe(200);
  expect(photos.map(({ path, what }) => [path, what])).toEqual([['old.jpg', 'tiny']]);
});
