/** Temperature scaling with an optional bias per class: logits to class probabilities. */

import * as z from 'zod/mini';
import { fitBiases } from '../numerics/biases.ts';
import { gather } from '../numerics/rows.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';
import type { CalibrationData } from './outOfFold.ts';
import { fitSets, type SetOptions, setRule } from './predictionSets.ts';
import { ownProbabilities, softmaxRows } from './softmaxRows.ts';

/**
 * Calibration of single-label logits: softmax(logits / temperature + bias), and prediction sets (neither bias nor sets are in
 * older files).
 */
export const classCalibration = z.object({
  temperature: z.number().check(z.positive()),
  bias: z.optional(z.array(z.number())),
  set: z.optional(setRule),
});
export type ClassCalibration = z.infer<typeof classCalibration>;

/** With fewer photos of a class than this, its bias would be fitted to chance. */
const fewestPhotos = 5;
/** The smallest float32 above 0. */
const smallestFloat = 2 ** -149;
/** With more logits than this, biases cost more time than they gain. */
const mostLogits = 2e7;

type Data = CalibrationData<Targets>;

/**
 * Fits temperature scaling, with a bias per class.
 * @param sets prediction sets to be made, too, from the same out-of-fold answers
 */
export async function fitClassCalibration(answers: Data, sets?: SetOptions): Promise<ClassCalibration> {
  const calibration = await fitProbabilities(answers);
  const set = sets && fitSets(ownOf(answers, calibration), ofRows(sets.groups, answers.rows), sets.coverage);
  return set ? { ...calibration, set } : calibration;
}

/** [rows] Probability of each photo's own class. */
function ownOf({ logits, targets: { labels }, rows }: Data, calibration: ClassCalibration): Float32Array {
  const known = withBias(gather(logits, rows), calibration);
  return ownProbabilities(known, ofRows(labels, rows), calibration.temperature);
}

async function fitProbabilities({ logits, targets, rows, weights }: Data): Promise<ClassCalibration> {
  const { columns } = logits;
  const [known, labels] = [gather(logits, rows), ofRows(targets.labels, rows)];
  const temperature = fitTemperature(known, labels);
  // Weights that differ were asked for, so that rare classes count for more: a bias would take that back.
  const isEven = new Set(weights.filter((weight) => weight > 0)).size < 2;
  if (!isEven || rows.length < fewestPhotos * columns || rows.length * columns > mostLogits) return { temperature };
  const fitted = await fitBiases(known, labels, { temperature, bias: new Float64Array(columns) });
  return fitted ? { temperature: fitted.temperature, bias: [...fitted.bias] } : { temperature };
}

function ofRows(labels: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row]);
}

/** One calibration for all rows, or one a row. */
type Calibrations = ClassCalibration | readonly ClassCalibration[];

function calibrationOf(calibrations: Calibrations, row: number): ClassCalibration {
  return 'temperature' in calibrations ? calibrations : calibrations[row];
}

/** Logits [R, C] with the bias added, so that only the temperature remains to be applied; the largest is the answer. */
export function withBias(logits: Matrix, calibrations: Calibrations): Matrix {
  const { rows, columns, data } = logits;
  const out = new Float32Array(data);
  for (let row = 0; row < rows; row++) {
    const { temperature, bias } = calibrationOf(calibrations, row);
    for (const [label, value] of (bias ?? []).entries()) out[row * columns + label] += temperature * value;
  }
  return { rows, columns, data: out };
}

/** [R] Temperature of each row. */
export function temperaturesOf(calibrations: Calibrations, rows: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => calibrationOf(calibrations, row).temperature);
}

/** Class probabilities, [R, C]. */
export function classProbabilities(logits: Matrix, calibrations: Calibrations): Matrix {
  return softmaxRows(withBias(logits, calibrations), temperaturesOf(calibrations, logits.rows));
}

/**
 * Logits [R, C] that give these probabilities [R, C].
 * @param calibrated logits of the probabilities, if the file gives them; otherwise they are recovered within float32
 */
export function uncalibratedClasses(
  { temperature, bias }: ClassCalibration,
  { rows, columns, data }: Matrix,
  calibrated?: Matrix,
): Matrix {
  const logits = calibrated?.data ?? data.map((p) => Math.log(Math.max(p, smallestFloat)));
  return { rows, columns, data: logits.map((value, at) => temperature * (value - (bias?.[at % columns] ?? 0))) };
}
