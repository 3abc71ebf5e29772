import * as z from 'zod';
import { gather } from '../features/mapTable.ts';
import { fitBiases } from '../numerics/biases.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../platform.ts';
import { logLoss, softmaxRows } from './softmaxRows.ts';

/**
 * How logits of one class a photo become probabilities: softmax(logits / temperature + bias), with a bias a class where it
 * makes them truer (not in older files).
 */
export const classCalibration = z.object({
  temperature: z.number().positive(),
  bias: z.array(z.number()).optional(),
});
export type ClassCalibration = z.infer<typeof classCalibration>;

/** With fewer photos a class than this, what they say of its bias is chance. */
const fewestPhotos = 5;
/** With more logits than this, copies of them for each fold would cost more memory and time than a bias is worth. */
const mostLogits = 2e7;

/** Answers for photos by fits that had not seen them. */
interface OutOfFold {
  /** [N, classes]; read are `rows` of it. */
  readonly logits: Matrix;
  /** Class of each of the N. */
  readonly labels: Int32Array;
  readonly rows: Int32Array;
  /** Inner fold of each of the N, which tears no group apart. */
  readonly folds: Int32Array;
}

/**
 * The temperature that suits these answers best, with a bias a class beside it where that lowers the log-loss of photos
 * that neither was fitted on: those of each inner fold, by what the others say.
 * @param biases whether a bias may be taken at all
 */
export async function calibrate(answers: OutOfFold, biases: boolean): Promise<ClassCalibration> {
  const { rows, folds } = answers;
  const plain = temperatureOf(answers, rows);
  const { columns } = answers.logits;
  if (!biases || rows.length < fewestPhotos * columns || rows.length * columns > mostLogits) return plain;
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

function temperatureOf({ logits, labels }: OutOfFold, rows: Int32Array, start?: ClassCalibration): ClassCalibration {
  return { temperature: fitTemperature(gather(logits, rows), ofRows(labels, rows), undefined, start?.temperature) };
}

async function biasesOf(
  { logits, labels }: OutOfFold,
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
function lossOf({ logits, labels }: OutOfFold, rows: Int32Array, calibration: ClassCalibration): number {
  const known = withBias(gather(logits, rows), calibration);
  return rows.length * logLoss(known, ofRows(labels, rows), calibration.temperature);
}

function ofRows(labels: Int32Array, rows: Int32Array): Int32Array {
  return rows.map((row) => labels[row]);
}

/** Logits with the bias in them, which the temperature alone makes probabilities of; their largest is the answer. */
export function withBias(logits: Matrix, { temperature, bias }: ClassCalibration): Matrix {
  if (!bias) return logits;
  const { columns, data } = logits;
  return { ...logits, data: data.map((value, at) => value + temperature * bias[at % columns]) };
}

/** Class probabilities, [N, classes]. */
export function classProbabilities(logits: Matrix, calibration: ClassCalibration): Matrix {
  return softmaxRows(withBias(logits, calibration), calibration.temperature);
}
