import { expect, it } from 'vitest';
import { isTooMuchToOptimise } from '../../src/heads/manyClasses.ts';

it('softmax is given up for thousands of classes of few photos only', () => {
  expect(isTooMuchToOptimise(600, 2, 36)).toBe(false);
  expect(isTooMuchToOptimise(200_000, 5, 6)).toBe(false);
  expect(isTooMuchToOptimise(50_000, 1000, 6)).toBe(false);
  expect(isTooMuchToOptimise(1_000_000, 1000, 6)).toBe(false);
  expect(isTooMuchToOptimise(8_000, 2000, 36)).toBe(true);
  expect(isTooMuchToOptimise(20_000, 10_000, 3)).toBe(true);
});
