import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CarafeError } from '../../src/errors.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import type { Split, SplitInput } from '../../src/split/split.ts';

/** Photos as `class/group/name` words; the content hash is drawn from the word. */
function set(words: readonly string[], more: Partial<SplitInput> = {}): SplitInput {
  const parts = words.map((word) => word.split('/'));
  const classes = [...new Set(parts.map(([label]) => label))].sort();
  const groups = [...new Set(parts.map(([, group]) => group))];
  return {
    labels: Int32Array.from(parts, ([label]) => classes.indexOf(label)),
    classes,
    groups: Int32Array.from(parts, ([, group]) => groups.indexOf(group)),
    ids: words.map((word) => createHash('sha256').update(word).digest('hex')),
    given: words.map(() => undefined),
    seed: 1,
    ...more,
  };
}

/** `count` photos of a class, `together` of them a group. */
function photos(label: string, count: number, together = 1): string[] {
  return Array.from({ length: count }, (_, i) => `${label}/${label}${Math.floor(i / together)}/${i}`);
}

/** Every part that is judged, with the photos that it is judged by. */
function sides(split: Split): { train: number[]; test: number[]; inner: Int32Array }[] {
  if (split.kind === 'holdout') return [{ train: [...split.train], test: [...split.test], inner: split.inner }];
  return split.assignments.flatMap((assignment, repeat) =>
    split.inner[repeat].map((inner, fold) => ({
      train: [...assignment.keys()].filter((row) => assignment[row] !== fold),
      test: [...assignment.keys()].filter((row) => assignment[row] === fold),
      inner,
    })),
  );
}

const anySet = fc
  .record({
    classes: fc.array(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 60 }), {
      minLength: 2,
      maxLength: 5,
    }),
    seed: fc.integer(),
    folds: fc.option(fc.integer({ min: 2, max: 8 }), { nil: undefined }),
  })
  .map(({ classes, seed, folds }) =>
    set(
      classes.flatMap((sizes, label) =>
        sizes.flatMap((size, group) => Array.from({ length: size }, (_, i) => `c${label}/g${label}-${group}/${i}`)),
      ),
      { seed, folds },
    ),
  );

