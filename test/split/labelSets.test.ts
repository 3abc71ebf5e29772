import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeSplit } from '../../src/split/makeSplit.ts';
import type { SplitInput } from '../../src/split/split.ts';

/** Photos with several labels or none, each a group of its own unless told. */
function photos(labelSets: readonly (readonly number[])[], more: Partial<SplitInput> = {}): SplitInput {
  return {
    labels: new Int32Array(labelSets.length),
    truth: Uint8Array.from(labelSets.flatMap((set) => [0, 1, 2].map((label) => Number(set.includes(label))))),
    classes: ['a', 'b', 'c'],
    groups: Int32Array.from(labelSets.keys()),
    ids: labelSets.map((_, row) => createHash('sha256').update(`${row}`).digest('hex')),
    given: labelSets.map(() => undefined),
    seed: 1,
    ...more,
  };
}

const several = fc.array(fc.subarray([0, 1, 2]), { minLength: 60, maxLength: 200 }).filter((sets) => {
  const counts = [0, 1, 2].map((label) => sets.filter((set) => set.includes(label)).length);
  return counts.every((count) => count >= 12);
});

describe('photos with several labels', () => {
  test('every label is trained on and judged, in every fold, and every photo is judged once a repeat', () => {
    fc.assert(
      fc.property(several, fc.integer({ min: 2, max: 5 }), (sets, folds) => {
        const split = makeSplit(photos(sets, { folds }));
        if (split.kind !== 'folds') throw new TypeError('folds were asked for');
        for (const [repeat, assignment] of split.assignments.entries())
          for (let fold = 0; fold < folds; fold++) {
            const trained = new Set(sets.filter((_, row) => assignment[row] !== fold).flat());
            expect(trained).toEqual(new Set([0, 1, 2]));
            expect(split.inner[repeat][fold].every((inner, row) => inner < 0 === (assignment[row] === fold))).toBe(
              true,
            );
          }
      }),
      { numRuns: 50 },
    );
  });

  test('a rare label is spread evenly, though it comes with common ones', () => {
    // `c` is rare and always comes with `a`.
    const sets = Array.from({ length: 200 }, (_, row) =>
      row % 10 === 0 ? [0, 2] : row % 2 ? [0, 1] : row % 3 ? [1] : [],
    );
    const split = makeSplit(photos(sets, { folds: 5 }));
    if (split.kind !== 'folds') throw new TypeError('folds were asked for');
    const [assignment] = split.assignments;
    for (let fold = 0; fold < 5; fold++) {
      const own = sets.filter((_, row) => assignment[row] === fold);
      expect(own.filter((set) => set.includes(2))).toHaveLength(4);
      expect(own.filter((set) => set.length === 0).length).toBeGreaterThan(0);
    }
  });

  test('a label whose photos form one group is refused by name', () => {
    const sets = Array.from({ length: 40 }, (_, row) => (row < 2 ? [0, 2] : [row % 2]));
    const groups = Int32Array.from(sets.keys());
    groups[1] = 0;
    expect(() => makeSplit(photos(sets, { groups }))).toThrow(/'c' form one group/);
  });
});
