/** Temperature and a bias a class, with a ridge. */

import type { Matrix } from '../runtime/platform.ts';
import { minimise } from './lbfgs.ts';

/** Logits z become the probabilities softmax(z / temperature + bias). */
export interface Biases {
  readonly temperature: number;
  /** [classes]; sums to 0. */
  readonly bias: Float64Array;
}

/** Of 1, 2, 4, 8 and 16 the best on average over few photos, many, and classes of unlike sizes (`bench/calibration.mjs`). */
const usualRidge = 2;
/** As for the temperature: beyond it the fit has lost its way. */
const [coldest, hottest] = [0.01, 100];

/**
 * The temperature and one bias a class under which logits explain the labels best: least log-loss, summed over the photos,
 * plus the sum of the squared biases (a ridge of 2: as if each bias were drawn from a normal of variance 1/2, so that few
 * photos of a class move it little). The labels leave the same room for error as for the temperature alone
 * (temperature.ts). Convex, by L-BFGS.
 *
 * @param logits [N, classes], of photos that were not trained on
 * @param labels class of each row
 * @param start the temperature alone, or a solution for nearly the same photos
 * @returns undefined where the logits rank the classes the wrong way round, so that no temperature suits them
 */
export async function fitBiases(
  logits: Matrix,
  labels: Int32Array,
  start: Biases,
  ridge = usualRidge,
): Promise<Biases | undefined> {
  const { columns } = logits;
  // In units of the temperature to start from, so that all parameters are of a size.
  const first = new Float64Array(columns + 1);
  first[0] = 1;
  first.set(start.bias, 1);
  const [{ parameters }] = await minimise(
    [first],
    async (_, points) =>
      points.map((point) => evaluation(logits, labels, { unit: 1 / start.temperature, ridge }, point)),
    // Log-losses that differ by a millionth are the same.
    { gradientTolerance: 1e-4, lossTolerance: 1e-6 },
  );
  const temperature = start.temperature / parameters[0];
  if (!(temperature >= coldest && temperature <= hottest)) return undefined;
  return { temperature, bias: parameters.slice(1) };
}

/** Loss and gradient, both by the photo, at [inverse temperature, ...biases]. */
function evaluation(
  { rows, columns, data }: Matrix,
  labels: Int32Array,
  { unit, ridge }: { readonly unit: number; readonly ridge: number },
  parameters: Float64Array,
): { loss: number; gradient: Float64Array } {
  const guess = 1 / (rows + 1);
  const inverse = unit * parameters[0];
  const gradient = new Float64Array(columns + 1);
  const odds = new Float64Array(columns);
  let loss = 0;
  for (let row = 0, start = 0; row < rows; row++, start += columns) {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < columns; c++) {
      odds[c] = inverse * data[start + c] + parameters[c + 1];
      if (odds[c] > top) top = odds[c];
    }
    let mass = 0;
    let plain = 0;
    for (let c = 0; c < columns; c++) {
      plain += odds[c];
      const e = Math.exp(odds[c] - top);
      mass += e;
      // From here on what it was before: the logarithm is no longer needed.
      odds[c] = e;
    }
    const label = labels[row];
    const own = inverse * data[start + label] + parameters[label + 1];
    loss += top + Math.log(mass) - (1 - guess) * own - (guess / columns) * plain;
    let slope = 0;
    for (let c = 0; c < columns; c++) {
      const less = odds[c] / mass - guess / columns - (c === label ? 1 - guess : 0);
      gradient[c + 1] += less;
      slope += less * data[start + c];
    }
    gradient[0] += slope * unit;
  }
  for (let c = 1; c <= columns; c++) {
    loss += (ridge * parameters[c] ** 2) / 2;
    gradient[c] += ridge * parameters[c];
  }
  for (let c = 0; c <= columns; c++) gradient[c] /= rows;
  return { loss: loss / rows, gradient };
}
