/** Temperature scaling with an optional bias per class: logits to class probabilities. */

import * as z from 'zod/mini';
import { fitBiases } from '../numerics/biases.ts';
import { gather } from '../numerics/rows.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';
import type { CalibrationData } from './outOfFold.ts';
import { fitSets, type SetOptions, setRule } from './predictionSets.ts';
import { logLoss, ownProbabilities, softmaxRows } from './softmaxRows.ts';

/**
 * Calibration of single-label logits: softmax(logits / temperature + bias), with a bias per class if it improves
 * calibration, and prediction sets (neither is in older files).
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
/** With more logits than this, the copies for each fold cost more memory and time than a bias gains. */
const mostLogits = 2e7;

type Data = CalibrationData<Targets>;

/**
 * Fits temperature scaling, with a bias per class if that lowers the cross-validated log-loss over the inner folds.
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

async function fitProbabilities(answers: Data): Promise<ClassCalibration> {
  const { rows, folds, weights } = answers;
  const plain = temperatureOf(answers, rows);
  const { columns } = answers.logits;
  // Weights that differ were asked for, so that rare classes count for more: a bias would take that back.
  const isEven = new Set(weights.filter((weight) => weight > 0)).size < 2;
  if (!isEven || rows.length < fewestPhotos * columns || rows.length * columns > mostLogits) return plain;
  const biased = await biasesOf(answers, rows, plain);
  const parts = new Set(rows.map((row) => folds[row]));
  if (!biased || parts.size < 2) return plain;
  // Chance alone lowers the loss of the photos that they are fitted on by half a nat for each free bias, and that of others
  // by nothing: where there is not even that much, the folds need not be asked.
  const fitted = lossOf(answers, rows, plain) - lossOf(answers, rows, biased);
  if (fitted < (columns - 1) / 2) return plain;
  let gained = 0;
  for (const part of parts) {
    const others = rows.filter((row) => folds[row] !== part);
    const kept = rows.filter((row) => folds[row] === part);
    const without = temperatureOf(answers, others, plain);
    const beside = await biasesOf(answers, others, biased);
    if (!beside) return plain;
    gained += lossOf(answers, kept, without) - lossOf(answers, kept, beside);
  }
  return gained > 0 ? biased : plain;
}

function temperatureOf(
  { logits, targets: { labels } }: Data,
  rows: Int32Array,
  start?: ClassCalibration,
): ClassCalibration {
  return { temperature: fitTemperature(gather(logits, rows), ofRows(labels, rows), undefined, start?.temperature) };
}

async function biasesOf(
  { logits, targets: { labels } }: Data,
  rows: Int32Array,
  start: ClassCalibration,
): Promise<ClassCalibration | undefined> {
  const fitted = await fitBiases(gather(logits, rows), ofRows(labels, rows), {
    temperature: start.temperature,
    bias: Float64Array.from(start.bias ?? new Float64Array(logits.columns)),
  });
  return fitted && { temperature: fitted.temperature, bias: [...fitted.bias] };
}

/** Summed over the rows. */
function lossOf({ logits, targets: { labels } }: Data, rows: Int32Array, calibration: ClassCalibration): number {
  const known = withBias(gather(logits, rows), calibration);
  return rows.length * logLoss(known, ofRows(labels, rows), calibration.temperature);
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
