import { expect, test } from 'vitest';
import { crossValidate } from '../../src/evaluation/crossValidate.ts';
import { type Problem, problemOf } from '../../src/heads/head.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { prototype } from '../../src/heads/prototype.ts';
import { evaluate } from '../../src/metrics/evaluate.ts';
import { setOf } from '../../src/metrics/predictionSets.ts';
import { mean } from '../../src/numerics/statistics.ts';
import { singleLabel } from '../../src/tasks/singleLabel.ts';
import { context } from '../heads/drawn.ts';
import { leastHeld } from '../heldOften.ts';
import { judge, targetsOf } from '../judging.ts';
import { type Drawn, type DrawOptions, drawn, namesOf } from './problem.ts';

const draws = 60;

function problemFor({ features, photos, width, labels, classes }: Drawn): Problem {
  return problemOf(
    { features: { rows: photos, columns: width, data: features } },
    { labels, classes: namesOf(classes) },
  );
}

/** Share of the photos whose likeliest class is their own. */
function accuracyOf(logits: Float32Array, { labels, classes }: Drawn): number {
  const right = labels.filter((label, row) => {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    return own.every((value) => value <= own[label]);
  });
  return right.length / labels.length;
}

/** Trains and judges on a few photos, as the product does, and asks the classifier about thousands of fresh ones. */
async function holds(options: DrawOptions): Promise<boolean> {
  const set = drawn(options);
  const { split, weights, groups, ids: paths } = set;
  const problem = problemFor(set);
  const judged = await judge(prototype, problem, split, { photoWeights: weights, refit: false }, context);
  const { accuracy } = evaluate(judged, targetsOf(problem), { paths, groups, heldOut: true, seed: 0 });
  // The same clouds, since the seed is the same; none of the same photos.
  const fresh = drawn({ ...options, kind: 'holdout', pictures: 2400, times: 1 });
  const [logits] = await predictLogits(prototype, [judged.fitted], problemFor(fresh), context);
  const truth = accuracyOf(logits.data, fresh);
  return truth >= accuracy.low && truth <= accuracy.high;
}

test.each([
  ['holdout', 1],
  ['holdout', 4],
  ['folds', 1],
  ['folds', 4],
] as const)(
  'coverage: the accuracy of what was trained lies in its interval, with %s and %i photos of each picture',
  async (kind, times) => {
    let held = 0;
    for (let draw = 0; draw < draws; draw++)
      if (await holds({ kind, times, pictures: 120, width: 6, classes: 3, apart: 0.7, seed: `coverage ${draw}` }))
        held++;
    expect(held / draws).toBeGreaterThan(leastHeld(draws));
  },
);

test.each(['holdout', 'folds'] as const)(
  'coverage: sets hold the class of fresh photos as often as was asked for, with %s',
  async (kind) => {
    const coverage = 0.9;
    const shares: number[] = [];
    for (let draw = 0; draw < 20; draw++) {
      const options = { kind, times: 2, pictures: 120, width: 6, classes: 3, apart: 0.7, seed: `sets ${draw}` };
      const set = drawn(options);
      const { split, weights, groups } = set;
      const problem = problemFor(set);
      const { fitted, calibration } = await crossValidate(
        prototype,
        problem,
        split,
        {
          targets: targetsOf(problem),
          calibrate: (data) => singleLabel.calibration.fit(data, { coverage, groups }),
          groups,
          photoWeights: weights,
          refit: false,
        },
        context,
      );
      const fresh = drawn({ ...options, kind: 'holdout', pictures: 600, times: 1 });
      const [logits] = await predictLogits(prototype, [fitted], problemFor(fresh), context);
      const { data, columns } = singleLabel.calibration.probabilities(logits, calibration);
      const { set: rule } = calibration;
      if (!rule) throw new TypeError('sets are wanted');
      const held = fresh.labels.filter((label, row) =>
        setOf(data.subarray(row * columns, (row + 1) * columns), rule).includes(label),
      );
      shares.push(held.length / fresh.labels.length);
    }
    // One draw's coverage varies by sqrt(0.9 * 0.1 / 121), about 2.7 points; the mean of twenty by a fifth of that.
    const average = mean(shares);
    expect(average).toBeGreaterThan(coverage - 0.02);
    expect(average).toBeLessThan(coverage + 0.025);
  },
);
