import { expect, test } from 'vitest';
import { foldAccuracies } from '../../src/evaluation/choose.ts';
import { amongHeads } from '../../src/evaluation/chooseHead.ts';
import { selectMany } from '../../src/evaluation/select.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { compare, compareFolds, compareOverFolds } from '../../src/metrics/compare.ts';
import { foldShare, meanOverRepeats } from '../../src/metrics/intervals.ts';
import { accuracy, outcomesOf } from '../../src/metrics/metric.ts';
import { Random } from '../../src/numerics/random.ts';
import { context, drawnFolds, drawnProblem, ones } from '../heads/drawn.ts';

// Training parts of folds overlap, so their figures are less sure than so many separate ones: what is compared over K
// folds knows that a fold is judged on 1 / (K - 1) of the photos that it was trained on.

test("a leaderboard's intervals are those of its own inner folds, corrected for their overlap", async () => {
  const problem = drawnProblem(240, 6, 3, 'overlap');
  const innerFolds = 4;
  const folds = drawnFolds(problem, innerFolds);
  const training = { folds, innerFolds, weights: ones(240), groups: Int32Array.from(folds.keys()) };
  const candidates = ['prototype', 'softmax'].map(headNamed);
  const [{ leaderboard }] = await amongHeads(candidates, candidates[0])(problem, [training], context);
  const selections = await Promise.all(candidates.map((head) => selectMany(head, problem, [training], context)));
  const figures = selections.map(([selection]) => foldAccuracies(selection, training, problem));
  const best = leaderboard?.heads.findIndex(({ verdict }) => verdict === 'best') ?? -1;
  expect(figures[0]).not.toEqual(figures[1]);
  for (const [k, head] of (leaderboard?.heads ?? []).entries()) {
    expect(head.accuracy).toEqual(foldShare(figures[k], 1 / 3, 240));
    expect(head.difference).toEqual(compareFolds(figures[k], figures[best], 1 / 3, 240).difference);
  }
  const other = leaderboard?.heads[1 - best];
  const careless = compareFolds(figures[1 - best], figures[best], 0, 240).difference;
  expect(other?.difference.low).toBeLessThan(careless.low);
});

test.each([2, 3, 5])('two judgements over %i folds, twice, are compared as of so many folds', (folds) => {
  const random = new Random('judged');
  const photos = 120;
  const labels = Int32Array.from({ length: photos }, () => random.int(2));
  const targets = { classes: ['a', 'b'], labels };
  const groups = Int32Array.from(labels.keys());
  const rows = Int32Array.from({ length: 2 * photos }, (_, row) => row % photos);
  const fold = rows.map((photo, row) => (photo % folds) + (row < photos ? 0 : folds));
  const answers = (right: number) => {
    const isRight = Array.from(rows, () => random.uniform() < right);
    const data = Float32Array.from({ length: 2 * rows.length }, (_, at) =>
      Number((at % 2 === labels[rows[at >> 1]]) === isRight[at >> 1]),
    );
    return {
      judged: {
        rows,
        outcomes: outcomesOf(accuracy, { rows: rows.length, columns: 2, data }, targets, rows),
        folds: fold,
        rowsPerRepeat: photos,
      },
      isRight,
    };
  };
  const [one, other] = [answers(0.9), answers(0.8)];
  const share = ({ isRight }: typeof one) => meanOverRepeats(isRight.map(Number), photos);
  const expected = compareOverFolds(share(one), share(other), groups, folds);
  expect(compare(accuracy, one.judged, other.judged, targets, groups, 0)).toEqual(expected);
  const more = compareOverFolds(share(one), share(other), groups, folds + 1);
  expect(expected.difference.high - expected.difference.low).toBeGreaterThan(
    more.difference.high - more.difference.low,
  );
});
