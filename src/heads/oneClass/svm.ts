/** One-class support vector machine. */

import { oneClassDual } from '../../numerics/oneClassDual.ts';
import { resident } from '../../numerics/rows.ts';
import type { Matrix } from '../../runtime/platform.ts';
import { centreOf } from '../direction.ts';
import { squaredDistanceNodes } from '../distances.ts';
import { type OneClassHead, usualMemory } from './oneClassHead.ts';

export type OneClassSvmSettings = {
  /** nu: upper bound on the share of normal photos outside, lower bound on the share of support vectors. */
  readonly nu: number;
  /** Times 1 / (D times the variance of all feature values): scikit-learn's gamma='scale'. */
  readonly gamma: number;
};

export interface OneClassSvm {
  /** [width] */
  readonly centre: Float32Array;
  /** Support vectors less the centre, [count, width], and their weights. */
  readonly vectors: Float32Array;
  readonly weights: Float32Array;
  readonly gamma: number;
  /** The score is rho - sum_i weights_i k(x, v_i): minus scikit-learn's decision value. */
  readonly rho: number;
}

/**
 * nu-one-class support vector machine with the kernel exp(-gamma |x - y|^2) (Schoelkopf et al. 2001, "Estimating the
 * support of a high-dimensional distribution"). Scores above 0 lie outside.
 */
export const svm: OneClassHead<OneClassSvmSettings, OneClassSvm> = {
  name: 'svm',
  needs: 'pooled',
  defaults: { nu: 0.1, gamma: 1 },
  async fit({ features: stored }, rows, { nu, gamma: relative }, { memoryLimit = usualMemory, signal }) {
    const features = resident(stored);
    const { columns, data } = features;
    const gamma = relative / (columns * (varianceOf(features, rows) || 1 / columns));
    const squaredDistance = (i: number, j: number): number => {
      let sum = 0;
      for (let a = rows[i] * columns, b = rows[j] * columns, end = a + columns; a < end; a++, b++)
        sum += (data[a] - data[b]) ** 2;
      return sum;
    };
    const kernel = (i: number, j: number) => Math.exp(-gamma * squaredDistance(i, j));
    const { alpha, rho } = oneClassDual(rows.length, kernel, nu, { memoryLimit, signal });
    const used = new Uint8Array(features.rows);
    for (const row of rows) used[row] = 1;
    const centre = centreOf(features, used);
    const support = [...alpha.keys()].filter((i) => alpha[i] > 0);
    const vectors = new Float32Array(support.length * columns);
    for (const [k, i] of support.entries())
      for (let d = 0; d < columns; d++) vectors[k * columns + d] = data[rows[i] * columns + d] - centre[d];
    return { centre, vectors, weights: Float32Array.from(support, (i) => alpha[i]), gamma, rho };
  },
  toGraph({ centre, vectors, weights, gamma, rho }, g, [features]) {
    const x = g.node('Sub', [features, g.floats(centre)]);
    const squares = squaredDistanceNodes(g, x, vectors, weights.length);
    const kernels = g.node('Exp', [g.node('Mul', [squares, g.floats(-gamma)])]);
    const sum = g.node('MatMul', [kernels, g.floats(weights)]);
    return { score: g.node('Sub', [g.floats(rho), sum]) };
  },
};

/** Variance of all values of the named rows, whatever the column. */
function varianceOf({ columns, data }: Matrix, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) for (let at = row * columns; at < (row + 1) * columns; at++) sum += data[at];
  const centre = sum / (rows.length * columns);
  let squares = 0;
  for (const row of rows)
    for (let at = row * columns; at < (row + 1) * columns; at++) squares += (data[at] - centre) ** 2;
  return squares / (rows.length * columns);
}
