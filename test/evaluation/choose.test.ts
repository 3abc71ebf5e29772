import { describe, expect, test } from 'vitest';
import { type Choose, timesTaken } from '../../src/evaluation/choose.ts';
import { requirePooled, withBottleneck } from '../../src/evaluation/chooseBottleneck.ts';
import { amongHeads } from '../../src/evaluation/chooseHead.ts';
import type { Problem } from '../../src/heads/head.ts';
import { type AnyHead, headNamed, heads } from '../../src/heads/registry.ts';
import { Random } from '../../src/numerics/random.ts';
import { indexOfLargest, mean } from '../../src/numerics/statistics.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';
import { outerParts, type Split } from '../../src/split/split.ts';
import { context, drawnProblem, ones } from '../heads/drawn.ts';
import { judge } from '../judging.ts';

const named = (...names: string[]) => names.map(headNamed);
const softmax = headNamed('softmax');

/** So many folds, each photo once; else a quarter of the photos is held out. */
function splitOf({ labels, classes }: Problem, folds?: number, groups = Int32Array.from(labels.keys())): Split {
  const ids = Array.from(labels, (_, i) => i.toString(16).padStart(64, '0'));
  const names = Array.from({ length: classes }, (_, c) => `class ${c}`);
  const given = ids.map((_, i) => (folds === undefined && i % 4 === 3 ? ('test' as const) : undefined));
  const split = makeSplit({ labels, classes: names, groups, ids, given, seed: 0, folds, repeats: folds && 1 });
  expect(split.kind).toBe(folds === undefined ? 'holdout' : 'folds');
  return split;
}

const judged = (how: Choose<unknown, unknown>, problem: Problem, split: Split) =>
  judge(how, problem, split, { photoWeights: ones(problem.labels.length), refit: false }, context);

async function choose(candidates: readonly AnyHead[], problem: Problem, folds?: number, budget?: number) {
  return (await judged(amongHeads(candidates, softmax, budget), problem, splitOf(problem, folds))).file;
}

/** Opposite corners: no linear head can tell them apart. */
function corners(count: number): Problem {
  const random = new Random('corners');
  const data = Float32Array.from({ length: count * 2 }, () => random.normal());
  const labels = Int32Array.from({ length: count }, (_, i) => Number(data[2 * i] * data[2 * i + 1] > 0));
  return { features: { rows: count, columns: 2, data }, labels, classes: 2 };
}

/** Labels that say nothing of the features; each photo `copies` times, copies in one group. */
function noise(photos: number, columns: number, copies: number, seed: number) {
  const random = new Random(`noise ${seed}`);
  const one = Float32Array.from({ length: photos * columns }, () => random.normal());
  const own = random.shuffle(Int32Array.from({ length: photos }, (_, i) => i % 2));
  const rows = photos * copies;
  const data = Float32Array.from({ length: rows * columns }, (_, at) => one[at % one.length]);
  const groups = Int32Array.from({ length: rows }, (_, row) => row % photos);
  const problem = { features: { rows, columns, data }, labels: groups.map((row) => own[row]), classes: 2 };
  return { problem, groups };
}

test.each([undefined, 5])('the simplest of equals is taken, with folds %s', async (folds) => {
  const again = { ...softmax, name: 'softmax once more' };
  const candidates = [...named('prototype'), softmax, again];
  const { head, leaderboard } = await choose(candidates, drawnProblem(150), folds);
  expect(leaderboard?.heads.map(({ name }) => name)).toEqual(candidates.map(({ name }) => name));
  expect(leaderboard?.heads[1].logLoss).toBe(leaderboard?.heads[2].logLoss);
  expect(head.name).toBe(leaderboard?.heads.find(({ verdict }) => verdict !== 'worse')?.name);
  expect(head.name).not.toBe(again.name);
  for (const { accuracy } of leaderboard?.heads ?? []) expect(accuracy.low).toBeLessThanOrEqual(accuracy.value);
});

test('a better head is taken though it is less simple', async () => {
  const { head, leaderboard } = await choose(named('softmax', 'svm-rbf'), corners(300));
  expect(head.name).toBe('svm-rbf');
  expect(leaderboard?.heads).toMatchObject([{ verdict: 'worse' }, { verdict: 'best' }]);
  expect(leaderboard?.heads[0].difference.high).toBeLessThan(0);
});

