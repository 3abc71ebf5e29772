import { expect, test } from 'vitest';
import { measureRobustness, robustnessRows } from '../../src/evaluation/robustness.ts';
import { softmax } from '../../src/heads/softmax.ts';
import { corruptions } from '../../src/images/corruptions.ts';
import { gather } from '../../src/numerics/rows.ts';
import { context } from '../heads/drawn.ts';
import { drawn } from '../protocol/problem.ts';

test.each(['folds', 'holdout'] as const)(
  'what changes nothing costs nothing; what takes everything away costs all but chance, with %s',
  async (kind) => {
    const { features, photos, width, labels, classes, split, groups, weights } = drawn({
      ...{ kind, pictures: 200, width: 10, classes: 2, apart: 1.5, seed: 'robust' },
    });
    const problem = { features: { rows: photos, columns: width, data: features }, labels, classes };
    const rows = robustnessRows(split);
    expect(new Set(rows).size).toBe(rows.length);
    const own = gather(problem.features, rows);
    // The last kind leaves nothing of any photo.
    const gone = { ...own, data: new Float32Array(own.data.length) };
    const versions = corruptions.map((_, k) => (k === corruptions.length - 1 ? gone : own));
    const chosen = { head: softmax, settings: { l2: 0.01 } };
    const { accuracy, losses } = await measureRobustness(
      chosen,
      { problem, split, groups, weights },
      rows,
      versions,
      context,
    );
    expect(accuracy).toBeGreaterThan(0.9);
    const [worst, ...others] = losses;
    expect(worst.corruption).toBe(corruptions.at(-1));
    expect(worst.lost.low).toBeGreaterThan(0.2);
    for (const { lost } of others) {
      expect(lost.value).toBe(0);
      expect(lost.high).toBeGreaterThan(0);
    }
  },
);

test('of many photos some are looked at again, from everywhere', () => {
  const { split } = drawn({ kind: 'folds', pictures: 900, width: 2, seed: 'many' });
  const rows = robustnessRows(split);
  expect(rows).toHaveLength(300);
  expect(rows[0]).toBeLessThan(5);
  expect(rows[299]).toBeGreaterThan(890);
});
