/** Temperature scaling. */

import type { Matrix } from '../runtime/platform.ts';

const hottest = 100;
const coldest = 0.01;

/**
 * The temperature T for which softmax(logits / T) explains the labels best: least weighted log-loss, 0.01 to 100
 * (Guo et al. 2017, "On Calibration of Modern Neural Networks").
 *
 * The log-loss is convex in b = 1/T, with slope sum w (E_p[z] - z_label) and curvature sum w Var_p[z]; its zero is
 * found by Newton's steps inside a shrinking bracket. As in Platt (1999), the target leaves a little room for error:
 * one more photo than there are, whose label is anyone's guess. So photos that are all classified correctly do not drive T
 * to nothing; with many photos the difference vanishes. No photos at all: 1.
 *
 * @param logits [N, classes], of photos that were not trained on
 * @param labels class of each row
 * @param weights weight of each row, 1 unless given
 * @param start where to begin: what suits nearly the same photos is found sooner
 */
export function fitTemperature(logits: Matrix, labels: Int32Array, weights?: Float32Array, start = 1): number {
  if (logits.rows === 0) return 1;
  const guess = 1 / (logits.rows + 1);
  let low = 1 / hottest;
  let high = 1 / coldest;
  let inverse = 1 / start;
  for (let step = 0; step < 100; step++) {
    const { slope, curvature } = derivatives(logits, labels, weights, guess, inverse);
    if (slope < 0) low = inverse;
    else if (slope > 0) high = inverse;
    else break;
    const newton = inverse - slope / curvature;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - inverse) <= 1e-10 * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}

function derivatives(
  { rows, columns, data }: Matrix,
  labels: Int32Array,
  weights: Float32Array | undefined,
  guess: number,
  inverse: number,
): { slope: number; curvature: number } {
  let slope = 0;
  let curvature = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < columns; c++) top = Math.max(top, data[start + c]);
    // Moments of z - top under p; the shift cancels in slope and curvature.
    let mass = 0;
    let first = 0;
    let second = 0;
    let plain = 0;
    for (let c = 0; c < columns; c++) {
      const z = data[start + c] - top;
      const p = Math.exp(z * inverse);
      mass += p;
      first += p * z;
      second += p * z * z;
      plain += z;
    }
    const expected = first / mass;
    const target = (1 - guess) * (data[start + labels[row]] - top) + (guess * plain) / columns;
    const weight = weights?.[row] ?? 1;
    slope += weight * (expected - target);
    curvature += weight * (second / mass - expected * expected);
  }
  return { slope, curvature };
}