test('what the budget, or missing maps, leave out is listed with the reason', async () => {
  const { leaderboard } = await choose(heads, drawnProblem(300), undefined, 1e-3);
  expect(leaderboard?.heads.map(({ name }) => name)).toEqual(['prototype']);
  expect(leaderboard?.leftOut).toHaveLength(heads.length - 1);
  expect(leaderboard?.leftOut.find(({ name }) => name === 'conv')?.reason).toMatch(/feature maps/);
  expect(leaderboard?.leftOut.find(({ name }) => name === 'svm')?.reason).toMatch(/budget/);
});

test('where the photos are too few to choose by, nothing is chosen', async () => {
  const problem = drawnProblem(4, 8, 2);
  const { file } = await judged(amongHeads(named('prototype', 'softmax'), softmax), problem, splitOf(problem, 2));
  expect(file.head.name).toBe('softmax');
  expect(file.leaderboard).toBeUndefined();
  const narrow = await judged(withBottleneck(softmax, 'auto'), problem, splitOf(problem, 2));
  expect(narrow.file.widths).toBeUndefined();
});

test('a bottleneck is no wider than the features, and goes before no head that reads maps', async () => {
  const problem = drawnProblem(60);
  await expect(judged(withBottleneck(softmax, 13), problem, splitOf(problem))).rejects.toThrow(/only 12 numbers/);
  expect(() => requirePooled(headNamed('conv'))).toThrow(/reads feature maps/);
  const { file, settings } = await judged(withBottleneck(softmax, 4), problem, splitOf(problem));
  expect(file.widths).toBeUndefined();
  expect(settings).toMatchObject({ bottleneck: 4 });
});

const procedures: readonly [string, Choose<unknown, unknown>][] = [
  ['--head auto', amongHeads(named('prototype', 'softmax', 'knn'), softmax)],
  ['--bottleneck auto', withBottleneck(softmax, 'auto')],
  ['both', withBottleneck(amongHeads(named('prototype', 'softmax'), softmax), 'auto')],
];

describe.each(procedures)('%s', (_, how) => {
  test.each([undefined, 3])(
    'what is kept out changes neither choice, nor settings, nor calibration: folds %s',
    async (folds) => {
      const problem = drawnProblem(folds ? 60 : 150, 3);
      const split = splitOf(problem, folds);
      const one = await judged(how, problem, split);
      const random = new Random('poison');
      const part = folds ? 1 : 0;
      const { heldOut } = outerParts(split)[part];
      const [data, labels] = [problem.features.data.slice(), problem.labels.slice()];
      for (const row of heldOut) {
        for (let d = 0; d < 3; d++) data[row * 3 + d] = 8 * random.normal();
        labels[row] = random.int(3);
      }
      const two = await judged(how, { ...problem, features: { ...problem.features, data }, labels }, split);
      expect(chosenIn(two, part)).toEqual(chosenIn(one, part));
      const place = one.rows.indexOf(heldOut[0]);
      expect(two.calibrations[place].temperature / one.calibrations[place].temperature).toBeCloseTo(1, 2);
      // Two parts have learned from these photos: the poison reaches them.
      if (folds) expect(two.calibrations).not.toEqual(one.calibrations);
    },
  );

  test('labels that say nothing are told by chance, each photo twice in its group', async () => {
    const shares: number[] = [];
    for (let seed = 0; seed < 4; seed++) {
      const { problem, groups } = noise(30, 2, 2, seed);
      const { rows, logits } = await judged(how, problem, splitOf(problem, 3, groups));
      const isRight = (photo: number, i: number) =>
        Number(indexOfLargest(logits.data.subarray(2 * i, 2 * i + 2)) === problem.labels[photo]);
      shares.push(mean(Array.from(rows, isRight)));
    }
    // 120 photos: a standard error of 5 points.
    expect(mean(shares)).toBeGreaterThan(0.35);
    expect(mean(shares)).toBeLessThan(0.65);
  });
});

/** What a part took, without the seconds that it took. */
function chosenIn({ parts }: Awaited<ReturnType<typeof judged>>, part: number) {
  const { head, settings, leaderboard, widths } = parts[part];
  // Fits that are made together feel each other as far as they are precise.
  const board = leaderboard?.heads.map(({ seconds: _, logLoss, ...rest }) => ({
    ...rest,
    loss: Math.round(50 * logLoss),
  }));
  return { name: head.name, settings, chosen: leaderboard?.chosen, board, widths };
}

test('what parts took is counted, the most frequent first', () => {
  expect(timesTaken(['a', 'b', 'b', null])).toEqual([
    { value: 'b', parts: 2 },
    { value: 'a', parts: 1 },
    { value: null, parts: 1 },
  ]);
});
