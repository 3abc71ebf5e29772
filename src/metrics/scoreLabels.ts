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
 * Mean log-loss and accuracy of calibrated multi-label logits, over photos and labels.
 * @param rows the photos that count
 */
export function scoreLabels(
  logits: Pick<Matrix, 'columns' | 'data'>,
  truth: Uint8Array,
  rows: Int32Array,
  weights: Float32Array,
): { logLoss: number; accuracy: number } {
  const rowWeights = Float32Array.from(rows, (row) => weights[row]);
  let loss = 0;
  let right = 0;
  let total = 0;
  for (let label = 0; label < logits.columns; label++) {
    const column = classColumn(logits, truth, rows, label);
    const { scale, shift } = fitPlatt(column.logits, column.truth, rowWeights);
    for (const [i, logit] of column.logits.entries()) {
      const value = scale * logit + shift;
      loss += rowWeights[i] * (softplus(value) - column.truth[i] * value);
      right += rowWeights[i] * Number(value > 0 === (column.truth[i] === 1));
      total += rowWeights[i];
    }
  }
  return { logLoss: loss / total, accuracy: right / total };
}
