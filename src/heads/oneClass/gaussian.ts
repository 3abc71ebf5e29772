/** Mahalanobis distance with covariance shrinkage. */

import { covarianceOf, shrunk } from '../../numerics/covariance.ts';
import { inverseCholesky } from '../../numerics/inverseCholesky.ts';
import { rowSquares } from '../distances.ts';
import type { OneClassHead } from './oneClassHead.ts';

export type GaussianSettings = {
  /** Share of the covariance that is replaced by a round one; `auto` is Ledoit and Wolf's. */
  readonly shrinkage: 'auto' | number;
};

export interface Gaussian {
  /** [width] */
  readonly mean: Float32Array;
  /** [width, width], lower triangular: makes the normal photos round, with variance 1 in every direction. */
  readonly whitening: Float32Array;
}

/**
 * Mahalanobis distance from the mean of the normal photos, with the covariance shrunk as Ledoit and Wolf 2004 have it
 * ("A well-conditioned estimator for large-dimensional covariance matrices"), so that it can be inverted with fewer
 * photos than features. The score is the distance; scikit-learn's `mahalanobis` is its square.
 */
export const gaussian: OneClassHead<GaussianSettings, Gaussian> = {
  name: 'gaussian',
  needs: 'pooled',
  defaults: { shrinkage: 'auto' },
  async fit({ features }, rows, { shrinkage }, context) {
    const { mean, covariance, ledoitWolf } = await covarianceOf(features, rows, context);
    const width = mean.length;
    const matrix = shrunk(covariance, width, shrinkage === 'auto' ? ledoitWolf : shrinkage);
    const { inverse: whitening } = await inverseCholesky(matrix, width, context);
    return { mean: Float32Array.from(mean), whitening: Float32Array.from(whitening) };
  },
  toGraph({ mean, whitening }, g, [features]) {
    const width = mean.length;
    const x = g.node('Sub', [features, g.floats(mean)]);
    const round = g.node('Gemm', [x, g.floats(whitening, [width, width])], { transB: 1 });
    return { score: g.node('Sqrt', [g.node('Squeeze', [rowSquares(g, round), g.ints([1])])]) };
  },
};
