import { describe, expect, test } from 'vitest';
import { fitChosen } from '../../src/evaluation/fitChosen.ts';
import { predictLogits } from '../../src/heads/predictLogits.ts';
import { svm } from '../../src/heads/svm.ts';
import { context } from './drawn.ts';
import { scikit } from './scikit.ts';

describe.each(scikit.map((fixture, i) => [i, fixture] as const))('scikit-learn, problem %i', (_i, fixture) => {
  const { problem, weights } = fixture;

  test.each(fixture.svm)('LinearSVC, l2 $l2: the same decision values', async ({ l2, values }) => {
    const [fitted] = await fitChosen(svm, problem, [{ settings: { l2 }, weights }], context);
    const [logits] = await predictLogits(svm, [fitted], problem, context);
    for (const [i, value] of values.entries()) expect(Math.abs(logits.data[i] - value)).toBeLessThan(4e-3);
  });
});
