import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convHead } from '../../src/heads/conv.ts';
import type { NetworkHead } from '../../src/heads/head.ts';
import type { Linear } from '../../src/heads/linear.ts';
import { mlpHead } from '../../src/heads/mlp.ts';
import { compareFolds } from '../../src/metrics/compare.ts';
import { mean } from '../../src/numerics/statistics.ts';
import { answerOf, sentenceOf } from '../../src/study/answer.ts';
import { denseCosts } from '../../src/study/costs.ts';
import { measureHead, measureStored, studyTrainings } from '../../src/study/measure.ts';
import { type Depth, planStudy, studyRounds, studyWidths } from '../../src/study/plan.ts';
import { bytesOf, precisions, quantise } from '../../src/study/quantise.ts';
import { type StudyPoint, study } from '../../src/study/study.ts';
import { perform, type Task } from '../../src/study/task.ts';
import { context, drawnProblem, withMaps } from '../heads/drawn.ts';
import { foldsOf } from './folds.ts';

const measure = (task: Task) => perform(task, { ...context, threads: 1 });

test('widths double up to the backbone, and a quick study takes every second', () => {
  expect(studyWidths(1280, false)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]);
  expect(studyWidths(1280, true)).toEqual([1, 4, 16, 64, 256, 1024]);
  expect(studyWidths(4, false)).toEqual([1, 2]);
});

test('what is cheap is judged more often, small sets more often still, and nothing goes unjudged', () => {
  const rounds = (photos: number, depth: Depth = 'usual') =>
    (['all', 'pca', 'relu', 'conv'] as const).map((kind) => studyRounds(kind, photos, depth));
  expect(rounds(60)).toEqual([5, 5, 3, 2]);
  expect(rounds(600)).toEqual([3, 3, 2, 1]);
  expect(rounds(10_000)).toEqual([2, 2, 2, 1]);
  expect(rounds(600, 'thorough')).toEqual([3, 3, 3, 3]);
  expect(rounds(10_000, 'thorough')).toEqual([2, 2, 2, 2]);
});

test('what is kept lies within the step of its precision, and costs what it should', () => {
  expect(precisions.map((precision) => bytesOf(20, precision))).toEqual([80, 40, 20, 3]);
  fc.assert(
    fc.property(fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 4, maxLength: 40 }), (values) => {
      const matrix = { rows: values.length, columns: 1, data: Float32Array.from(values) };
      const span = Math.max(...values) - Math.min(...values);
      const int8 = quantise(matrix, 'int8').data;
      const float16 = quantise(matrix, 'float16').data;
      for (const [i, value] of matrix.data.entries()) {
        expect(Math.abs(int8[i] - value)).toBeLessThanOrEqual(span / 510 + 1e-4);
        expect(Math.abs(float16[i] - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 2 ** -11, 2 ** -25));
      }
      expect(new Set(quantise(matrix, 'binary').data).size).toBeLessThanOrEqual(2);
      expect(quantise(matrix, 'float32').data).toEqual(matrix.data);
    }),
  );
});

test('costs are those of the layers', () => {
  expect(denseCosts([1280, 5])).toEqual({ parameters: 6405, macs: 6400 });
  expect(denseCosts([1280, 16, 5])).toEqual({ parameters: 1281 * 16 + 17 * 5, macs: 1280 * 16 + 16 * 5 });
});

test('the answer says how narrow it may be, what that saves, and where accuracy collapses', () => {
  const point = (width: number, accuracy: readonly number[]): StudyPoint => ({
    ...{ kind: 'pca', width, precision: 'float32', parameters: 0, macs: 0, bytes: 0, latency: undefined },
    folds: { accuracy, logLoss: accuracy, auroc: [] },
  });
  const points = [
    point(1, [0.5, 0.52, 0.48, 0.5, 0.5]),
    point(4, [0.85, 0.86, 0.85, 0.84, 0.85]),
    point(8, [0.9, 0.92, 0.9, 0.89, 0.9]),
    // Judged twice over: what was judged once is held against the first round.
    point(16, [0.9, 0.91, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8]),
  ];
  const terms = { margin: 0.005, testToTrain: 0.25, photos: 600, chance: 0.4 };
  const narrow = points.slice(0, 3);
  const answer = answerOf(narrow, points[3], true, terms);
  expect(answer).toMatchObject({ verdict: 'enough', width: 8, collapsed: { width: 1, accuracy: 0.5 } });
  expect(answer.compared.difference.value).toBeCloseTo(0);
  // The folds differ by less than 600 photos can tell.
  expect(answer.compared.difference.low).toBeCloseTo(-0.01, 2);
  expect(answer.full).toBeCloseTo(0.902);
  expect(sentenceOf(answer, 16, 3, terms)).toMatch(
    /^8 numbers do as well as all 16, within 0.5 points: .*2 times smaller\. As far as 600 photos can tell, the difference lies between −1\.\d and \+1\.\d points\. At 1 number it has fallen to 50.0%\.$/,
  );
  const needed = answerOf([points[0]], points[3], true, { ...terms, margin: 0.0025 });
  expect(needed).toMatchObject({ verdict: 'enough', width: 16, compared: { width: 1 } });
  expect(sentenceOf(needed, 16, 3, terms)).toMatch(
    /^All 16 numbers are needed .* loses more than 0.25 points .* 1 number differs by between −\d\d\.\d and −\d\d\.\d points/,
  );
  // The same of a kind that was not measured with all units.
  const none = answerOf([points[0]], points[3], false, terms);
  expect(none).toMatchObject({ verdict: 'none', width: null, accuracy: null, compared: { width: 1, accuracy: 0.5 } });
});

