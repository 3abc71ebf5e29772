/** Mahalanobis distance with covariance shrinkage. */

import { covarianceOf, rowProductsOf, shrunk } from '../../numerics/covariance.ts';
import { inverseCholesky } from '../../numerics/inverseCholesky.ts';
import type { Rows } from '../../numerics/rows.ts';
import { throughLayer } from '../bottleneck.ts';
import { rowSquares } from '../distances.ts';
import type { OneClassContext, OneClassHead } from './oneClassHead.ts';

export type GaussianSettings = {
  /** Share of the covariance that is replaced by a round one; `auto` is Ledoit and Wolf's. */
  readonly shrinkage: 'auto' | number;
};

export interface Gaussian {
  /** [width] */
  readonly mean: Float32Array;
  /** [k, width]: of the features less the mean, the squared length of what it gives is the squared distance. */
  readonly whitening: Float32Array;
  /**
   * Of fewer photos than features: the variance that all directions share. The squared distance is then what the whitening
   * leaves of the features' squared length, over this.
   */
  readonly shared?: number | undefined;
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
    const few = rows.length < features.columns && (await fewPhotos(features, rows, shrinkage, context));
    if (few) return few;
    const { mean, covariance, ledoitWolf } = await covarianceOf(features, rows, context);
    const width = mean.length;
    const matrix = shrunk(covariance, width, shrinkage === 'auto' ? ledoitWolf : shrinkage);
    const { inverse: whitening } = await inverseCholesky(matrix, width, context);
    return { mean: Float32Array.from(mean), whitening: Float32Array.from(whitening) };
  },
  toGraph({ mean, whitening, shared }, g, [features]) {
    const width = mean.length;
    const x = g.node('Sub', [features, g.floats(mean)]);
    const round = g.node('Gemm', [x, g.floats(whitening, [whitening.length / width, width])], { transB: 1 });
    const inside = rowSquares(g, round);
    const square =
      shared === undefined
        ? inside
        : g.node('Div', [g.node('Relu', [g.node('Sub', [rowSquares(g, x), inside])]), g.floats(shared)]);
    return { score: g.node('Sqrt', [g.node('Squeeze', [square, g.ints([1])])]) };
  },
};

/**
 * The same of fewer photos X [n, D] than features, by their inner products alone: with the covariance c (I + a X^T X), the
 * squared distance is (|x|^2 - |B x|^2) / c, where B = a^1/2 R^-1 X and R R^T = I + a X X^T (Woodbury). A file has n rows of it.
 * @returns undefined where no direction outside the photos' span has a variance
 */
async function fewPhotos(
  features: Rows,
  rows: Int32Array,
  shrinkage: GaussianSettings['shrinkage'],
  context: OneClassContext,
): Promise<Gaussian | undefined> {
  const { mean, centred, products, variance, ledoitWolf } = await rowProductsOf(features, rows, context);
  const share = shrinkage === 'auto' ? ledoitWolf : shrinkage;
  const n = rows.length;
  const shared = share * variance;
  if (!(shared > 0)) return undefined;
  const a = (1 - share) / (n * shared);
  const round = products.map((value, at) => a * value + Number(at % (n + 1) === 0));
  const { inverse } = await inverseCholesky(round, n, context);
  const weights = Float32Array.from(inverse, (value) => Math.sqrt(a) * value);
  const transposed = new Float32Array(centred.length);
  const width = features.columns;
  for (let i = 0; i < n; i++) for (let d = 0; d < width; d++) transposed[d * n + i] = centred[i * width + d];
  const layer = { weights: transposed, bias: new Float32Array(width), inputs: n, outputs: width };
  const whitening = await throughLayer(layer, { rows: n, columns: n, data: weights }, context);
  return { mean: Float32Array.from(mean), whitening: whitening.data, shared };
}
