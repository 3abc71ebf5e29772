/** How well features separate classes. */

import { cholesky, solveLower } from '../numerics/cholesky.ts';
import type { Matrix } from '../runtime/platform.ts';

/** Shares of the mean diagonal of the kernel that are tried as ridge. */
const ridges = [1e-3, 1e-2, 1e-1, 1];

/**
 * Which photos get a wrong class from all other photos, by regularised least squares, one target of +1 and -1 for each
 * class. The leave-one-out prediction of photo i is y_i - c_i / G_ii with G = (K + ridge I)^-1 and c = G y (Rifkin and
 * Lippert, "Notes on regularized least squares", MIT 2007), so one factor serves all photos and classes. K is the
 * kernel of standardised features; the ridge is the one with the smallest leave-one-out error.
 * Time O(n^3 + n^2 D), memory O(n^2) for n photos of D features: meant for some hundred photos.
 */
export function looErrors(features: Matrix, labels: Int32Array): boolean[] {
  const kernel = standardisedKernel(features);
  let best: { error: number; isWrong: boolean[] } | undefined;
  for (const ridge of ridges) {
    const result = predict(inverseFactor(kernel, features.rows, ridge), labels);
    if (!best || result.error < best.error) best = result;
  }
  return best?.isWrong ?? [];
}

/** `u` [n, n] is the inverse of the lower factor: G = u' u. */
function predict(u: Float64Array, labels: Int32Array) {
  const n = labels.length;
  const at = (row: number, column: number): number => u[row * n + column] ?? 0;
  const diagonal = Float64Array.from(labels, (_, i) => {
    let sum = 0;
    for (let k = i; k < n; k++) sum += at(k, i) ** 2;
    return sum;
  });
  const top = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const named = new Int32Array(n);
  let error = 0;
  for (const label of [...new Set(labels)].sort((a, b) => a - b)) {
    const target = Float64Array.from(labels, (of) => (of === label ? 1 : -1));
    const half = target.map((_, row) => target.reduce((sum, y, k) => (k <= row ? sum + at(row, k) * y : sum), 0));
    for (let i = 0; i < n; i++) {
      let weight = 0;
      for (let k = i; k < n; k++) weight += at(k, i) * (half[k] ?? 0);
      const residual = weight / (diagonal[i] ?? 1);
      const predicted = (target[i] ?? 0) - residual;
      error += residual ** 2;
      if (predicted > (top[i] ?? 0)) {
        top[i] = predicted;
        named[i] = label;
      }
    }
  }
  return { error, isWrong: Array.from(labels, (label, i) => label !== named[i]) };
}

/** X X' / D of features with mean 0 and variance 1 (those that do not vary are left out), with 1 for the intercept. */
function standardisedKernel({ rows, columns, data }: Matrix): Float64Array {
  const scaled = new Float64Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += data[row * columns + column] ?? 0;
    const mean = sum / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += ((data[row * columns + column] ?? 0) - mean) ** 2;
    const deviation = Math.sqrt(squares / rows);
    if (!(deviation > 1e-12)) continue;
    for (let row = 0; row < rows; row++)
      scaled[row * columns + column] = ((data[row * columns + column] ?? 0) - mean) / deviation;
  }
  const kernel = new Float64Array(rows * rows);
  for (let row = 0; row < rows; row++)
    for (let other = 0; other <= row; other++) {
      let product = 0;
      for (let column = 0; column < columns; column++)
        product += (scaled[row * columns + column] ?? 0) * (scaled[other * columns + column] ?? 0);
      kernel[row * rows + other] = product / columns + 1;
      kernel[other * rows + row] = product / columns + 1;
    }
  return kernel;
}

/** The inverse of L, lower triangular, where L L' is the kernel with a share of its mean diagonal as ridge. */
function inverseFactor(kernel: Float64Array, n: number, share: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += kernel[i * n + i] ?? 0;
  const ridged = kernel.slice();
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    ridged[i * n + i] = (ridged[i * n + i] ?? 0) + (share * trace) / n;
    identity[i * n + i] = 1;
  }
  return solveLower(cholesky(ridged, n), n, identity);
}