test('an answer that the photos do not carry is not given', () => {
  const point = (width: number, accuracy: readonly number[]): StudyPoint => ({
    ...{ kind: 'pca', width, precision: 'float32', parameters: 0, macs: 0, bytes: 0, latency: undefined },
    folds: { accuracy, logLoss: accuracy, auroc: [] },
  });
  const terms = { margin: 0.005, testToTrain: 1, photos: 4, chance: 0.5 };
  const guessed = answerOf([point(1, [0.5, 0, 0.5, 0.5])], point(1280, [0.5, 0.5, 1, 0]), true, terms);
  expect(guessed).toMatchObject({ verdict: 'chance', width: null });
  expect(sentenceOf(guessed, 1280, 2, terms)).toMatch(
    /4 photos cannot show how narrow .*: all 1,280 numbers get 50.0% right, which is not measurably better .* \(50.0%\)/,
  );
  // All right, and all alike: of four photos that still says next to nothing, not even that it is no guess of twenty classes.
  const right = [point(1, [1, 1, 1, 1])];
  const twenty = { ...terms, chance: 0.05 };
  expect(answerOf(right, point(1280, [1, 1, 1, 1]), true, twenty)).toMatchObject({ verdict: 'chance', width: null });
  const lucky = answerOf(right, point(1280, [1, 1, 1, 1]), true, { ...terms, chance: 0.01 });
  expect(lucky).toMatchObject({ verdict: 'few', width: null, compared: { difference: { low: -0.75, high: 0.75 } } });
  expect(sentenceOf(lucky, 1280, 2, terms)).toMatch(
    /4 photos cannot show how narrow .*: .*between −75.0 and \+75.0 points/,
  );
  const many = answerOf([point(1, [1, 1, 1, 1])], point(1280, [1, 1, 1, 1]), true, { ...terms, photos: 400 });
  expect(many).toMatchObject({ verdict: 'enough', width: 1 });
});

test('a whole study of drawn features', async () => {
  const problem = withMaps(drawnProblem(60, 6, 3));
  const split = foldsOf(problem.labels, 2, 2);
  const one = await study(problem, split, { depth: 'usual', measure }, context);
  expect(new Set(one.points.map(({ folds: { accuracy } }) => accuracy.length))).toEqual(new Set([4]));
  expect(one.points.filter(({ precision }) => precision === 'float32').every(({ latency }) => (latency ?? 0) > 0)).toBe(
    true,
  );
  const named = (kind: string) => one.points.filter((point) => point.kind === kind).map(({ width }) => width);
  expect(named('all')).toEqual([6, 6, 6, 6]);
  expect(new Set(named('pca'))).toEqual(new Set([1, 2, 4]));
  // Where there are few units, what is trained gets as wide as they are.
  for (const kind of ['random', 'linear', 'relu', 'conv']) expect([...new Set(named(kind))]).toEqual([1, 2, 4, 6]);
  for (const kind of ['pca', 'random', 'linear', 'relu', 'conv'])
    for (const width of new Set(named(kind)))
      expect(
        one.points.filter((each) => each.kind === kind && each.width === width).map((each) => each.precision),
      ).toEqual([...precisions]);
  const accuracy = (kind: string, width: number) =>
    mean(one.points.find((point) => point.kind === kind && point.width === width)?.folds.accuracy ?? []);
  expect(accuracy('pca', 4)).toBeGreaterThan(accuracy('random', 1));
  expect(accuracy('pca', 4)).toBeGreaterThan(0.8);
  const { portrait, plane } = one;
  expect(portrait.participationRatio).toBeGreaterThan(1);
  expect(portrait.participationRatio).toBeLessThanOrEqual(6);
  const shares = portrait.explained.map(({ share }) => share);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(portrait.redundant).not.toBeNull();
  expect(portrait.leaning?.units.length).toBe(6);
  expect(plane).toMatchObject({ rows: 60, columns: 2 });
});

test('a study is the same for a seed', async () => {
  const problem = withMaps(drawnProblem(30, 4, 3));
  const once = async () => {
    const { points, portrait } = await study(
      problem,
      foldsOf(problem.labels, 2, 1),
      { depth: 'quick', measure },
      context,
    );
    return { points: points.map(({ latency: _, ...point }) => point), portrait };
  };
  expect(await once()).toEqual(await once());
});

