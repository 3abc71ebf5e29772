/** Platt scaling and thresholds of each label. */

import * as z from 'zod/mini';
import { fitPlatt } from '../numerics/platt.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { LabelTargets } from '../sets/targets.ts';
import type { CalibrationData } from './outOfFold.ts';
import { classColumn } from './scoreLabels.ts';

/**
 * How logits of several yes or no questions become answers, an entry a class: the probability is
 * 1 / (1 + exp(-(scale logit + shift))), and the answer is yes from the threshold on.
 */
export const labelCalibration = z.object({
  scale: z.array(z.number()),
  shift: z.array(z.number()),
  thresholds: z.array(z.number()),
});
export type LabelCalibration = z.infer<typeof labelCalibration>;

/** Calibrates each label by Platt's method and gives it the threshold with the best F1. */
export function fitLabelCalibration({ logits, targets, rows }: CalibrationData<LabelTargets>): LabelCalibration {
  const each = Array.from({ length: logits.columns }, (_, label) => {
    const column = classColumn(logits, targets.truth, rows, label);
    const { scale, shift } = fitPlatt(column.logits, column.truth);
    const probabilities = column.logits.map((logit) => probabilityOf(logit, scale, shift));
    return { scale, shift, threshold: bestThreshold(probabilities, column.truth) };
  });
  return {
    scale: each.map(({ scale }) => scale),
    shift: each.map(({ shift }) => shift),
    thresholds: each.map(({ threshold }) => threshold),
  };
}

/** Probabilities [N, classes] with one calibration for all rows, or one a row. */
export function labelProbabilities(
  { rows, columns, data }: Matrix,
  calibration: LabelCalibration | readonly LabelCalibration[],
): Matrix {
  const out = new Float32Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const { scale, shift } = 'scale' in calibration ? calibration : calibration[row];
    for (let label = 0; label < columns; label++, at++) out[at] = probabilityOf(data[at], scale[label], shift[label]);
  }
  return { rows, columns, data: out };
}

/**
 * Logits [R, C] that give these probabilities. Without the file's own logits certainty stays finite.
 * @param calibrated logits of the probabilities, where the file gives them
 */
export function uncalibratedLabels(
  { scale, shift }: LabelCalibration,
  { rows, columns, data }: Matrix,
  calibrated?: Matrix,
): Matrix {
  const logits = data.map((p, at) => {
    const label = at % columns;
    const kept = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
    return ((calibrated?.data[at] ?? Math.log(kept / (1 - kept))) - shift[label]) / scale[label];
  });
  return { rows, columns, data: logits };
}

/**
 * Whether each of the answers is yes, [N, classes].
 * @param thresholds of a row, [classes]
 */
export function givenLabels({ columns, data }: Matrix, thresholds: (row: number) => readonly number[]): Uint8Array {
  return Uint8Array.from(data, (value, at) => Number(value >= thresholds(Math.floor(at / columns))[at % columns]));
}

function probabilityOf(logit: number, scale: number, shift: number): number {
  return 1 / (1 + Math.exp(-(scale * logit + shift)));
}

/** Half way between two neighbouring probabilities; of equally good places the one nearest to a half. */
function bestThreshold(probabilities: Float32Array, truth: Uint8Array): number {
  const order = Uint32Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a]);
  const positives = truth.reduce((sum, value) => sum + value, 0);
  let best = { f1: 0, threshold: 0.5 };
  let hits = 0;
  order.forEach((row, place) => {
    hits += truth[row];
    const here = probabilities[row];
    const next = place + 1 < order.length ? probabilities[order[place + 1]] : 0;
    if (here === next) return;
    const f1 = (2 * hits) / (place + 1 + positives);
    const threshold = (here + next) / 2;
    const isNearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (f1 > best.f1 || (f1 === best.f1 && isNearer)) best = { f1, threshold };
  });
  return best.threshold;
}
