import { join } from 'node:path';
import sharp from 'sharp';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import type { AboutPhoto } from '../../src/doctor/shortcut.ts';
import { findLabelShortcuts, findShortcuts } from '../../src/doctor/shortcuts.ts';
import { Random } from '../../src/numerics/random.ts';
import { sharedData } from '../shared.ts';

const classes = ['defect', 'good'];

/** 40 photos of each class, every one for itself unless told. */
function found(make: (label: number, random: Random) => Omit<AboutPhoto, 'path'> & { ending?: string }, perGroup = 1) {
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

const facts = { format: 'JPEG', quality: 85, brightness: 120, colour: 40 } as const;

test.each([
  [
    'quality',
    (label: number) => ({ quality: [60, 92][label] }),
    /'defect' is usually about 60 of 100, class 'good' about 92/,
  ],
  ['brightness', (label: number, r: Random) => ({ brightness: [60, 150][label] + r.int(40) }), /% of white/],
  [
    'colour',
    (label: number, r: Random) => ({ colour: label === 0 ? r.int(2) : 4 + r.int(60) }),
    /usually grey, class 'good' in colour/,
  ],
  ['format', (label: number) => ({ format: (['PNG', 'JPEG'] as const)[label] }), /usually JPEG, class 'defect' PNG/],
] as const)('%s, by the bytes and pixels, tells the classes apart', (what, make, says) => {
  const photo = (label: number, r: Random) => ({ ...anySize(label, r), facts: { ...facts, ...make(label, r) } });
  const [first, ...more] = found(photo);
  expect(more).toEqual([]);
  expect(first.what).toBe(what);
  expect(first.sentence).toMatch(says);
});

test('where an earlier version has cached some photos, nothing is concluded from what it did not read', () => {
  const photo = (label: number, r: Random) => ({
    ...anySize(label, r),
    facts: label === 0 ? { ...facts, quality: 60 } : undefined,
  });
  expect(found(photo).filter(({ what }) => what !== 'format')).toEqual([]);
});

test('a rare class is told from the others, though always answering the commonest one is nearly as accurate', () => {
  const labels = Int32Array.from({ length: 400 }, (_, i) => (i < 12 ? 0 : 1 + (i % 3)));
  const random = new Random('rare');
  const photos = Array.from(labels, (label, i) => {
    const edge = label === 0 ? 120 : 500 + random.int(200);
    return { path: `${i}.jpg`, width: edge, height: edge };
  });
  const names = ['defect', 'a', 'b', 'c'];
  const each = labels.map((_, i) => i);
  const [first, ...more] = findShortcuts(photos, labels, names, each, 0);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ what: 'size', label: 'defect' });
  expect(first.sentence).toMatch(
    /separates class 'defect' from the others: class 'defect' is usually 120 x 120 px, the others/,
  );
  // The same photos, of which all of one kind are alike.
  const kinds = labels.map((label) => Number(label === 0));
  const [kind] = findShortcuts(photos, kinds, ['good', 'the others'], each, 0, 'kinds');
  expect(kind.sentence).toMatch(
    /separates normal photos in 'good' from the others: photos in 'good' are usually \d+ x \d+ px, the others 120/,
  );
});

test('of several labels, those that one thing tells are named', () => {
  const random = new Random('labels');
  const truth = Uint8Array.from({ length: 300 }, () => random.int(2));
  const photos = Array.from({ length: 100 }, (_, row) => ({
    path: `${row}.jpg`,
    ...anySize(0, random),
    facts: { ...facts, quality: truth[3 * row + 1] === 1 ? 60 : 92 },
  }));
  const own = Int32Array.from({ length: 100 }, (_, i) => i);
  const [first, ...more] = findLabelShortcuts(photos, truth, ['red', 'round', 'small'], own, 0);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ what: 'quality', label: 'round' });
  expect(first.sentence).toMatch(/photos with 'round' are usually about 60 of 100, those without about 92/);
});

test('nothing is claimed where there is nothing, or too little to tell', () => {
  expect(found(anySize)).toEqual([]);
  expect(found(() => ({ width: 100, height: 100 }))).toEqual([]);
  // Two bursts of one size each: no more than two separate photos a class.
  expect(found((label) => ({ width: [120, 576][label], height: 90 }), 20)).toEqual([]);
});

