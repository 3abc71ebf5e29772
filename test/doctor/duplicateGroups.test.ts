import { expect, test } from 'vitest';
import { type Copy, describeDuplicates, duplicateGroups, foldAccuracy } from '../../src/doctor/duplicateGroups.ts';
import { isLikeliest } from '../../src/doctor/labelScores.ts';

const copy = (path: string, label: string, width: number, sharpness: number, split?: 'train' | 'test'): Copy => ({
  path,
  label,
  width,
  height: 100,
  sha256: `${width}`,
  split,
  facts: {
    format: 'JPEG',
    brightness: 100,
    colour: 30,
    appearance: { sharpness, brightest: 200, blown: 0, colours: 99, mean: [1, 2, 3], even: 0, border: 'none' },
  },
});

test('the largest is kept, of equal size the sharpest; conflicts and leaks come first', () => {
  const photos = [
    copy('a/small.jpg', 'a', 50, 9),
    copy('a/large.jpg', 'a', 200, 1),
    copy('a/blunt.jpg', 'a', 80, 2),
    copy('b/sharp.jpg', 'b', 80, 5),
    copy('a/learned.jpg', 'a', 70, 3, 'train'),
    copy('a/tested.jpg', 'a', 70, 3, 'test'),
    copy('a/third.jpg', 'a', 60, 3, 'train'),
  ];
  const found = duplicateGroups.parse(
    describeDuplicates(
      photos,
      [
        [0, 1],
        [2, 3],
        [4, 5, 6],
      ],
      null,
    ),
  );
  expect(found.groups.map((group) => group.photos.map(({ path }) => path))).toEqual([
    ['b/sharp.jpg', 'a/blunt.jpg'],
    ['a/learned.jpg', 'a/tested.jpg', 'a/third.jpg'],
    ['a/large.jpg', 'a/small.jpg'],
  ]);
  expect(found.groups.map(({ equal, conflict, leak }) => [equal, conflict, leak])).toEqual([
    [true, true, false],
    [false, false, true],
    [false, false, false],
  ]);
  for (const { photos: own } of found.groups) expect(own.map(({ keep }) => keep)).toEqual(own.map((_, at) => at === 0));
  expect(found.spare).toBe(4);
});

test('accuracy counts photos whose own label is the likeliest; of which nothing is known counts as wrong', () => {
  const none = Number.NaN;
  const logits = { rows: 4, columns: 2, data: Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.4, 0.6, none, none) };
  const isRight = isLikeliest(logits, Int32Array.of(0, 0, 1, 0));
  expect(isRight).toEqual([true, false, true, false]);
  const { value, low, high } = foldAccuracy(isRight, Int32Array.of(0, 1, 2, 3), 10);
  expect(value).toBe(0.5);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
});
