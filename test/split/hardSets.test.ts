import { describe, expect, it } from 'vitest';
import { makeSplit } from '../../src/split/makeSplit.ts';
import type { Split } from '../../src/split/split.ts';

function set(labels: readonly number[], groups: readonly number[]) {
  const ids = labels.map((_, row) => `${row}`.padStart(8, '0'));
  return {
    labels: Int32Array.from(labels),
    classes: Array.from({ length: Math.max(...labels.slice(0, 9), labels[labels.length - 1]) + 1 }, (_, c) => `c${c}`),
    groups: Int32Array.from(groups),
    ids,
    given: ids.map(() => undefined),
    seed: 0,
  };
}

/** No group has photos on both sides. */
function expectWhole(split: Split, groups: Int32Array): void {
  const sides =
    split.kind === 'folds' ? split.assignments : [groups.map((_, row) => (split.test.includes(row) ? 1 : 0))];
  for (const side of sides)
    for (const [row, group] of groups.entries()) expect(side[row]).toBe(side[groups.indexOf(group)]);
}

const hundred = [...Array(100).keys()];
const halves = hundred.map((row) => row % 2);

describe('sets that are hard to split', () => {
  it.each([
    [
      'all photos are one burst',
      set(
        halves,
        hundred.map(() => 0),
      ),
    ],
    ['each class is one burst', set(halves, halves)],
  ])('are refused with advice where %s', (_, input) => {
    expect(() => makeSplit(input)).toThrow(
      expect.objectContaining({
        code: 'TOO_FEW_IMAGES',
        what: expect.stringContaining('the 50 photos'),
        hint: expect.stringContaining('Add different photos'),
      }),
    );
  });

  it.each([
    [
      'a group is larger than a fold',
      set(
        halves,
        hundred.map((row) => (row < 60 ? 0 : row)),
      ),
    ],
    [
      'a group holds nearly a class',
      set(
        halves,
        hundred.map((row) => (row < 98 ? row % 2 : row)),
      ),
    ],
    [
      'labels are the same within a group',
      set(
        halves,
        hundred.map((row) => (row % 2) + 2 * Math.floor(row / 20)),
      ),
    ],
    [
      'every photo stands under both labels',
      set(
        halves,
        hundred.map((row) => row >> 1),
      ),
    ],
  ])('keep groups whole where %s', (_, input) => {
    expectWhole(makeSplit(input), input.groups);
  });

  it('may have 10,000 classes of two photos', () => {
    const photos = [...Array(20_000).keys()];
    const split = makeSplit(
      set(
        photos.map((row) => row >> 1),
        photos,
      ),
    );
    expect(split.kind === 'folds' && split.folds).toBe(2);
    // Each class is one group.
    const bursts = set(
      photos.map((row) => row >> 1),
      photos.map((row) => row >> 1),
    );
    expect(() => makeSplit(bursts)).toThrow(/the 2 photos of 'c9999' form one group/);
  });
});