describe('laws of a split', () => {
  it('never divides a group, judges each photo once a repeat, trains on every class', () => {
    fc.assert(
      fc.property(anySet, (input) => {
        const split = makeSplit(input);
        for (const { train, test } of sides(split)) {
          expect([...train, ...test].sort((a, b) => a - b)).toEqual([...input.labels.keys()]);
          const tested = new Set(test.map((row) => input.groups[row]));
          expect(train.filter((row) => tested.has(input.groups[row]))).toEqual([]);
          expect(new Set(train.map((row) => input.labels[row])).size).toBe(input.classes.length);
          expect(test.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('keeps inner folds inside the training part and groups whole in them; every fold can be trained', () => {
    fc.assert(
      fc.property(anySet, (input) => {
        const split = makeSplit(input);
        for (const { train, test, inner } of sides(split)) {
          expect(test.filter((row) => inner[row] !== -1)).toEqual([]);
          expect(train.filter((row) => inner[row] < 0 || inner[row] > split.innerFolds)).toEqual([]);
          const foldOf = new Map(train.map((row) => [input.groups[row], inner[row]]));
          expect(train.filter((row) => foldOf.get(input.groups[row]) !== inner[row])).toEqual([]);
          for (let fold = 0; fold < split.innerFolds; fold++) {
            const kept = train.filter((row) => inner[row] !== fold);
            expect(kept.length).toBeLessThan(train.length);
            expect(new Set(kept.map((row) => input.labels[row])).size).toBe(input.classes.length);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('depends on contents alone: another order of the photos gives the same parts', () => {
    fc.assert(
      fc.property(anySet, fc.infiniteStream(fc.nat()), (input, stream) => {
        const order = [...input.labels.keys()]
          .map((row) => ({ row, key: stream.next().value as number }))
          .sort((a, b) => a.key - b.key || a.row - b.row)
          .map(({ row }) => row);
        const shuffled: SplitInput = {
          ...input,
          labels: Int32Array.from(order, (row) => input.labels[row]),
          groups: Int32Array.from(order, (row) => 1000 - input.groups[row]),
          ids: order.map((row) => input.ids[row]),
        };
        const names = (split: Split, ids: readonly string[]) =>
          sides(split).map(({ test, inner }) => ({
            test: test.map((row) => ids[row]).sort(),
            inner: [...inner.keys()].map((row) => `${ids[row]} ${inner[row]}`).sort(),
          }));
        expect(names(makeSplit(shuffled), shuffled.ids)).toEqual(names(makeSplit(input), input.ids));
      }),
      { numRuns: 25 },
    );
  });

  it('moves few others when photos are added', () => {
    const input = set([...photos('a', 600), ...photos('b', 450, 3)]);
    const more = set([...photos('a', 610), ...photos('b', 450, 3)]);
    const tested = ({ ids }: SplitInput, split: Split) => new Set(sides(split)[0].test.map((row) => ids[row]));
    const before = tested(input, makeSplit(input));
    const after = tested(more, makeSplit(more));
    const moved = input.ids.filter((id) => before.has(id) !== after.has(id));
    expect(moved.length).toBeLessThanOrEqual(10);
    expect(before.size).toBe(210);

    const folds = makeSplit({ ...input, folds: 5 });
    const moreFolds = makeSplit({ ...more, folds: 5 });
    if (folds.kind !== 'folds' || moreFolds.kind !== 'folds') throw new Error('expected folds');
    const place = new Map(more.ids.map((id, row) => [id, moreFolds.assignments[0][row]]));
    const changed = input.ids.filter((id, row) => place.get(id) !== folds.assignments[0][row]);
    expect(changed.length).toBeLessThanOrEqual(4 * 10);
  });

  it('draws other parts from another seed', () => {
    const words = photos('a', 400).concat(photos('b', 400));
    const one = makeSplit(set(words));
    const two = makeSplit(set(words, { seed: 2 }));
    expect(sides(one)[0].test).not.toEqual(sides(two)[0].test);
  });
});

describe('which split', () => {
  const cases: [string, SplitInput, string][] = [
    [
      'a fifth of each class where that is enough',
      set([...photos('a', 500), ...photos('b', 250)]),
      'holdout 150 of 750: 150 of 750 photos are held out for the test, stratified by class.',
    ],
    [
      'folds where too few photos would be tested',
      set([...photos('a', 40), ...photos('b', 40)]),
      'folds 5 x 5: Every photo is tested by 5-fold cross-validation, run 5 times (a held-out fifth would have only 16 photos).',
    ],
    [
      'folds as long as a held-out part would say less',
      set([...photos('a', 300), ...photos('b', 300)]),
      'folds 5 x 1: Every photo is tested by 5-fold cross-validation (a held-out fifth would have only 120 photos).',
    ],
    [
      'folds drawn anew less often where that would take long',
      set([...photos('a', 40), ...photos('b', 40)], { mostRepeats: 2 }),
      'folds 5 x 2: Every photo is tested by 5-fold cross-validation, run twice (a held-out fifth would have only 16 photos).',
    ],
    [
      'folds where too few groups would be tested',
      set([...photos('a', 200, 5), ...photos('b', 200, 5)]),
      'folds 5 x 2: Every photo is tested by 5-fold cross-validation, run twice (a held-out fifth would have only 16 groups).',
    ],
    [
      'folds where one class is rare',
      set([...photos('a', 1000), ...photos('b', 12)]),
      "folds 5 x 1: Every photo is tested by 5-fold cross-validation (a held-out fifth would have only 2 separate photos of 'b').",
    ],
    [
      'as many folds as the rarest class has groups',
      set([...photos('a', 1000), ...photos('b', 30, 10)]),
      "folds 3 x 1: Every photo is tested by 3-fold cross-validation (a held-out fifth would have only 1 separate photo of 'b'; 3, since 'b' has 3 separate photos).",
    ],
    [
      'folds as asked',
      set([...photos('a', 400), ...photos('b', 400)], { folds: 10 }),
      'folds 10 x 1: Every photo is tested by 10-fold cross-validation, as you asked.',
    ],
  ];
  it.each(cases)('%s', (_, input, expected) => {
    const split = makeSplit(input);
    const shape =
      split.kind === 'holdout'
        ? `holdout ${split.test.length} of ${input.labels.length}`
        : `folds ${split.folds} x ${split.assignments.length}`;
    expect(`${shape}: ${split.reason}`).toBe(expected);
  });

  it('spreads every class over all folds', () => {
    const input = set([...photos('a', 31), ...photos('b', 13), ...photos('c', 5)], { folds: 5 });
    for (const { test } of sides(makeSplit(input)))
      expect([0, 1, 2].map((label) => test.filter((row) => input.labels[row] === label).length)).toEqual([
        expect.toSatisfy((n: number) => n === 6 || n === 7),
        expect.toSatisfy((n: number) => n === 2 || n === 3),
        1,
      ]);
  });

  it('trains always on, and never validates, the only group of a class', () => {
    const input = set([...photos('a', 60), ...photos('b', 2)]);
    for (const { train, inner } of sides(makeSplit(input)))
      for (const row of train) expect(inner[row] === 5).toBe(input.labels[row] === 1);
    const pairs = makeSplit(set([...photos('a', 2), ...photos('b', 2)]));
    expect(pairs.innerFolds).toBe(0);
    for (const { train, inner } of sides(pairs)) for (const row of train) expect(inner[row]).toBe(0);
  });

  it('deals a group of several classes for its rarest class', () => {
    // Every photo of b shares a group with one of a.
    const words = [...photos('a', 800), ...Array.from({ length: 400 }, (_, i) => `b/a${i}/${i}`)];
    const input = set(words);
    const { test } = sides(makeSplit(input))[0];
    expect(test.filter((row) => input.labels[row] === 1).length).toBe(80);
  });
});

describe("a user's own split", () => {
  const words = [...photos('a', 20), ...photos('b', 20)];
  const side = (pick: (i: number) => SplitInput['given'][number]) => words.map((_, i) => pick(i % 20));

  it('is kept, val joining train', () => {
    const split = makeSplit(set(words, { given: side((i) => (i < 3 ? 'test' : i < 6 ? 'val' : 'train')) }));
    expect(sides(split)[0].test).toEqual([0, 1, 2, 20, 21, 22]);
    expect(split.innerFolds).toBe(5);
    expect(split.reason).toBe(
      "The set's own split is kept: test is the test part; val is used for training, too, and settings are chosen inside the training part.",
    );
  });

  it('tests on val where there is no test, and tells of leaks', () => {
    const input = set(words, { given: side((i) => (i < 3 ? 'val' : 'train')) });
    const split = makeSplit({ ...input, groups: input.groups.map((group, row) => (row === 10 ? 0 : group)) });
    expect(sides(split)[0].test).toEqual([0, 1, 2, 20, 21, 22]);
    expect(split).toMatchObject({ leaks: 1 });
    expect(split.reason).toBe(
      "The set's own split is kept: val is the test part. 1 training photo is equal or nearly equal to a test photo, or in its group, so these figures are too good. --ignore-split splits all photos anew, with equal ones on one side.",
    );
  });

  it('takes photos without a side along with their group', () => {
    const input = set(words, { given: side((i) => (i === 0 ? 'test' : i < 10 ? 'train' : undefined)) });
    const split = makeSplit({ ...input, groups: input.groups.map((group, row) => (row === 15 ? 0 : group)) });
    expect(sides(split)[0].test).toEqual([0, 15, 20]);
  });

  it('says nothing where all is train', () => {
    const plain = makeSplit(set(words));
    expect(makeSplit(set(words, { given: side(() => 'train') }))).toEqual(plain);
  });
});

describe('errors', () => {
  const all = (label: string) => set([...photos('a', 10), ...photos(label, 10)]);
  const cases: [string, SplitInput, string, string][] = [
    [
      'a class of one photo',
      set([...photos('a', 10), ...photos('b', 1)]),
      'TOO_FEW_IMAGES',
      "A class needs at least two separate photos, one to learn from and one to test on, but 'b' has one photo.",
    ],
    [
      'a class of one group, a class of none',
      { ...set([...photos('a', 10), ...photos('b', 6, 6)]), classes: ['a', 'b', 'c'] },
      'TOO_FEW_IMAGES',
      "A class needs at least two separate photos, one to learn from and one to test on, but the 6 photos of 'b' form one group (equal, nearly equal, or put together by you), 'c' has no photo.",
    ],
    ['one fold', { ...all('b'), folds: 1 }, 'USAGE', '`folds: 1` is not a valid number of folds.'],
    [
      'folds beside a split',
      { ...all('b'), folds: 5, given: [...Array<undefined>(19), 'test'] },
      'USAGE',
      "`folds` asks for cross-validation, but this image set has its own 'test' part.",
    ],
    [
      'a class that is only tested',
      { ...all('b'), given: [...Array<'train'>(10).fill('train'), ...Array<'test'>(10).fill('test')] },
      'TOO_FEW_IMAGES',
      "The set's own split leaves no photo of 'b' to train on.",
    ],
  ];
  it.each(cases)('%s', (_, input, code, what) => {
    let caught: unknown;
    try {
      makeSplit(input);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(CarafeError);
    expect(caught).toMatchObject({ code, what });
  });
});
