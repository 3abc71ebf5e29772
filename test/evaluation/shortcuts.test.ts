import { join } from 'node:path';
import sharp from 'sharp';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { findShortcuts, type PhotoFacts } from '../../src/evaluation/shortcuts.ts';
import { Random } from '../../src/numerics/random.ts';
import { sharedData } from '../shared.ts';

const classes = ['defect', 'good'];

/** 40 photos of each class, every one for itself unless told. */
function found(make: (label: number, random: Random) => Omit<PhotoFacts, 'path'> & { ending?: string }, perGroup = 1) {
  const random = new Random('shortcuts');
  const labels = Int32Array.from({ length: 80 }, (_, i) => Math.floor(i / 40));
  const photos = Array.from(labels, (label, i) => {
    const { ending = 'jpg', ...facts } = make(label, random);
    return { path: `${classes[label]}/${i}.${ending}`, ...facts };
  });
  const groups = labels.map((_, i) => Math.floor(i / perGroup));
  return findShortcuts(photos, labels, classes, groups, 0);
}
const anySize = (_: number, random: Random) => ({ width: 300 + random.int(300), height: 300 + random.int(300) });

test.each([
  [
    'size',
    (label: number) => ({ width: [120, 576][label], height: [120, 576][label] }),
    /'defect' is usually 120 x 120 px, class 'good' 576 x 576 px/,
  ],
  [
    'shape',
    (label: number, r: Random) => ({ width: 600, height: label === 0 ? 400 + r.int(20) : 590 + r.int(10) }),
    /times as wide as high/,
  ],
  [
    'format',
    (label: number, r: Random) => ({ ...anySize(label, r), ending: ['png', 'JPEG'][label] }),
    /class 'good' is usually \.jpg, class 'defect' \.png/,
  ],
  [
    'camera',
    (label: number, r: Random) => ({ ...anySize(label, r), shot: label === 0 ? { camera: 'A1' } : undefined }),
    /taken with A1/,
  ],
] as const)('%s alone tells the classes apart', (what, make, says) => {
  const [first, ...more] = found(make);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ what, baseline: 0.5 });
  expect(first.accuracy.low).toBeGreaterThan(0.8);
  expect(first.sentence).toMatch(says);
});

test('nothing is claimed where there is nothing, or too little to tell', () => {
  expect(found(anySize)).toEqual([]);
  expect(found(() => ({ width: 100, height: 100 }))).toEqual([]);
  // Two bursts of one size each: no more than two separate photos a class.
  expect(found((label) => ({ width: [120, 576][label], height: 90 }), 20)).toEqual([]);
});

const shared = sharedData();
if (!shared) console.log('test/evaluation/shortcuts.test.ts skipped in part: no shared photos');
test.skipIf(!shared).each(['flowers5', 'cats_dogs'])(
  '%s has no shortcut',
  async (name) => {
    const folder = join(shared ?? '', 'images', name);
    const paths = globSync('*/*.jpg', { cwd: folder }).sort();
    const photos: PhotoFacts[] = [];
    for (const path of paths) {
      const { width, height } = await sharp(join(folder, path)).metadata();
      photos.push({ path, width, height });
    }
    const names = [...new Set(paths.map((path) => path.split('/')[0]))];
    const labels = Int32Array.from(paths, (path) => names.indexOf(path.split('/')[0]));
    expect(paths.length).toBeGreaterThan(500);
    expect(
      findShortcuts(
        photos,
        labels,
        names,
        labels.map((_, i) => i),
        0,
      ),
    ).toEqual([]);
  },
  120_000,
);
