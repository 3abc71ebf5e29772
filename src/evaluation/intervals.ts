import { Random } from '../numerics/random.ts';
import { mean, normalQuantile, quantile, studentQuantile, variance } from '../numerics/statistics.ts';
import type { Interval } from './evaluation.ts';

/** All intervals are two-sided, 95%. */
const tail = 0.975;
const resamples = 2000;

/** Wilson's score interval (1927) for a share of `total` independent photos. */
export function wilson(right: number, total: number): Interval {
  if (total === 0) return { value: 0, low: 0, high: 1 };
  const z = normalQuantile(tail);
  const share = right / total;
  const centre = (share + (z * z) / (2 * total)) / (1 + (z * z) / total);
  const half = (z / (1 + (z * z) / total)) * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  return { value: share, low: right === 0 ? 0 : centre - half, high: right === total ? 1 : centre + half };
}

/** Rows by their group. */
export function blocksOf(groups: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const known = members.get(group);
    if (known) known.push(row);
    else members.set(group, [row]);
  });
  return [...members.values()];
}

/**
 * Percentile bootstrap over groups: whole groups are drawn with replacement, and the figure is taken of their photos.
 * @param groups group of each row
 * @param figure of the given rows, each as often as its group was drawn; NaN where these rows do not define it
 */
export function groupBootstrap(groups: Int32Array, figure: (rows: Int32Array) => number, seed: number): Interval {
  const blocks = blocksOf(groups);
  const random = new Random(`${seed}/bootstrap`);
  const values: number[] = [];
  for (let sample = 0; sample < resamples; sample++) {
    const drawn = blocks.map(() => blocks[random.int(blocks.length)]);
    const rows = new Int32Array(drawn.reduce((sum, block) => sum + block.length, 0));
    let at = 0;
    for (const block of drawn) for (const row of block) rows[at++] = row;
    const value = figure(rows);
    if (Number.isFinite(value)) values.push(value);
  }
  return {
    value: figure(Int32Array.from(groups.keys())),
    low: quantile(values, 1 - tail),
    high: quantile(values, tail),
  };
}

/**
 * Interval of a mean over J folds, where the training parts overlap: variance (1/J + test/train) s², Student's t with
 * J - 1 degrees of freedom (Nadeau and Bengio 2003, "Inference for the Generalization Error").
 * @param figures one a fold, over all repeats
 * @param testToTrain photos tested on to photos trained on, in a fold: 1 / (K - 1) for K folds
 */
export function correctedFolds(figures: readonly number[], testToTrain: number): Interval {
  const value = mean(figures);
  if (figures.length < 2) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const error = Math.sqrt((1 / figures.length + testToTrain) * variance(figures));
  const half = studentQuantile(tail, figures.length - 1) * error;
  return { value, low: value - half, high: value + half };
}
