import { describe, expect, it } from 'vitest';
import { measureWithoutGroups } from '../../src/evaluation/withoutGroups.ts';
import { problemOf } from '../../src/heads/head.ts';
import { knn } from '../../src/heads/knn.ts';
import { accuracy } from '../../src/metrics/metric.ts';
import { Random } from '../../src/numerics/random.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { makeSplit } from '../../src/split/makeSplit.ts';

const context = { openSession, threads: 1, seed: 0 };

/** Random features under random labels, each photo twice: nothing can be learned but the twin. */
function twins(count: number, given?: 'train' | 'test') {
  const random = new Random(count);
  const single = Array.from({ length: count }, () => Array.from({ length: 16 }, () => random.normal()));
  const labels = Int32Array.from({ length: 2 * count }, (_, row) => (row >> 1) % 2);
  const data = Float32Array.from(single.flatMap((row) => [row, row]).flat());
  const problem = problemOf({ features: { rows: 2 * count, columns: 16, data } }, { labels, classes: ['a', 'b'] });
  const ids = Array.from(labels, (_, row) => `${row}`.padStart(6, '0'));
  const input = {
    labels,
    classes: ['a', 'b'],
    groups: labels.map((_, row) => row >> 1),
    ids,
    given: ids.map((_, row) => (given && row < 20 ? ('test' as const) : given)),
    seed: 0,
    photoWeights: new Float32Array(2 * count).fill(1),
  };
  return { problem, input };
}

const chosen = { head: knn, settings: { k: 1 } };

describe('the accuracy that a random split would print', () => {
  it.each([60, 500])('finds the twins that an honest split keeps away (%i pairs)', async (count) => {
    const { problem, input } = twins(count);
    const split = makeSplit(input);
    const torn = await measureWithoutGroups(accuracy, chosen, problem, split, input, context);
    expect(torn?.value).toBeGreaterThan(0.75);
    expect(torn?.low).toBeLessThan(torn?.value ?? 0);
  });

  it('is not given where there are no groups, or where the parts are the own ones of the set', async () => {
    const { problem, input } = twins(60);
    const alone = { ...input, groups: Int32Array.from(input.labels.keys()) };
    expect(await measureWithoutGroups(accuracy, chosen, problem, makeSplit(alone), alone, context)).toBeUndefined();
    const own = twins(60, 'train');
    expect(
      await measureWithoutGroups(accuracy, chosen, own.problem, makeSplit(own.input), own.input, context),
    ).toBeUndefined();
  });
});
