import { describe, expect, test } from 'vitest';
import { type GivenSplit, type ImageSet, imageSet } from '../../src/sets/imageSet.ts';
import { lostPhotos, refineSet, requirePhotos, splitNotes, withoutSmall } from '../../src/sets/refineSet.ts';
import { understood } from '../../src/sets/understood.ts';

/** `ants 3` is three photos of ants; `bees 2 test` lie in that part; `a+b 1` has two labels, ` 1` none. */
function setOf(...rows: string[]): ImageSet {
  const items = rows.flatMap((row) => {
    const [, label, count, split] = /^(.*) (\d+)( train| val| test)?$/.exec(row) ?? ['', '', '0'];
    return Array.from({ length: Number(count) }, (_, i) => ({
      path: `${label}/${split ?? ''}${i}.jpg`,
      file: `/${label}/${split ?? ''}${i}.jpg`,
      labels: label.split('+').filter((one) => one !== ''),
      ...(split && { split: split.trim() as GivenSplit }),
    }));
  });
  return imageSet('photos', items);
}
const counts = (set: ImageSet) =>
  set.classes.map((label) => `${label} ${set.items.filter(({ labels }) => labels.includes(label)).length}`);
const thrown = (run: () => void) => {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return 'nothing';
};

describe('labels that look like one', () => {
  test.each([
    ['capitals', ['ants 3', 'Ants 1'], ['ants 4'], '"ants" (3 photos) and "Ants" (1 photo)', 'capitals'],
    ['a trailing blank', ['bees 1', 'bees  2'], ['bees  3'], '"bees " (2 photos) and "bees" (1 photo)', 'blanks'],
    [
      'underscores',
      ['a b 2', 'a_b 1', 'a-b 1'],
      ['a b 4'],
      '"a b" (2 photos) and "a-b" (1 photo) and "a_b" (1 photo)',
      'blanks, hyphens',
    ],
    [
      'composed and decomposed',
      ['caf\u00e9 2', 'cafe\u0301 1'],
      ['caf\u00e9 3'],
      'look like one class',
      'Unicode NFC and NFD',
    ],
    ['full width', ['Ａ 2', 'a 1'], ['Ａ 3'], 'look like one class', 'characters that look alike'],
    ['what cannot be seen', ['x\u200b 2', 'x 1'], ['x\u200b 3'], 'look like one class', 'characters that look alike'],
  ])('%s', (_, rows, merged, named, difference) => {
    const set = setOf(...rows, 'other 2');
    const [note] = refineSet(set, {}).notes ?? [];
    expect(note).toContain(named);
    expect(note).toContain(difference);
    expect(note).toContain('`mergeLabels`');
    expect(refineSet(set, {}).classes).toEqual(set.classes);
    const one = refineSet(set, { mergeLabels: true });
    expect(counts(one).filter((count) => !count.startsWith('other'))).toEqual(merged);
    expect(one.notes?.[0]).toContain('merged into');
  });

  test('labels that differ otherwise stay', () => {
    expect(refineSet(setOf('cat 2', 'cats 2', 'C++ 2', 'C# 2', 'C 2'), {}).notes).toBeUndefined();
  });

  test('of several labels', () => {
    expect(counts(refineSet(setOf('a+A 1', 'a 1', 'b 1'), { mergeLabels: true }))).toEqual(['a 2', 'b 1']);
  });
});

describe('classes with too few photos', () => {
  const tail = ['a 9', 'b 2', ...Array.from({ length: 10 }, (_, i) => `rare${i} 1`)];

  test('are all named, with the flag that leaves them out', () => {
    const said = thrown(() => requirePhotos(setOf(...tail)));
    for (let i = 0; i < 10; i++) expect(said).toContain(`'rare${i}'`);
    expect(said).toContain('10 of 12 classes have one');
    expect(said).toContain('`minPhotos: 2` leaves them out (2 classes stay)');
  });

  test('are left out, and told', () => {
    const set = refineSet(setOf(...tail), { minPhotos: 2 });
    expect(counts(set)).toEqual(['a 9', 'b 2']);
    expect(set.notes?.[0]).toMatch(/^Left out \(--min-photos 2\): 10 photos of 'rare0', .*'rare9'\.$/);
    expect(thrown(() => requirePhotos(set))).toBe('nothing');
    expect(counts(refineSet(setOf('a+b 3', 'c 1'), { minPhotos: 2 }))).toEqual(['a 3', 'b 3']);
  });

  test("in the set's own split, a class needs a photo to train on", () => {
    const set = setOf('a 5 train', 'a 1 test', 'b 1 train', 'b 1 test', 'c 3 test', 'd 3 val');
    const said = thrown(() => requirePhotos(set));
    expect(said).toContain("leaves no photo to train on of 'c'.");
    expect(said).toContain('`ignoreSplit`');
    expect(counts(refineSet(set, { minPhotos: 1 }))).toEqual(['a 6', 'b 2', 'd 3']);
    expect(counts(refineSet(set, { minPhotos: 2 }))).toEqual(['a 6', 'd 3']);
    expect(splitNotes(setOf('a 5 train', 'a 1 test', 'b 5 train'))[0]).toContain("The test part has no photo of 'b'");
  });

  test('are counted once more when equal photos are known', () => {
    const set = setOf('a 3', 'b 3', 'c 2');
    const groups = Int32Array.from([0, 0, 0, 1, 2, 3, 4, 5]);
    expect(withoutSmall(set, { items: set.items, groups }, undefined)).toBeUndefined();
    const left = withoutSmall(set, { items: set.items, groups }, 2);
    expect(left && counts(left)).toEqual(['b 3', 'c 2']);
    expect(left?.notes?.[0]).toContain("3 photos of 'a'");
    expect(withoutSmall(set, { items: set.items, groups }, 1)).toBeUndefined();
  });
});

