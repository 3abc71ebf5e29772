import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measureUnknown } from '../../src/evaluation/unknown.ts';
import { scoresOf } from '../../src/heads/oneClass/score.ts';
import { subspace } from '../../src/heads/oneClass/subspace.ts';
import { conformalThreshold } from '../../src/metrics/conformalThreshold.ts';
import { Random } from '../../src/numerics/random.ts';
import { context, drawnFolds, drawnProblem } from '../heads/drawn.ts';

/** Photos that are all apart. */
function alone(labels: Int32Array) {
  return { labels, groups: labels.map((_, row) => row), ids: Array.from(labels, (_, row) => `id ${row}`) };
}

test('at most the wanted share of a fresh score lies above, whatever the scores: the promise of conformal prediction', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 2, maxLength: 60 }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
      (scores, share) => {
        // Each score in turn is the fresh one.
        const above = scores.filter((fresh, i) => fresh > conformalThreshold(scores.toSpliced(i, 1), share).threshold);
        const { guaranteed } = conformalThreshold(scores.slice(1), share);
        expect(above.length / scores.length).toBeLessThanOrEqual(guaranteed + 1e-12);
      },
    ),
  );
});

test('few scores promise what they can', () => {
  expect(conformalThreshold([3, 1, 2], 0.01)).toEqual({ threshold: 3, guaranteed: 0.25 });
  expect(
    conformalThreshold(
      Array.from({ length: 99 }, (_, i) => i),
      0.01,
    ),
  ).toEqual({ threshold: 98, guaranteed: 0.01 });
  expect(
    conformalThreshold(
      Array.from({ length: 199 }, (_, i) => i),
      0.05,
    ),
  ).toEqual({ threshold: 189, guaranteed: 0.05 });
});

test('photos of another kind are told from those of all classes, and each class from the others where it is apart', async () => {
  const problem = drawnProblem(300, 12, 3);
  const strange = new Random('strange');
  const folds = {
    kind: 'folds',
    folds: 5,
    assignments: [drawnFolds(problem, 5)],
    inner: [],
    innerFolds: 0,
    reason: '',
  } as const;
  const classes = ['a', 'b', 'c'];
  const input = {
    photos: problem,
    ...alone(problem.labels),
    classes,
    split: folds,
    refit: false,
    falsePositiveRate: 0.05,
  };
  const { fitted, unknown } = await measureUnknown(input, context);
  expect(unknown.falsePositiveRate).toEqual({ target: 0.05, guaranteed: 0.05, estimated: true });
  expect(unknown.rejected?.low).toBeLessThan(0.05);
  expect(unknown.rejected?.high).toBeGreaterThan(0.05);
  expect(unknown.leaveOneClassOut.map(({ label }) => label)).toEqual(classes);
  const far = { rows: 50, columns: 12, data: Float32Array.from({ length: 600 }, () => -3 + strange.normal()) };
  const rows = Int32Array.from({ length: 50 }, (_, i) => i);
  const scores = await scoresOf(subspace, fitted, { features: far }, rows, context);
  expect(scores.every((score) => score > unknown.threshold)).toBe(true);
});

test('with a part held out, nothing of it is fitted, and the share that is rejected is measured there', async () => {
  const problem = drawnProblem(300, 12, 3);
  const test = Int32Array.from({ length: 60 }, (_, i) => i);
  const inner = drawnFolds(problem, 4).map((fold, row) => (row < 60 ? -1 : fold));
  const split = { kind: 'holdout', train: new Int32Array(), test, inner, innerFolds: 4, leaks: 0, reason: '' } as const;
  const input = { ...alone(problem.labels), classes: ['a', 'b', 'c'], split, refit: false, falsePositiveRate: 0.1 };
  const measured = await measureUnknown({ ...input, photos: problem }, context);
  const data = problem.features.data.slice().fill(9, 0, 60 * 12);
  const changed = await measureUnknown({ ...input, photos: { features: { ...problem.features, data } } }, context);
  expect(changed.fitted).toEqual(measured.fitted);
  expect(changed.unknown.threshold).toBe(measured.unknown.threshold);
  expect(measured.unknown.rejected?.value).toBeLessThan(0.25);
  const refitted = await measureUnknown({ ...input, photos: problem, refit: true }, context);
  expect(refitted.fitted).not.toEqual(measured.fitted);
  expect(refitted.unknown).toEqual(measured.unknown);
});

test('where photos have several labels, a label is left out with every photo that has it', async () => {
  const rows = 240;
  const random = new Random('labels');
  // Label 1 moves a photo far away, whether it has label 0 or not.
  const labelSets = Array.from({ length: rows }, (_, row) => [[0], [], [1], [0, 1]][row % 4]);
  const data = Float32Array.from({ length: rows * 8 }, (_, at) => {
    const labels = labelSets[Math.floor(at / 8)];
    return (labels.includes(1) ? (at % 8 < 4 ? 5 : -5) : 2) + (labels.includes(0) ? at % 2 : 0) + random.normal();
  });
  const photos = { features: { rows, columns: 8, data } };
  const assignments = [Int32Array.from({ length: rows }, (_, row) => Math.floor(row / 4) % 5)];
  const split = { kind: 'folds', folds: 5, assignments, inner: [], innerFolds: 0, reason: '' } as const;
  const common = { photos, split, refit: false, falsePositiveRate: 0.05, classes: ['near', 'far'] };
  const truth = Uint8Array.from(labelSets.flatMap((set) => [0, 1].map((label) => Number(set.includes(label)))));
  const { unknown } = await measureUnknown({ ...common, ...alone(new Int32Array(rows)), truth }, context);
  const [near, far] = unknown.leaveOneClassOut;
  expect(far.auroc).toBeGreaterThan(0.99);
  expect(far.caught).toBeGreaterThan(0.9);
  expect(near.caught).toBeLessThan(0.5);
  expect(near.auroc).toBeLessThan(0.9);
});