const shared = sharedData();
if (!shared) console.log('test/doctor/shortcuts.test.ts skipped in part: no shared photos');
test.skipIf(!shared).each(['flowers5', 'cats_dogs'])(
  '%s has no shortcut',
  async (name) => {
    const folder = join(shared ?? '', 'images', name);
    const paths = globSync('*/*.jpg', { cwd: folder }).sort();
    const photos: AboutPhoto[] = [];
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

/** A photo whose grey cells are drawn, with a mark at one place if wanted. */
function cellsOf(random: Random, isMarked: boolean): Uint8Array {
  const middle = [8 + 16 * random.uniform(), 8 + 16 * random.uniform()] as const;
  return Uint8Array.from({ length: 32 * 32 }, (_, at) => {
    const [x, y] = [at % 32, Math.floor(at / 32)];
    // A bright thing somewhere, on a ground that gets darker downwards; the mark is a row of strokes.
    const thing = Math.hypot(x - middle[0], y - middle[1]) < 6 ? 60 : 0;
    const mark = isMarked && y === 28 && x > 8 && x < 24 && x % 2 === 0 ? 40 : 0;
    return Math.max(0, Math.min(255, 120 - y + thing + mark + 6 * random.normal()));
  });
}

test.each([
  [0, 'defect'],
  [1, 'good'],
] as const)('a watermark on one class is a shortcut, and no mark is none', (marked, name) => {
  const [first, ...more] = found((label, random) => ({
    ...anySize(label, random),
    cells: cellsOf(random, label === marked),
  }));
  expect(more).toEqual([]);
  expect(first).toMatchObject({ what: 'pattern', baseline: 0.5 });
  expect(first.accuracy.low).toBeGreaterThan(0.8);
  expect(first.sentence).toMatch(new RegExp(`'${name}' is usually with the mark|'${name}' with the mark`));
  expect(first.shownBy.map((path) => path.split('/')[0]).sort()).toEqual(['defect', 'good']);
  expect(found((label, random) => ({ ...anySize(label, random), cells: cellsOf(random, false) }))).toEqual([]);
});

test('a white border, and the hour at which photos were taken, are shortcuts', () => {
  const appearance = {
    sharpness: 4,
    brightest: 220,
    blown: 0,
    colours: 900,
    mean: [120, 110, 90] as [number, number, number],
    even: 0,
  };
  const bordered = found((label, random) => ({
    ...anySize(label, random),
    facts: { ...facts, appearance: { ...appearance, border: label === 0 ? ('white' as const) : ('none' as const) } },
  }));
  expect(bordered.map(({ what }) => what)).toEqual(['border']);
  expect(bordered[0].sentence).toContain('with a white border');
  const timed = found((label, random) => ({
    ...anySize(label, random),
    shot: {
      camera: 'A1',
      time: Date.UTC(2026, 5, 1 + random.int(28), label === 0 ? 9 + random.int(2) : 15 + random.int(2)),
    },
  }));
  expect(timed.map(({ what }) => what)).toEqual(['hour']);
  expect(timed[0].sentence).toContain("taken between 9 and 12 o'clock");
});

test('photos that were cached before borders were known are not compared by them', () => {
  const early = found((label, random) => ({
    ...anySize(label, random),
    facts:
      label === 0
        ? facts
        : {
            ...facts,
            appearance: {
              sharpness: 4,
              brightest: 220,
              blown: 0,
              colours: 900,
              mean: [1, 2, 3],
              even: 0,
              border: 'white' as const,
            },
          },
  }));
  expect(early).toEqual([]);
});

test('thousands of classes of two photos and a large one: two photos tell nothing, a mark of the large one is found', () => {
  const random = new Random('many classes');
  const labels = Int32Array.from({ length: 2600 }, (_, i) => (i < 200 ? 0 : 1 + Math.floor((i - 200) / 2)));
  const photos = Array.from(labels, (label, i) => ({
    path: `${label}/${i}.jpg`,
    ...anySize(label, random),
    cells: cellsOf(random, label === 0),
  }));
  const names = Array.from({ length: 1201 }, (_, label) => `class ${label}`);
  const told = findShortcuts(photos, labels, names, Int32Array.from(labels.keys()), 0);
  expect(told.map(({ what, label }) => [what, label])).toEqual([['pattern', 'class 0']]);
});
