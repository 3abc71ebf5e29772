/** A head on every fold, all together. */

import { type Selection, selectMany, type Training } from '../evaluation/select.ts';
import { throughLayer } from '../heads/bottleneck.ts';
import type { FitContext, Head, NetworkHead, Problem } from '../heads/head.ts';
import type { Linear } from '../heads/linear.ts';
import { predictEachLogits, predictLogits } from '../heads/predictLogits.ts';
import { auroc } from '../metrics/ranking.ts';
import { logLoss, softmaxRows } from '../metrics/softmaxRows.ts';
import { gather } from '../numerics/rows.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { Folds } from '../split/split.ts';
import { type Precision, quantise } from './quantise.ts';

/** What a way of answering is worth on each fold, the same folds for all ways. */
export interface FoldFigures {
  readonly accuracy: readonly number[];
  /** At the temperature that suits the photos set aside inside the training part. */
  readonly logLoss: readonly number[];
  /** How well each class is told from the others, mean over the folds: area under the ROC curve. */
  readonly auroc: readonly number[];
}

export interface Measured {
  readonly width: number;
  readonly precision: Precision;
  readonly folds: FoldFigures;
}

/** What each fold trains on, round by round: a fifth of it is set aside for choosing settings and temperature. */
export function studyTrainings({ inner, innerFolds }: Folds, photos: number): Training[][] {
  const weights = new Float32Array(photos).fill(1);
  return inner.map((round) =>
    round.map((folds) => ({
      // -1 stays out; inner fold 0 is set aside, all others are always trained on.
      folds: folds.map((fold) => (fold < 0 ? -1 : fold === 0 && innerFolds > 1 ? 0 : 1)),
      innerFolds: innerFolds > 1 ? 1 : 0,
      weights,
    })),
  );
}

/** Fits a head on every fold's training part, all together, and judges it on the photos that were kept out. */
export async function measureHead<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  problem: Problem,
  trainings: readonly Training[],
  context: FitContext,
): Promise<FoldFigures> {
  const selections = await selectMany(head, problem, trainings, context);
  const { classes } = problem;
  const heldOut = heldOutRows(trainings);
  const place = heldOut.map((rows) => new Map(Array.from(rows, (row, i) => [row, i])));
  const answers = heldOut.map(({ length }): Matrix => {
    return { rows: length, columns: classes, data: new Float32Array(length * classes) };
  });
  const fitted = selections.map((selection) => selection.fitted);
  await predictEachLogits(head, fitted, problem, context, (k, row, values) => {
    const at = place[k].get(row);
    if (at !== undefined) answers[k].data.set(values, at * classes);
  });
  return figuresOf(problem, heldOut, answers, selections);
}

/**
 * A trained bottleneck on every fold, fitted once, and judged with what comes out of it kept in each precision. The last
 * layer stays the one that was trained on full numbers, and so does the temperature.
 */
export async function measureStored<Settings, Fitted extends { readonly output: Linear }>(
  head: NetworkHead<Settings, Fitted>,
  problem: Problem,
  trainings: readonly Training[],
  kept: readonly Precision[],
  context: FitContext,
): Promise<Measured[]> {
  const selections = await selectMany(head, problem, trainings, context);
  const heldOut = heldOutRows(trainings);
  const answers = new Map(kept.map((precision) => [precision, [] as Matrix[]]));
  for (const [k, { fitted }] of selections.entries()) {
    const narrow = { needs: head.needs, toGraph: head.toHidden };
    const [hidden] = await predictLogits(narrow, [fitted], problem, context);
    for (const [precision, own] of answers)
      own.push(gather(await throughLayer(fitted.output, quantise(hidden, precision), context), heldOut[k]));
  }
  return Array.from(answers, ([precision, own]) => ({
    width: selections[0].fitted.output.inputs,
    precision,
    folds: figuresOf(problem, heldOut, own, selections),
  }));
}

function heldOutRows(trainings: readonly Training[]): Int32Array[] {
  return trainings.map(({ folds }) => Int32Array.from(folds.keys()).filter((row) => folds[row] < 0));
}

/** @param all each fold's logits of the photos that were kept out of it */
function figuresOf(
  { labels, classes }: Problem,
  heldOut: readonly Int32Array[],
  all: readonly Matrix[],
  selections: readonly Pick<Selection<unknown, unknown>, 'outOfFold' | 'validated'>[],
): FoldFigures {
  const figures = heldOut.map((rows, k) => {
    const answers = all[k];
    const truth = rows.map((row) => labels[row]);
    const { outOfFold, validated } = selections[k];
    const temperature = fitTemperature(
      gather(outOfFold, validated),
      validated.map((row) => labels[row]),
    );
    return {
      accuracy: accuracyOf(answers, truth),
      logLoss: logLoss(answers, truth, temperature),
      auroc: classAurocs(softmaxRows(answers, temperature), truth),
    };
  });
  return {
    accuracy: figures.map(({ accuracy }) => accuracy),
    logLoss: figures.map((one) => one.logLoss),
    auroc: Array.from({ length: classes }, (_, c) =>
      mean(figures.map((one) => one.auroc[c]).filter((value) => Number.isFinite(value))),
    ),
  };
}

function classAurocs({ rows, columns, data }: Matrix, truth: Int32Array): number[] {
  return Array.from({ length: columns }, (_, c) =>
    auroc(
      Float32Array.from({ length: rows }, (_, row) => data[row * columns + c]),
      truth.map((label) => Number(label === c)),
    ),
  );
}

function accuracyOf({ columns, data }: Matrix, truth: Int32Array): number {
  let right = 0;
  for (const [row, label] of truth.entries()) {
    const logits = data.subarray(row * columns, (row + 1) * columns);
    if (indexOfLargest(logits) === label) right++;
  }
  return right / truth.length;
}
