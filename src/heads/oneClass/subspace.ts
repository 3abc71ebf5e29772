import { principalComponents } from '../../numerics/pca.ts';
import { Random } from '../../numerics/random.ts';
import { directionNodes, directionsOf } from '../direction.ts';
import { rowSquares } from '../distances.ts';
import type { OneClassHead } from './oneClassHead.ts';

export type SubspaceSettings = {
  /** Directions that get a variance of their own; the others share one. */
  readonly rank: number;
};

export interface Subspace {
  /** Mean direction, [width]. */
  readonly mean: Float32Array;
  /** [rank, width]: principal directions, each times the root of how much less it counts than the others. */
  readonly discount: Float32Array;
  /** One over the variance that all other directions share. */
  readonly precision: number;
}

/** Photos by which directions are found at most: more change nothing, and a copy of all might not fit. */
const mostPhotos = 2048;
/** Share of each variance that is replaced by their mean, about what Ledoit and Wolf find for pooled features. */
const shrinkage = 0.1;

/**
 * Mahalanobis distance between directions of features, with a covariance of low rank: principal components have
 * variances of their own, all other directions one in common (as probabilistic PCA; Tipping and Bishop 1999). A small
 * file and a fit of some milliseconds, for what every classifier carries along.
 */
export const subspace: OneClassHead<SubspaceSettings, Subspace> = {
  name: 'subspace',
  needs: 'pooled',
  defaults: { rank: 32 },
  async fit({ features }, rows, { rank }, { openSession, threads, seed, signal }) {
    signal?.throwIfAborted();
    const { columns } = features;
    const taken = new Random(`${seed}/subspace`).shuffle(rows.slice()).subarray(0, mostPhotos).sort();
    const data = directionsOf(features, [...taken], new Float32Array(columns));
    const options = { openSession, threads, seed, passes: 2 };
    const { mean, components, variances } = await principalComponents(
      { rows: taken.length, columns, data },
      rank,
      options,
    );
    let total = 0;
    for (let at = 0; at < data.length; at++) total += (data[at] - mean[at % columns]) ** 2 / taken.length;
    const average = total / columns || 1;
    const own = variances.reduce((sum, value) => sum + value, 0);
    const rest = Math.max(0, total - own) / Math.max(1, columns - variances.length);
    const shared = (1 - shrinkage) * Math.min(rest, average) + shrinkage * average;
    const discount = Float32Array.from(components, (value, at) => {
      const variance = (1 - shrinkage) * variances[Math.floor(at / columns)] + shrinkage * average;
      return value * Math.sqrt(Math.max(0, 1 / shared - 1 / variance));
    });
    return { mean: Float32Array.from(mean), discount, precision: 1 / shared };
  },
  toGraph({ mean, discount, precision }, g, [features]) {
    const width = mean.length;
    const x = g.node('Sub', [directionNodes(g, features, new Float32Array(width)), g.floats(mean)]);
    const known = g.node('Gemm', [x, g.floats(discount, [discount.length / width, width])], { transB: 1 });
    const all = g.node('Mul', [rowSquares(g, x), g.floats(precision)]);
    const left = g.node('Relu', [g.node('Sub', [all, rowSquares(g, known)])]);
    return { score: g.node('Sqrt', [g.node('Squeeze', [left, g.ints([1])])]) };
  },
};
