/** Chooses a head's hyperparameters by cross-validation (grid search). */

import { usedRows } from '../heads/direction.ts';
import {
  type FitContext,
  type FitJob,
  type Fitter,
  type Head,
  type Problem,
  readBy,
  rowWeights,
} from '../heads/head.ts';
import { scoreLabels } from '../metrics/scoreLabels.ts';
import { partOf } from '../numerics/progress.ts';
import { smallestOf } from '../numerics/statistics.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../runtime/platform.ts';
import { compareFits } from './fitChosen.ts';

/**
 * Log-losses that differ by no more than this part are a tie, which the accuracy decides, or else the simpler setting: on
 * some thousand photos the standard error of such a difference is larger still.
 */
const tie = 1e-2;

/** A log-loss below that of guessing by this part shows that something was learned. */
const learnedPart = 2e-2;

/** A training part, inside which settings are to be chosen. */
export interface Training {
  /** Inner fold of each photo, 0 .. innerFolds - 1; -1: not in this part; innerFolds: always trained on, never judged. */
  readonly folds: Int32Array;
  readonly innerFolds: number;
  /** Weight of each photo, [N]; its views share it. */
  readonly weights: Float32Array;
}

/** Cross-validation score of a setting, weighted as in training. */
export interface Score<Settings> {
  readonly settings: Settings;
  /** After temperature scaling, unless the head's logits are compared as they are (`comparedAsFitted`). */
  readonly logLoss: number;
  readonly accuracy: number;
}

export interface Selection<Settings, Fitted> {
  readonly settings: Settings;
  /** Of the settings that were tried, in the grid's order; empty where there was nothing to choose by. */
  readonly scores: readonly Score<Settings>[];
  /** [N, classes]: the chosen setting's logits of each validated photo, by the fit that had not seen it; else zeros. */
  readonly outOfFold: Matrix;
  /** Photos that have such logits, ascending. */
  readonly validated: Int32Array;
  /** The head, fitted with the chosen settings on the whole part. */
  readonly fitted: Fitted;
}

/**
 * Grid search with early stopping: chooses settings inside each training part by cross-validation, then fits the head on the
 * whole part. Photos outside a part do not influence it. All inner folds of all parts are fitted together, so many parts cost
 * little more than one.
 *
 * The lowest log-loss decides: it is a proper score of the probabilities that the classifier will state, and it moves
 * where accuracy, on a few hundred photos, stands still. The grid goes from the simplest setting on; a part is done
 * when a setting was clearly worse than its best, or two in a row were no better, once something was learned: the first
 * epochs of a narrow network, on few photos, leave it at chance.
 * @param onScore called with each setting's score in each part as soon as it is known; `part` counts the trainings
 */
export async function selectMany<Settings, Fitted>(
  anyHead: Head<Settings, Fitted>,
  whole: Problem,
  trainings: readonly Training[],
  context: FitContext,
  onScore?: (score: Score<Settings>, part: number) => Promise<void> | undefined,
): Promise<Selection<Settings, Fitted>[]> {
  const [head, problem] = readBy(anyHead, whole);
  if (head.preparesApart?.(problem) && trainings.length > 1) {
    const selections: Selection<Settings, Fitted>[] = [];
    for (const [part, training] of trainings.entries()) {
      const own = { ...context, progress: partOf(context.progress, part, trainings.length) };
      const [selection] = await selectMany(head, problem, [training], own, (score) => onScore?.(score, part));
      selections.push(selection);
    }
    return selections;
  }
  const choices: Choice<Settings, Fitted>[] = [];
  let parts = 0;
  for (const training of trainings) {
    choices.push(new Choice(training, problem, head, parts));
    parts += training.innerFolds + 1;
  }
  const fitter = await head.prepare(problem, context, usedRows(choices.map(({ whole }) => whole)));
  try {
    const grid = head.grid(problem);
    for (const [tried, settings] of grid.entries()) {
      // The last step is the fit on the whole part.
      context.progress?.(tried, grid.length + 1);
      const open = choices.filter((choice) => choice.open);
      if (open.length === 0) break;
      const scores = await tryOut(head, fitter, problem, settings, open, context);
      for (const [k, score] of scores.entries()) await onScore?.(score, choices.indexOf(open[k]));
    }
    const fitted = await fitter.fit(choices.map((choice) => choice.finalJob()));
    return choices.map(({ best }, k) => ({ ...best, fitted: fitted[k] }));
  } finally {
    await fitter.release();
  }
}

/** One setting, for all parts that are still open; gives its score in each. */
async function tryOut<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  fitter: Fitter<Settings, Fitted>,
  problem: Problem,
  settings: Settings,
  open: readonly Choice<Settings, Fitted>[],
  context: FitContext,
): Promise<Score<Settings>[]> {
  const jobs = open.flatMap(({ part, weights, starts }) =>
    weights.map((fold, j) => ({ part: part + 1 + j, weights: fold, settings, start: starts[j] })),
  );
  context.signal?.throwIfAborted();
  const { classes } = problem;
  const logits = open.map(({ training }) => new Float32Array(training.folds.length * classes));
  const owner = open.flatMap(({ training }, k) =>
    Array.from({ length: training.innerFolds }, (_, fold) => ({ k, fold })),
  );
  const fitted = await compareFits({ head, problem, fitter, jobs }, context, (job, row, values) => {
    const { k, fold } = owner[job];
    if (open[k].training.folds[row] === fold) logits[k].set(values, row * classes);
  });
  let first = 0;
  return open.map((choice, k) => {
    const { innerFolds } = choice.training;
    const fits = fitted.slice(first, first + innerFolds);
    first += innerFolds;
    return choice.add(settings, logits[k], fits);
  });
}

