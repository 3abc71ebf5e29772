import { expect, test } from 'vitest';
import { crossValidateOneClass } from '../../src/evaluation/crossValidateOneClass.ts';
import { standingApart } from '../../src/evaluation/findSuspects.ts';
import { gaussian } from '../../src/heads/oneClass/gaussian.ts';
import { knn } from '../../src/heads/oneClass/knn.ts';
import { patchcore } from '../../src/heads/oneClass/patchcore.ts';
import { scoreEach } from '../../src/heads/oneClass/score.ts';
import { heatmapColours } from '../../src/images/heatmapColours.ts';
import { oneClassFiguresOf } from '../../src/metrics/oneClassFigures.ts';
import { Random } from '../../src/numerics/random.ts';
import { drawnPhotos, oneClassContext } from '../heads/oneClass/drawn.ts';

const inputs = await drawnPhotos(40, 12);
const normal = Uint8Array.from({ length: 52 }, (_, row) => Number(row < 40));
const fold = Int32Array.from({ length: 52 }, (_, row) => row % 4);
const groups = Int32Array.from(normal.keys());
const problem = { inputs, normal, fold, folds: 4, groups, falsePositiveRate: 0.05 };

test('a photo is scored by a head that has not met it', async () => {
  const judged = await crossValidateOneClass(gaussian, gaussian.defaults, problem, oneClassContext);
  const data = inputs.features.data.slice();
  data.fill(30, 0, 10);
  const changed = { ...inputs, features: { ...inputs.features, data } };
  const other = await crossValidateOneClass(
    gaussian,
    gaussian.defaults,
    { ...problem, inputs: changed },
    oneClassContext,
  );
  // Photo 0 is of fold 0: the head of that fold has not met it.
  for (const row of [4, 8, 40]) {
    expect(other.scores[row]).toBe(judged.scores[row]);
  }
  expect(other.scores[1]).not.toBe(judged.scores[1]);
  const figures = oneClassFiguresOf(
    {
      scores: judged.scores,
      thresholds: judged.thresholds,
      normal,
      labels: Array.from(normal, (one, row) => (one ? 'good' : row % 2 ? 'dent' : 'scratch')),
      groups,
      seed: 0,
    },
    'So.',
  );
  expect(figures.detection?.auroc.value).toBeGreaterThan(0.95);
  expect(figures.falsePositiveRate.value).toBeLessThan(0.2);
  expect(figures.detection?.perKind.map(({ label, count }) => [label, count])).toEqual([
    ['dent', 6],
    ['scratch', 6],
  ]);
});

test('photos of no fold are not learned from, and judged by the head for the file', async () => {
  const kept = fold.map((k, row) => (row < 8 || row >= 46 ? -1 : k));
  const judged = await crossValidateOneClass(gaussian, gaussian.defaults, { ...problem, fold: kept }, oneClassContext);
  const data = inputs.features.data.slice();
  data.fill(30, 0, 10);
  const changed = { ...inputs, features: { ...inputs.features, data } };
  const other = await crossValidateOneClass(
    gaussian,
    gaussian.defaults,
    { ...problem, inputs: changed, fold: kept },
    oneClassContext,
  );
  // Photo 0 is kept out: it moves no other score, and no threshold.
  expect(other.scores.subarray(1)).toEqual(judged.scores.subarray(1));
  expect(other.scores[0]).not.toBe(judged.scores[0]);
  expect(other.threshold).toEqual(judged.threshold);
  const scores = new Float32Array(8);
  const rows = Int32Array.from(scores.keys());
  await scoreEach(gaussian, judged.fitted, inputs, rows, oneClassContext, (i, score) => {
    scores[i] = score;
  });
  expect(judged.scores.subarray(0, 8)).toEqual(scores);
  expect(judged.thresholds[0]).toBe(judged.threshold.threshold);
  expect(judged.suspects.every((row) => kept[row] >= 0)).toBe(true);
});

test('places of normal photos set the scale of the colours; abnormal ones burn', async () => {
  const judged = await crossValidateOneClass(patchcore, patchcore.defaults, problem, oneClassContext);
  if (!judged.places) throw new Error('no places');
  expect(judged.places.high).toBeGreaterThan(judged.places.usual);
  const heatmaps = await judged.heatmaps(Int32Array.of(0, 45));
  const alpha = (row: number) => {
    const heatmap = heatmaps.get(row);
    if (!heatmap || !judged.places) throw new Error('no heatmap');
    return Math.max(...heatmapColours(heatmap, judged.places).data.filter((_, i) => i % 4 === 3));
  };
  expect(alpha(45)).toBe(200);
  expect(alpha(0)).toBeLessThanOrEqual(200);
});

test('a line that stands on the score of a suspect is told, with the line without it', async () => {
  // Photo 40 is abnormal and lies among the normal ones.
  const mixed = normal.with(40, 1);
  const judged = await crossValidateOneClass(
    gaussian,
    gaussian.defaults,
    { ...problem, normal: mixed, falsePositiveRate: 0.01 },
    oneClassContext,
  );
  expect(judged.suspects).toContain(40);
  expect(judged.threshold.threshold).toBe(Math.max(...judged.scores.slice(0, 41)));
  const others = [...mixed.keys()].filter((row) => mixed[row] === 1 && !judged.suspects.includes(row));
  expect(judged.withoutSuspects).toEqual({
    threshold: Math.max(...others.map((row) => judged.scores[row])),
    guaranteed: 1 / (others.length + 1),
  });
});

test('abnormal photos that vouch for each other are found by heads that learned from none of them', async () => {
  // Nine that are alike lie among the normal ones: for each, some of the others stand in other folds.
  const mixed = normal.slice().fill(1, 40, 49);
  const problemMixed = { ...problem, normal: mixed };
  const { scores, suspects } = await crossValidateOneClass(knn, knn.defaults, problemMixed, oneClassContext);
  const among = (rows: readonly number[]) => rows.filter((row) => row >= 40).length;
  expect(among(standingApart(scores, mixed))).toBeLessThan(5);
  expect(among(suspects)).toBe(9);
  expect(suspects.length).toBeLessThan(12);
  expect(suspects).toEqual(suspects.toSorted((a, b) => scores[b] - scores[a]));
});

test('copies promise no more than one of them', async () => {
  const pairs = groups.map((row) => row >> 1);
  const { threshold } = await crossValidateOneClass(
    gaussian,
    gaussian.defaults,
    { ...problem, fold: pairs.map((pair) => pair % 4), groups: pairs },
    oneClassContext,
  );
  expect(threshold.guaranteed).toBe(Math.max(0.05, 1 / 21));
  const alone = await crossValidateOneClass(
    gaussian,
    gaussian.defaults,
    { ...problem, folds: 0, groups: new Int32Array(52) },
    oneClassContext,
  );
  expect(alone.threshold.guaranteed).toBe(0.5);
  expect(alone.suspects).toEqual([]);
});

test('a tenth of wrong photos among the normal ones is suspected, and few others', () => {
  const random = new Random('suspects');
  const scores = Float32Array.from({ length: 200 }, (_, i) => (i < 20 ? 8 : 0) + Math.exp(0.3 * random.normal()));
  const suspects = standingApart(scores, new Uint8Array(200).fill(1));
  expect(suspects.filter((row) => row < 20)).toHaveLength(20);
  expect(suspects.length).toBeLessThan(30);
  expect(standingApart(new Float32Array(20).fill(3), new Uint8Array(20).fill(1))).toEqual([]);
});
