/** Log-loss and accuracy of calibrated multi-label answers. */

import { fitPlatt, softplus } from '../numerics/platt.ts';
import type { Matrix } from '../runtime/platform.ts';

/** One class's column: logits, and whether each row has the class. */
export function classColumn(
  { columns, data }: Pick<Matrix, 'columns' | 'data'>,
  truth: Uint8Array,
  rows: Int32Array,
  label: number,
): { logits: Float32Array; truth: Uint8Array } {
  return {
    logits: Float32Array.from(rows, (row) => data[row * columns + label]),
    truth: Uint8Array.from(rows, (row) => truth[row * columns + label]),
  };
}

/**
 * [R] Log-loss of each photo, the mean over its labels, and the share of its labels that are right; calibrated on these
 * photos (Platt).
 * @param rows the photos that count
 */
export function labelLosses(
  logits: Pick<Matrix, 'columns' | 'data'>,
  truth: Uint8Array,
  rows: Int32Array,
  weights: Float32Array,
): { losses: Float64Array; right: Float64Array } {
  const { columns } = logits;
  const rowWeights = Float32Array.from(rows, (row) => weights[row]);
  const losses = new Float64Array(rows.length);
  const right = new Float64Array(rows.length);
  for (let label = 0; label < columns; label++) {
    const column = classColumn(logits, truth, rows, label);
    const { scale, shift } = fitPlatt(column.logits, column.truth, rowWeights);
    for (const [i, logit] of column.logits.entries()) {
      const value = scale * logit + shift;
      losses[i] += (softplus(value) - column.truth[i] * value) / columns;
      right[i] += Number(value > 0 === (column.truth[i] === 1)) / columns;
    }
  }
  return { losses, right };
}

/**
 * Mean log-loss and accuracy of calibrated multi-label logits, over photos and labels.
 * @param rows the photos that count
 */
export function scoreLabels(
  logits: Pick<Matrix, 'columns' | 'data'>,
  truth: Uint8Array,
  rows: Int32Array,
  weights: Float32Array,
): { logLoss: number; accuracy: number } {
  const { losses, right } = labelLosses(logits, truth, rows, weights);
  let [loss, hits, total] = [0, 0, 0];
  for (const [i, row] of rows.entries()) {
    loss += weights[row] * losses[i];
    hits += weights[row] * right[i];
    total += weights[row];
  }
  return { logLoss: loss / total, accuracy: hits / total };
}
