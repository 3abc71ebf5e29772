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

/** Of some photos: how many are of each class and what they add up to, and the products of all features (lower triangle). */
interface Sums {
  readonly counts: Float64Array;
  readonly means: Float64Array;
  readonly products: Float64Array;
}

function noSums(classes: number, columns: number): Sums {
  return {
    counts: new Float64Array(classes),
    means: new Float64Array(classes * columns),
    products: new Float64Array(columns * columns),
  };
}

/** For each fold. */
function foldSums(
  { columns, data }: Matrix,
  labels: Int32Array,
  classes: number,
  fold: Int32Array,
  folds: number,
): readonly Sums[] {
  const each = Array.from({ length: folds }, () => noSums(classes, columns));
  const members = each.map((): number[] => []);
  for (const [row, k] of fold.entries()) {
    if (k < 0) continue;
    members[k].push(row);
    const { counts, means } = each[k];
    const [from, mean] = [row * columns, labels[row] * columns];
    counts[labels[row]]++;
    for (let i = 0; i < columns; i++) means[mean + i] += data[from + i];
  }
  for (const [k, rows] of members.entries()) addProducts(data, columns, rows, each[k].products);
  return each;
}

/** Adds the products of all features, of four rows at a time, so that the sums are read and written a quarter as often. */
function addProducts(data: Float32Array, columns: number, rows: readonly number[], products: Float64Array): void {
  const four = new Float64Array(4 * columns);
  for (let first = 0; first < rows.length; first += 4) {
    four.fill(0);
    for (const [k, row] of rows.slice(first, first + 4).entries())
      for (let i = 0; i < columns; i++) four[4 * i + k] = data[row * columns + i];
    for (let i = 0; i < columns; i++) {
      const [a, b, c, d] = [four[4 * i], four[4 * i + 1], four[4 * i + 2], four[4 * i + 3]];
      for (let j = 0, at = i * columns, own = 0; j <= i; j++, at++, own += 4)
        products[at] += a * four[own] + b * four[own + 1] + c * four[own + 2] + d * four[own + 3];
    }
  }
}

export interface Discriminant {
  readonly counts: Float64Array;
  /** [C, D] and [C]: a photo's logits are weights x + bias. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

/** The model of all folds but one: their sums are added up, since what one holds may be anything. */
function modelWithout(sums: readonly Sums[], held: number, classes: number, columns: number): Discriminant {
  const { counts, means, products: scatter } = noSums(classes, columns);
  for (const [k, own] of sums.entries()) {
    if (k === held) continue;
    addTo(counts, own.counts);
    addTo(means, own.means);
    addTo(scatter, own.products);
  }
  const photos = counts.reduce((sum, count) => sum + count, 0);
  for (let c = 0; c < classes; c++)
    if (counts[c] > 0) for (let d = c * columns; d < (c + 1) * columns; d++) means[d] /= counts[c];
  for (let i = 0; i < columns; i++) for (let j = 0, at = i * columns; j <= i; j++, at++) scatter[at] /= photos;
  for (let c = 0; c < classes; c++) {
    const [share, mean] = [counts[c] / photos, c * columns];
    for (let i = 0; i < columns; i++) {
      const value = share * means[mean + i];
      for (let j = 0, at = i * columns; j <= i; j++, at++) scatter[at] -= value * means[mean + j];
    }
  }
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += scatter[i * columns + i];
  // Where classes do not vary at all, any distance is infinitely far: a little variance keeps figures finite.
  const ball = Math.max(trace / columns, 1e-9);
  for (let at = 0; at < scatter.length; at++) scatter[at] *= 1 - shrinkage;
  for (let i = 0; i < columns; i++) scatter[i * columns + i] += shrinkage * ball;
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

function addTo(total: Float64Array, values: Float64Array): void {
  for (let i = 0; i < total.length; i++) total[i] += values[i];
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
