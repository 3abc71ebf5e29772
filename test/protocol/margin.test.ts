import { expect, test } from 'vitest';
import { withBottleneck } from '../../src/evaluation/chooseBottleneck.ts';
import { headNamed } from '../../src/heads/registry.ts';
import { usualMargin } from '../../src/metrics/nonInferiority.ts';
import { context } from '../heads/drawn.ts';
import { judge } from '../judging.ts';
import { drawn } from './problem.ts';

test('a bottleneck that is chosen loses no more than its margin, as measured', async () => {
  // Each class has a direction of its own, all equally strong: each component that is left out costs some points.
  const set = drawn({ kind: 'holdout', pictures: 400, width: 16, classes: 12, apart: 0.7, seed: 'margin' });
  const problem = {
    features: { rows: set.photos, columns: set.width, data: set.features },
    labels: set.labels,
    classes: set.classes,
  };
  const options = { photoWeights: set.weights, refit: false };
  const { file } = await judge(withBottleneck(headNamed('softmax'), 'auto'), problem, set.split, options, context);
  const { widths } = file;
  if (!widths) throw new TypeError('widths were to be compared');
  const taken = widths.widths.find(({ width }) => width === (widths.chosen ?? set.width));
  expect(widths.margin).toBe(usualMargin);
  // Some width loses more than the margin and less than ten times as much: it must not do.
  expect(widths.widths.some(({ difference: { value } }) => value < -2 * usualMargin && value > -8 * usualMargin)).toBe(
    true,
  );
  expect(taken?.difference.value).toBeGreaterThanOrEqual(-1.5 * usualMargin);
});
