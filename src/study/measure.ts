import { auroc } from '../evaluation/ranking.ts';
import { logLoss, softmaxRows } from '../evaluation/softmaxRows.ts';
import { gather } from '../features/mapTable.ts';
import { decideEach } from '../heads/decide.ts';
import type { FitContext, Head, Problem } from '../heads/head.ts';
import { selectMany, type Training } from '../heads/select.ts';
import { indexOfLargest, mean } from '../numerics/statistics.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../platform.ts';
import type { Folds } from '../split/split.ts';

/** What a way of answering is worth on each fold, the same folds for all ways. */
export interface FoldFigures {
  readonly accuracy: readonly number[];
  /** At the temperature that suits the photos set aside inside the training part. */
  readonly logLoss: readonly number[];
  /** How well each class is told from the others, mean over the folds: area under the ROC curve. */
  readonly auroc: readonly number[];
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
  const { labels, classes } = problem;
  const selections = await selectMany(head, problem, trainings, context);
  const heldOut = trainings.map(({ folds }) => Int32Array.from(folds.keys()).filter((row) => folds[row] < 0));
  const place = heldOut.map((rows) => new Map(Array.from(rows, (row, i) => [row, i])));
  const logits = heldOut.map((rows) => new Float32Array(rows.length * classes));
  const fitted = selections.map((selection) => selection.fitted);
  await decideEach(head, fitted, problem, context, (k, row, values) => {
    const at = place[k].get(row);
    if (at !== undefined) logits[k].set(values, at * classes);
  });
  const figures = heldOut.map((rows, k) => {
    const answers: Matrix = { rows: rows.length, columns: classes, data: logits[k] };
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