describe('photos that cannot be used', () => {
  const without = (set: ImageSet, isLost: (path: string) => boolean) =>
    lostPhotos(set, {
      items: set.items.filter(({ path }) => !isLost(path)),
      failed: set.items.filter(({ path }) => isLost(path)).map(({ path }) => ({ path, reason: `why ${path}` })),
    });

  test('are named where they leave a class with too few', () => {
    const set = setOf('a 5', 'b 3', 'c 4');
    expect(without(set, (path) => path.startsWith('a/') || /b\/[12]/.test(path))).toEqual({
      classes: [
        "None of the 5 photos of 'a' to learn from can be used; a/0.jpg: why a/0.jpg",
        "Only 1 of the 3 photos of 'b' to learn from can be used; b/1.jpg: why b/1.jpg",
      ],
      part: [],
    });
    expect(without(set, (path) => /[01].jpg/.test(path) && !path.startsWith('b'))).toEqual({ classes: [], part: [] });
  });

  test("are counted by the set's own split, and told where none is left to test on", () => {
    const set = setOf('a 5 train', 'a 2 test', 'b 1 train', 'b 2 test');
    expect(without(set, (path) => path.startsWith('b/ train')).classes).toEqual([
      "The only photo of 'b' to learn from cannot be used; b/ train0.jpg: why b/ train0.jpg",
    ]);
    expect(without(set, (path) => path === 'b/ test0.jpg')).toEqual({ classes: [], part: [] });
    const [said] = without(set, (path) => path.includes('test')).part;
    expect(said).toMatch(/^No photo of the set's own test part can be used, .*; a\/ test0.jpg: why a\/ test0.jpg$/);
  });
});

test.each<[ImageSet, Parameters<typeof understood>[1], string]>([
  [setOf('ants 3', 'bees 1'), 'classes', '2 classes: ants (3), bees (1)'],
  [
    {
      ...setOf('ants 1'),
      leftOut: [
        { kind: '.ppm', count: 9 },
        { kind: 'without extension', count: 3 },
      ],
    },
    'classes',
    '1 class: ants (1); 12 files left out (9 .ppm, 3 without extension)',
  ],
  [
    setOf('a 4 train', 'a 2 val', 'a 1 test', 'b 1 train'),
    'classes',
    "2 classes: a (7), b (1); the set's own test part (1 photo) is kept for the test; its val part (2) is used for training, too",
  ],
  [setOf('a 4 train', 'a 2 val'), 'classes', "1 class: a (6); the set's own val part (2 photos) is kept for the test"],
  [
    { ...setOf('a 2'), inside: 'deep/2024', groups: { by: "--group-by 'x'", groups: 37, unmatched: 12 } },
    'classes',
    "In 'deep/2024': 1 class: a (2); 37 groups by --group-by 'x', 12 photos match nothing",
  ],
  [
    setOf(...Array.from({ length: 15 }, (_, i) => `c${String(i).padStart(2, '0')} ${i + 1}`)),
    'classes',
    `15 classes: ${Array.from({ length: 12 }, (_, i) => `c${String(i).padStart(2, '0')} (${i + 1})`).join(', ')} and 3 more (13 to 15 each)`,
  ],
  [setOf('a+b 2', 'a 1', ' 3'), 'labels', '2 labels: a (3), b (2); 3 photos without a label'],
  [setOf('good 5', 'crack 2'), { normal: 'good' }, '5 normal photos in good, and for testing: crack (2)'],
  [setOf('bees  2', 'a 1'), 'classes', '2 classes: a (1), "bees " (2)'],
])('what was understood, in a sentence', (set, kind, expected) => {
  expect(understood(set, kind)).toBe(expected);
});