/** What has been tried for one training part, and the best of it. */
class Choice<Settings, Fitted> {
  /** Row weights of the whole part, and of each inner fold's fit. */
  readonly whole: Float32Array;
  readonly weights: readonly Float32Array[];
  /** The last setting's fits, from which the next ones start. */
  starts: readonly (Fitted | undefined)[] = [];
  best: Omit<Selection<Settings, Fitted>, 'fitted'>;
  #bestFit: Fitted | undefined;
  #bestAccuracy = 0;
  open: boolean;
  #worse = 0;
  /** Baseline log-loss: class frequencies alone (prior log-odds). */
  readonly #baseline: number;
  readonly #asFitted: boolean;

  constructor(
    readonly training: Training,
    readonly problem: Problem,
    head: Head<Settings, Fitted>,
    /** Number of the whole part; its inner folds' follow. */
    readonly part: number,
  ) {
    const { folds, innerFolds, weights } = training;
    this.whole = rowWeights(
      problem,
      weights.map((weight, i) => (folds[i] >= 0 ? weight : 0)),
    );
    this.weights = Array.from({ length: innerFolds }, (_, j) =>
      rowWeights(
        problem,
        weights.map((weight, i) => (folds[i] >= 0 && folds[i] !== j ? weight : 0)),
      ),
    );
    this.open = innerFolds > 0;
    const rows = folds.length;
    const outOfFold = { rows, columns: problem.classes, data: new Float32Array(rows * problem.classes) };
    const validated = Int32Array.from(folds.keys()).filter((i) => folds[i] >= 0 && folds[i] < innerFolds);
    this.best = { settings: head.defaults, scores: [], outOfFold, validated };
    this.#asFitted = head.comparedAsFitted?.(problem) ?? false;
    this.#baseline = baselineLoss(problem, validated, weights);
  }

  add(settings: Settings, logits: Float32Array, fitted: readonly Fitted[]): Score<Settings> {
    this.starts = fitted;
    const { scores, outOfFold, validated } = this.best;
    const score = { settings, ...judgeLogits(this.#asFitted, logits, this.problem, validated, this.training.weights) };
    const lowest = smallestOf(scores.map(({ logLoss }) => logLoss));
    const lower = score.logLoss < lowest * (1 - tie);
    const better = lower || (score.logLoss < lowest * (1 + tie) && score.accuracy > this.#bestAccuracy);
    if (better) {
      this.#bestFit = fitted[0];
      this.#bestAccuracy = score.accuracy;
    }
    const learned = Math.min(lowest, score.logLoss) < (1 - learnedPart) * this.#baseline;
    this.#worse = lower || !learned ? 0 : this.#worse + 1;
    this.open = this.#worse < 2 && score.logLoss < 1.02 * lowest;
    this.best = {
      ...this.best,
      ...(better ? { settings, outOfFold: { ...outOfFold, data: logits } } : {}),
      scores: [...scores, score],
    };
    return score;
  }

  /** The whole part with the chosen settings; an inner fold's fit is a good place to start from. */
  finalJob(): FitJob<Settings, Fitted> {
    return { part: this.part, weights: this.whole, settings: this.best.settings, start: this.#bestFit };
  }
}

/**
 * Accuracy, and log-loss when calibrated, with one class a photo at the temperature that suits it best: a classifier is calibrated
 * before it states anything.
 */
export function judgeLogits(
  asFitted: boolean,
  logits: Float32Array,
  { labels, truth: bits, classes }: Problem,
  rows: Int32Array,
  weights: Float32Array,
) {
  if (bits) return scoreLabels({ columns: classes, data: logits }, bits, rows, weights);
  const data = new Float32Array(rows.length * classes);
  for (const [i, row] of rows.entries()) data.set(logits.subarray(row * classes, (row + 1) * classes), i * classes);
  const truth = rows.map((row) => labels[row]);
  const rowWeights = Float32Array.from(rows, (row) => weights[row]);
  const matrix = { rows: rows.length, columns: classes, data };
  const temperature = asFitted ? 1 : fitTemperature(matrix, truth, rowWeights);
  let loss = 0;
  let right = 0;
  let total = 0;
  for (let i = 0, at = 0; i < rows.length; i++, at += classes) {
    let top = at;
    for (let c = at; c < at + classes; c++) if (data[c] > data[top]) top = c;
    let sum = 0;
    for (let c = at; c < at + classes; c++) sum += Math.exp((data[c] - data[top]) / temperature);
    const label = at + truth[i];
    loss += rowWeights[i] * ((data[top] - data[label]) / temperature + Math.log(sum));
    right += top === label ? rowWeights[i] : 0;
    total += rowWeights[i];
  }
  return { logLoss: loss / total, accuracy: right / total };
}

function baselineLoss({ labels, truth, classes }: Problem, rows: Int32Array, weights: Float32Array): number {
  if (truth) {
    const zeros = { columns: classes, data: new Float32Array(truth.length) };
    return scoreLabels(zeros, truth, rows, weights).logLoss;
  }
  const counts = new Float64Array(classes);
  for (const row of rows) counts[labels[row]] += weights[row];
  const total = counts.reduce((sum, count) => sum + count, 0);
  return -counts.reduce((sum, count) => (count > 0 ? sum + (count / total) * Math.log(count / total) : sum), 0);
}
