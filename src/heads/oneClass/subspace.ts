/** Low-rank Mahalanobis distance (probabilistic PCA): the out-of-distribution score of every classifier. */

import { principalComponents } from '../../numerics/pca.ts';
import { Random } from '../../numerics/random.ts';
import type { StoredFloats } from '../../onnx/storedFloats.ts';
import { directionNodes, directionsOf } from '../direction.ts';
import { rowSquares } from '../distances.ts';
import type { OneClassHead } from './oneClassHead.ts';

export type SubspaceSettings = {
  /** Directions that get a variance of their own; the others share one. */
  readonly rank: number;
};

export interface Subspace {
  /** Where known photos lie: first those that it was fitted on, then those that were added. */
  readonly regions: readonly Region[];
  /** [rank, width]: principal directions, each times the root of how much less it counts than the others. */
  readonly discount: Float32Array;
  /** One over the variance that all other directions share. */
  readonly precision: number;
}

export interface Region {
  /** Mean direction, [width]. */
  readonly mean: Float32Array;
  /** Distances from it are divided by this. */
  readonly scale: number;
}

/** What the fitted head is called in a graph: from these it is read back. */
const stems = {
  mean: 'subspace_mean',
  scale: 'subspace_scale',
  discount: 'subspace_discount',
  precision: 'subspace_precision',
};

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
    for (let row = 0, at = 0; row < taken.length; row++)
      for (let d = 0; d < columns; d++, at++) total += (data[at] - mean[d]) ** 2;
    total /= taken.length;
    const average = total / columns || 1;
    const own = variances.reduce((sum, value) => sum + value, 0);
    const rest = Math.max(0, total - own) / Math.max(1, columns - variances.length);
    const shared = (1 - shrinkage) * Math.min(rest, average) + shrinkage * average;
    const discount = new Float32Array(components.length);
    for (const [k, found] of variances.entries()) {
      const variance = (1 - shrinkage) * found + shrinkage * average;
      const factor = Math.sqrt(Math.max(0, 1 / shared - 1 / variance));
      for (let at = k * columns; at < (k + 1) * columns; at++) discount[at] = components[at] * factor;
    }
    return { regions: [{ mean: Float32Array.from(mean), scale: 1 }], discount, precision: 1 / shared };
  },
  toGraph({ regions, discount, precision }, g, [features]) {
    const width = regions[0].mean.length;
    const directions = directionNodes(g, features, g.floats(new Float32Array(width)));
    const discounts = g.floats(discount, [discount.length / width, width], stems.discount);
    const factor = g.floats(precision, [], stems.precision);
    const distances = regions.map(({ mean, scale }) => {
      const x = g.node('Sub', [directions, g.floats(mean, [width], stems.mean)]);
      const known = g.node('Gemm', [x, discounts], { transB: 1 });
      const all = g.node('Mul', [rowSquares(g, x), factor]);
      const left = g.node('Relu', [g.node('Sub', [all, rowSquares(g, known)])]);
      const distance = g.node('Sqrt', [g.node('Squeeze', [left, g.ints([1])])]);
      return g.node('Div', [distance, g.floats(scale, [], stems.scale)]);
    });
    return { score: distances.length > 1 ? g.node('Min', distances) : distances[0] };
  },
};

/** The fitted head out of a graph that `toGraph` made; undefined where the graph does not hold it. */
export function readSubspace(stored: StoredFloats): Subspace | undefined {
  const [discount] = stored(stems.discount);
  const [precision] = stored(stems.precision);
  const scales = stored(stems.scale);
  const regions = stored(stems.mean).map(({ data }, i) => ({ mean: data, scale: scales[i]?.data[0] ?? 1 }));
  if (!discount || !precision || regions.length === 0) return undefined;
  return { regions, discount: discount.data, precision: precision.data[0] };
}
