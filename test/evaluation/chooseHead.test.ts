import { expect, test } from 'vitest';
import { chooseHead } from '../../src/evaluation/chooseHead.ts';
import type { Problem } from '../../src/heads/head.ts';
import { type AnyHead, headNamed, heads } from '../../src/heads/registry.ts';
import { Random } from '../../src/numerics/random.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import { context, drawnProblem, ones } from '../heads/drawn.ts';

const named = (...names: string[]) => names.map(headNamed);

function splitOf({ labels, classes }: Problem, folds?: number) {
  const ids = Array.from(labels, (_, i) => i.toString(16).padStart(64, '0'));
  const groups = Int32Array.from(labels.keys());
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`);
  return makeSplit({ labels, classes: names, groups, ids, given: Array(ids.length).fill(undefined), seed: 0, folds });
}

const choose = (candidates: readonly AnyHead[], problem: Problem, folds?: number, budget?: number) =>
  chooseHead(
    candidates,
    problem,
    splitOf(problem, folds),
    { photoWeights: ones(problem.labels.length), budget },
    context,
  );

/** Opposite corners: no linear head can tell them apart. */
function corners(count: number): Problem {
  const random = new Random('corners');
  const data = Float32Array.from({ length: count * 2 }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, i) => Number(data[2 * i] * data[2 * i + 1] > 0));
  return { features: { rows: count, columns: 2, data }, labels, classes: 2 };
}

test.each([undefined, 5])('the simplest of equals is taken, with folds %s', async (folds) => {
  const result = await choose(named('prototype', 'softmax', 'svm'), drawnProblem(300), folds);
  expect(result?.head.name).toBe('prototype');
  expect(result?.leaderboard.heads.map(({ name }) => name)).toEqual(['prototype', 'softmax', 'svm']);
  for (const { verdict, accuracy } of result?.leaderboard.heads ?? []) {
    expect(verdict).not.toBe('worse');
    expect(accuracy.low).toBeLessThanOrEqual(accuracy.value);
  }
  expect(result?.leaderboard.heads.filter(({ verdict }) => verdict === 'best')).toHaveLength(1);
});

test('a head that is measurably better is taken though it is less simple', async () => {
  const result = await choose(named('softmax', 'svm-rbf'), corners(500));
  expect(result?.head.name).toBe('svm-rbf');
  expect(result?.leaderboard.heads).toMatchObject([{ verdict: 'worse' }, { verdict: 'best' }]);
  expect(result?.leaderboard.heads[0].difference.high).toBeLessThan(0);
});

test('what the budget, or missing maps, leave out is listed with the reason', async () => {
  const result = await choose(heads, drawnProblem(300), undefined, 1e-3);
  expect(result?.leaderboard.heads.map(({ name }) => name)).toEqual(['prototype']);
  expect(result?.leaderboard.leftOut).toHaveLength(heads.length - 1);
  expect(result?.leaderboard.leftOut.find(({ name }) => name === 'conv')?.reason).toMatch(/feature maps/);
  expect(result?.leaderboard.leftOut.find(({ name }) => name === 'svm')?.reason).toMatch(/budget/);
});

test('the held-out part takes no part in the choice', async () => {
  const problem = drawnProblem(300);
  const split = splitOf(problem);
  if (split.kind !== 'holdout') throw new Error('a held-out part was expected');
  const data = problem.features.data.slice();
  for (const row of split.test) data.fill(50, row * 12, (row + 1) * 12);
  const changed = { ...problem, features: { ...problem.features, data } };
  const [one, two] = await Promise.all([problem, changed].map((each) => choose(named('prototype', 'softmax'), each)));
  expect(two?.leaderboard.heads.map(({ accuracy }) => accuracy)).toEqual(
    one?.leaderboard.heads.map(({ accuracy }) => accuracy),
  );
});
