/** Logits to probabilities; log-loss. */

import type { Matrix } from '../runtime/platform.ts';

/** Class probabilities, [N, classes]: softmax of each row divided by its temperature (one for all, or one a row). */
export function softmaxRows({ rows, columns, data }: Matrix, temperature: number | Float32Array): Matrix {
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const z = data.subarray(row * columns, (row + 1) * columns);
    const heat = typeof temperature === 'number' ? temperature : temperature[row];
    const mass = logSumExp(z, heat);
    for (let c = 0; c < columns; c++) out[row * columns + c] = Math.exp(z[c] / heat - mass);
  }
  return { rows, columns, data: out };
}

/** Mean of -ln p(label), in nats; taken from the logits, so that it is finite however sure a wrong answer was. */
export function logLoss(
  { rows, columns, data }: Matrix,
  labels: Int32Array,
  temperature: number | Float32Array = 1,
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const z = data.subarray(row * columns, (row + 1) * columns);
    const heat = typeof temperature === 'number' ? temperature : temperature[row];
    sum += logSumExp(z, heat) - z[labels[row]] / heat;
  }
  return sum / rows;
}

/** [N] Probability of each row's label, as `softmaxRows` gives it. */
export function ownProbabilities(
  { rows, columns, data }: Matrix,
  labels: Int32Array,
  temperature: number,
): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => {
    const z = data.subarray(row * columns, (row + 1) * columns);
    return Math.exp(z[labels[row]] / temperature - logSumExp(z, temperature));
  });
}

function logSumExp(z: Float32Array, heat: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of z) top = Math.max(top, value);
  let mass = 0;
  for (const value of z) mass += Math.exp((value - top) / heat);
  return top / heat + Math.log(mass);
}
