import { expect, test } from 'vitest';
import { compareOneClassFigures } from '../../src/metrics/compareOneClass.ts';
import { auroc } from '../../src/metrics/ranking.ts';
import { Random } from '../../src/numerics/random.ts';

const count = 60;
const normal = Uint8Array.from({ length: 2 * count }, (_, row) => Number(row < count));
const rows = Int32Array.from(normal.keys());
const compared = { normal, groups: rows, rows, seed: 0 };
const thresholds = new Float64Array(2 * count).fill(1);

/** Normal photos score about 0, abnormal ones about `apart`. */
function scores(seed: string, apart: number, shift = 0): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(normal, (one) => shift + (one ? 0 : apart) + 0.5 * random.normal());
}

test.for([5, undefined])('a version with the same scores is a tie, in %s folds', (folds) => {
  const same = { scores: scores('same', 2), thresholds };
  const { figures, verdict } = compareOneClassFigures(same, same, { ...compared, folds });
  expect(verdict).toBe('tie');
  expect(figures.map(({ metric }) => metric)).toEqual(['false-positive rate', 'abnormal photos caught', 'AUROC']);
  for (const { before, after, difference } of figures) expect([after, difference.value]).toEqual([before, 0]);
  expect(figures[2]?.after).toBeCloseTo(
    auroc(
      same.scores,
      normal.map((one) => 1 - one),
    ),
    12,
  );
});

test.for([5, undefined])('each figure that is worse is told, with its sign, in %s folds', (folds) => {
  const before = { scores: scores('drawn', 2), thresholds };
  const verdictsOf = (after: typeof before) => {
    const { figures, verdict } = compareOneClassFigures(after, before, { ...compared, folds });
    return { verdict, figures: figures.map((one) => [one.verdict, Math.sign(one.difference.value)]) };
  };
  // All scores higher: more false alarms, and none the worse for ranking.
  const louder = verdictsOf({ scores: scores('drawn', 2, 1), thresholds });
  expect(louder).toMatchObject({
    verdict: 'worse',
    figures: [
      ['worse', 1],
      [expect.any(String), 1],
      ['tie', 0],
    ],
  });
  const blind = verdictsOf({ scores: scores('drawn', 0), thresholds });
  expect(blind).toMatchObject({
    verdict: 'worse',
    figures: [
      ['tie', 0],
      ['worse', -1],
      ['worse', -1],
    ],
  });
});

test('without abnormal photos the false-positive rate alone is compared', () => {
  const own = rows.subarray(0, count);
  const before = { scores: scores('alone', 2), thresholds };
  const after = { scores: scores('alone', 2, 1), thresholds };
  const { figures, verdict } = compareOneClassFigures(after, before, { ...compared, rows: own, folds: 5 });
  expect(figures.map(({ metric }) => metric)).toEqual(['false-positive rate']);
  expect(verdict).toBe('worse');
});