test('fewer photos than widths: what cannot be measured is said, and the rest is measured', async () => {
  const problem = drawnProblem(30, 100, 3);
  const { points, notes, portrait } = await study(
    problem,
    foldsOf(problem.labels, 3),
    { depth: 'quick', measure },
    context,
  );
  expect(portrait.redundant).not.toBeNull();
  expect(Math.max(...points.filter(({ kind }) => kind === 'pca').map(({ width }) => width))).toBe(16);
  expect(notes.join(' ')).toMatch(/up to width 16: a fold trains on \d+ photos/);
  // Random directions need no photos.
  expect(points.filter(({ kind }) => kind === 'random').map(({ width }) => width)).toEqual([1, 4, 16, 64, 100]);
});

test('a thorough study trains bottlenecks of every width, where the usual one stops', () => {
  const problem = withMaps(drawnProblem(40, 200, 2));
  const split = foldsOf(problem.labels, 2, 2);
  const usual = planStudy(problem, split, 'usual');
  for (const kind of ['linear', 'relu', 'conv'] as const) expect(usual.widths[kind]).toEqual([1, 2, 4, 8, 16]);
  expect(usual.notes.join(' ')).toContain('up to width 16; a thorough study measures them up to 200');
  const thorough = planStudy(problem, split, 'thorough');
  for (const kind of ['linear', 'relu', 'conv'] as const)
    expect(thorough.widths[kind]).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 200]);
  expect(thorough.notes.join(' ')).toContain('read 20 principal components.');
});

test('kept in fewer bits, a trained bottleneck is the same network: nearly as good in two bytes, less so in one bit', async () => {
  const problem = withMaps(drawnProblem(120, 16, 3));
  const trainings = studyTrainings(foldsOf(problem.labels, 2), 120).flat();
  const check = async <S, F extends { readonly output: Linear }>(head: NetworkHead<S, F>) => {
    const stored = await measureStored(head, problem, trainings, precisions, context);
    const [float32, float16, , binary] = stored.map(({ folds: each }) => each);
    const plain = await measureHead(head, problem, trainings, context);
    expect(float32.accuracy).toEqual(plain.accuracy);
    for (const [fold, value] of plain.logLoss.entries()) {
      expect(float32.logLoss[fold]).toBeCloseTo(value, 4);
      expect(float16.logLoss[fold]).toBeCloseTo(value, 2);
    }
    expect(mean(binary.logLoss)).toBeGreaterThan(mean(float32.logLoss) + 0.01);
  };
  await check(mlpHead({ width: 8, activation: 'relu' }));
  await check(convHead({ width: 8, filters: undefined }));
});

test('a linear bottleneck as wide as the features is not worse than none', async () => {
  const { features, labels, classes } = drawnProblem(300, 16, 3);
  const trainings = studyTrainings(foldsOf(labels), 300).flat();
  const known = { features, labels, classes, trainings, kept: ['float32'] as const };
  const [plain] = await measure({ way: 'softmax', ...known });
  const [wide] = await measure({ way: 'dense', width: 16, activation: 'linear', ...known });
  expect(compareFolds(wide.folds.accuracy, plain.folds.accuracy, 1 / 4).better).not.toBe('second');
  expect(mean(wide.folds.accuracy)).toBeGreaterThan(mean(plain.folds.accuracy) - 0.03);
});

test('all depths are a kind of their own, of one width, on the same folds', async () => {
  const drawn = drawnProblem(60);
  const { rows, columns } = drawn.features;
  // The features themselves say nothing.
  const data = drawn.features.data.map((_, i) => Math.sin(i * i));
  const problem = { ...drawn, features: { rows, columns, data } };
  const wide = new Float32Array(rows * (columns + 2));
  for (let row = 0; row < rows; row++) {
    wide.set(data.subarray(row * columns, (row + 1) * columns), row * (columns + 2));
    // What is beside the features says it all.
    wide.fill(problem.labels[row], row * (columns + 2) + columns, (row + 1) * (columns + 2));
  }
  const all = { features: { rows, columns: columns + 2, data: wide } };
  const deep = { ...problem, representations: new Map([['all', all]]) };
  const { points } = await study(deep, foldsOf(problem.labels, 2), { depth: 'quick', measure }, context);
  const accuracyOf = (kind: string) =>
    points
      .filter((point) => point.kind === kind && point.precision === 'float32')
      .map(({ width, folds }) => [width, mean(folds.accuracy)]);
  const [[width, deepest]] = accuracyOf('depths');
  const [[, shallow]] = accuracyOf('all');
  expect(width).toBe(columns + 2);
  expect(deepest).toBeGreaterThan(shallow);
  const plain = planStudy(problem, foldsOf(problem.labels, 2), 'quick');
  expect(plain.widths.depths).toEqual([]);
  expect(plain.notes).toContain('All depths were left out: this network has no earlier feature maps.');
});
