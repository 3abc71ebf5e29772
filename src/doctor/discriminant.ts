/** Linear discriminant analysis, out of fold: what photos look like to a model that has not seen them. */

import { cholesky, invertLower } from '../numerics/cholesky.ts';
import type { Matrix } from '../runtime/platform.ts';

/** How far the scatter within classes is shrunk towards that of a ball. */
const shrinkage = 0.2;

/**
 * Each photo's logits by linear discriminant analysis (one Gaussian a class with a common covariance, shrunk) on the photos of
 * all other folds. It is in closed form: a fold's model is what all photos add up to, less its own, so that 50,000 photos take
 * seconds, and it ranks wrong labels better than logistic regression does (docs/measurements.md).
 * @param features [N, D], few dimensions: principal components
 * @param fold [N] of each photo, 0 .. folds - 1; -1: neither learned from nor judged
 * @returns [N, classes]; not numbers where no other photo of its class could be learned from
 */
export function outOfFold(
  features: Matrix,
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  folds: number,
): Matrix {
  const { rows } = features;
  const modelFor = foldModels(features, labels, classes, fold, folds);
  const data = new Float32Array(rows * classes).fill(Number.NaN);
  const members = Array.from({ length: folds }, (): number[] => []);
  for (const [row, k] of fold.entries()) members[k]?.push(row);
  const logits = new Float64Array(classes);
  for (const [k, held] of members.entries()) {
    if (held.length === 0) continue;
    const model = modelFor(k);
    for (const row of held) {
      if (model.counts[labels[row]] === 0) continue;
      logitsOf(features, row, model, logits);
      data.set(logits, row * classes);
    }
  }
  return { rows, columns: classes, data };
}

/** From a fold to the model of all others; from a fold that there is not to that of all photos. */
export function foldModels(
  features: Matrix,
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  folds: number,
): (held: number) => Discriminant {
  const sums = foldSums(features, labels, classes, fold, folds);
  return (held) => modelWithout(sums, held, classes, features.columns);
}

/** For each fold: photos and sums of each class, and the products of all its features (lower triangle). */
interface FoldSums {
  readonly counts: readonly Float64Array[];
  readonly means: readonly Float64Array[];
  readonly products: readonly Float64Array[];
}

function foldSums(
  { columns, data }: Matrix,
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  folds: number,
): FoldSums {
  const each = (length: number) => Array.from({ length: folds }, () => new Float64Array(length));
  const sums = { counts: each(classes), means: each(classes * columns), products: each(columns * columns) };
  for (const [row, k] of fold.entries()) {
    if (k < 0) continue;
    const [means, products] = [sums.means[k], sums.products[k]];
    sums.counts[k][labels[row]]++;
    const from = row * columns;
    const mean = labels[row] * columns;
    for (let i = 0; i < columns; i++) {
      const value = data[from + i];
      means[mean + i] += value;
      for (let j = 0, at = i * columns; j <= i; j++, at++) products[at] += value * data[from + j];
    }
  }
  return sums;
}

export interface Discriminant {
  readonly counts: Float64Array;
  /** [C, D] and [C]: a photo's logits are weights x + bias. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** The model of all folds but one. */
function modelWithout(sums: FoldSums, held: number, classes: number, columns: number): Discriminant {
  const total = (parts: readonly Float64Array[]) => {
    const sum = new Float64Array(parts[0].length);
    for (const [k, part] of parts.entries()) if (k !== held) for (let i = 0; i < sum.length; i++) sum[i] += part[i];
    return sum;
  };
  const [counts, means, scatter] = [total(sums.counts), total(sums.means), total(sums.products)];
  const photos = counts.reduce((sum, count) => sum + count, 0);
  for (let c = 0; c < classes; c++)
    if (counts[c] > 0) for (let d = c * columns; d < (c + 1) * columns; d++) means[d] /= counts[c];
  for (let i = 0; i < columns; i++)
    for (let j = 0; j <= i; j++) {
      let between = 0;
      for (let c = 0; c < classes; c++) between += counts[c] * means[c * columns + i] * means[c * columns + j];
      scatter[i * columns + j] = (scatter[i * columns + j] - between) / photos;
    }
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += scatter[i * columns + i];
  // Where classes do not vary at all, any distance is infinitely far: a little variance keeps figures finite.
  const ball = Math.max(trace / columns, 1e-9);
  for (let i = 0; i < columns; i++)
    for (let j = 0; j <= i; j++)
      scatter[i * columns + j] = (1 - shrinkage) * scatter[i * columns + j] + (i === j ? shrinkage * ball : 0);
  const inverse = invertLower(cholesky(scatter, columns), columns);
  const weights = new Float64Array(classes * columns);
  const bias = new Float64Array(classes);
  const white = new Float64Array(columns);
  for (let c = 0; c < classes; c++) {
    const at = c * columns;
    if (counts[c] === 0) {
      bias[c] = Number.NEGATIVE_INFINITY;
      continue;
    }
    let square = 0;
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverse[i * columns + j] * means[at + j];
      white[i] = sum;
      square += sum * sum;
    }
    for (let i = 0; i < columns; i++)
      for (let j = 0; j <= i; j++) weights[at + j] += inverse[i * columns + j] * white[i];
    bias[c] = Math.log(counts[c] / photos) - square / 2;
  }
  return { counts, weights, bias };
}

/** A photo's logits: log-probabilities, but for a constant. */
export function logitsOf(
  { columns, data }: Matrix,
  row: number,
  { weights, bias }: Discriminant,
  logits: Float64Array,
): void {
  const from = row * columns;
  for (let c = 0, at = 0; c < logits.length; c++) {
    let sum = bias[c];
    for (let d = 0; d < columns; d++, at++) sum += weights[at] * data[from + d];
    logits[c] = sum;
  }
}
