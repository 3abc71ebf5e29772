/** Trains the last stage in training parts, and compares it with what is frozen. */

import type { Stage } from '../backbone/stage.ts';
import type { Inputs, MapTable } from '../features/mapTable.ts';
import {
  besideSettings,
  type Finetuned,
  finetunedHead,
  type Scales,
  stageAlone,
  stageWeights,
  type TrainedStage,
  trainedStage,
  usualEpochs,
} from '../heads/finetuning/finetuned.ts';
import { NotFinite, StageTrainer, type StageTraining, type StageWeights } from '../heads/finetuning/stageTrainer.ts';
import { type FitContext, inputsOf, type Problem } from '../heads/head.ts';
import { predictEachLogits } from '../heads/predictLogits.ts';
import type { AnyHead } from '../heads/registry.ts';
import { meanError } from '../metrics/meanError.ts';
import { gather } from '../numerics/rows.ts';
import { mean } from '../numerics/statistics.ts';
import { fitTemperature } from '../numerics/temperature.ts';
import type { Matrix } from '../runtime/platform.ts';
import { type Choosing, photoLosses, type Taken, validatedGroups } from './choose.ts';
import { judgeLogits, type Score, type Selection, type Training } from './select.ts';

export interface FinetuneOptions {
  /** `last`: fine-tuned whatever comes out; `auto`: only where it is better on photos that it did not see. */
  readonly wanted: 'auto' | 'last';
  /** Seconds for all of it; undefined: as long as it takes. */
  readonly budget?: number | undefined;
  /** Called when it begins, with what ends it early, and with undefined when it has ended. */
  readonly onFinetuning?: ((stop: (() => void) | undefined) => void) | undefined;
  /** Told before it begins how long it will take, and what goes wrong on the way. */
  readonly onStage?: ((text: string) => void) | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Fewer groups of an inner fold say nothing sure, and calibrate badly: `auto` then does not try. */
const fewestValidated = 50;
/** Epochs without a lower loss after which training ends. */
const patience = 3;
/**
 * What was trained without an inner fold goes on with all photos, for half as many epochs and at rates lower by so much: as accurate
 * as another training from the start, in half its time (docs/measurements.md).
 */
const wholePace = 0.2;
const wholeEpochs = (epochs: number): number => Math.max(1, Math.floor(epochs / 2));
/** Fewer epochs teach nothing that is worth the time. */
const fewestEpochs = 2;
/**
 * Half the stage's answer: logits that were trained with smoothed labels are to be divided by about 0.67. That is not fitted: of few
 * photos it would come out by chance, and the final calibration scales the sum.
 */
const stageScale = 0.75;
/** A fine-tuned stage is taken where its loss is lower by more than so many standard errors of the difference. */
const standardErrors = 2;

/** What is trained beside one frozen head. */
interface Candidate {
  readonly head: AnyHead;
  /** As the head reads it. */
  readonly problem: Problem;
  readonly trainer: StageTrainer;
}

/** The frozen head where it had not seen the photos. */
interface Beside {
  readonly logits: Matrix;
  readonly scales: Scales;
}

/** What was trained without an inner fold, at its best epoch. */
interface Best {
  readonly epoch: number;
  readonly fitted: TrainedStage;
  readonly logits: Float32Array;
  readonly logLoss: number;
  readonly accuracy: number;
}

/** Fine-tuning in all training parts, one after the other. */
export class FinetuneRun {
  /** By the frozen head: heads of one kind answer together, so each stays one object. */
  readonly #candidates = new Map<AnyHead, Candidate>();
  /** By the maps that they train on. */
  readonly #trainers = new Map<MapTable | undefined, StageTrainer>();
  /** Epochs of the schedule; undefined until the time of a step is known. */
  #schedule: number | undefined;
  #steps = 0;
  #totalSteps = 0;
  readonly #began = performance.now();

  constructor(
    readonly stage: Stage,
    readonly problem: Problem,
    readonly trainings: readonly Choosing[],
    readonly options: FinetuneOptions,
    readonly stop: AbortSignal,
    readonly context: FitContext,
  ) {}

  /** The stage beside a frozen head, in the same framing. */
  #candidate(frozen: AnyHead): Candidate {
    const known = this.#candidates.get(frozen);
    if (known) return known;
    const { stage, context } = this;
    const problem = inputsOf(frozen, this.problem);
    const trainer = this.#trainers.get(problem.stage) ?? new StageTrainer(stage, problem, context);
    this.#trainers.set(problem.stage, trainer);
    const candidate = { head: finetunedHead(stage, frozen) as AnyHead, problem, trainer };
    this.#candidates.set(frozen, candidate);
    return candidate;
  }

  /** What one training part takes. */
  async part(
    part: number,
    plain: Taken<unknown, unknown>,
    onScore: (score: Score<unknown>) => Promise<void> | undefined,
  ): Promise<Taken<unknown, unknown>> {
    const { options, trainings } = this;
    const training = trainings[part];
    const began = performance.now();
    const candidate = this.#candidate(plain.head);
    const { problem } = candidate;
    this.#schedule ??= await this.#plan(candidate);
    const schedule = this.#schedule;
    if (schedule < fewestEpochs) return { ...plain, finetuning: { chosen: false, reason: 'the budget is too small' } };
    if (this.stop.aborted) return { ...plain, finetuning: { chosen: false, reason: 'it was stopped' } };
    const validated = rowsOf(training, (fold) => fold === 0);
    const judging = validatedGroups({ validated }, training);
    if (options.wanted === 'auto' && judging.count < fewestValidated)
      return { ...plain, finetuning: { chosen: false, reason: 'too few photos would judge the choice' } };
    const own = Array.from(rowsOf(training, (fold) => fold > 0));
    const { settings: plainSettings, outOfFold, validated: known, fitted: plainFitted } = plain.selection;
    const scales = {
      stageScale,
      frozenScale: Number((0.5 / temperatureOf(outOfFold, known, problem, training)).toPrecision(3)),
    };
    const beside = { logits: outOfFold, scales };
    const scores: Score<unknown>[] = [];
    const best = await this.#search(candidate, beside, training, own, validated, schedule, async (score) => {
      scores.push(score);
      await onScore(score);
    });
    if (!best)
      return {
        ...plain,
        finetuning: {
          chosen: false,
          reason: this.stop.aborted
            ? 'it was stopped'
            : 'training its last stage gave no finite loss, however low the rate',
        },
      };
    const selection = (trained: TrainedStage): Selection<unknown, unknown> => ({
      settings: { epochs: best.epoch, schedule, ...scales, ...besideSettings(plainSettings) },
      scores,
      outOfFold: { rows: training.folds.length, columns: problem.classes, data: best.logits },
      validated,
      fitted: { stage: trained, frozen: plainFitted, scales } satisfies Finetuned,
    });
    const first = selection(best.fitted);
    const frozen = { ...plain.selection, validated };
    const gained = differences(photoLosses(frozen, training, problem), photoLosses(first, training, problem));
    const margin = standardErrors * meanError(gained, judging.groups);
    const isBetter = mean(gained) > margin;
    const depths = plain.representations?.find(({ kind }) => kind === 'depths')?.chosen;
    const compared = {
      frozen: { head: plain.head.name, depths },
      epochs: best.epoch,
      photos: validated.length,
      logLoss: { frozen: mean(photoLosses(frozen, training, problem)), finetuned: best.logLoss },
      accuracy: { frozen: this.#accuracy(frozen, training), finetuned: best.accuracy },
    };
    if (!isBetter && options.wanted === 'auto')
      return { ...plain, finetuning: { chosen: false, ...compared, seconds: (performance.now() - began) / 1000 } };
    const whole = await this.#whole(candidate, training, [...own, ...validated], best);
    return {
      head: candidate.head,
      selection: selection(whole),
      representations: plain.representations,
      finetuning: { chosen: true, ...compared, seconds: (performance.now() - began) / 1000 },
    };
  }

  /** Trains without the validated photos and looks at them after each epoch. */
  async #search(
    candidate: Candidate,
    beside: Beside,
    training: Training,
    rows: readonly number[],
    validated: Int32Array,
    schedule: number,
    onScore: (score: Score<unknown>) => Promise<void>,
  ): Promise<Best | undefined> {
    let best: Best | undefined;
    let worse = 0;
    await this.#train(candidate, training, rows, { schedule }, async (epoch, weights) => {
      const found = await this.#validate(candidate, beside, weights, validated, training, epoch);
      await onScore({ settings: { epochs: epoch, schedule }, logLoss: found.logLoss, accuracy: found.accuracy });
      worse = best && found.logLoss >= best.logLoss ? worse + 1 : 0;
      if (worse === 0) best = found;
      return worse < patience;
    });
    return best;
  }

  /** Goes on from what was best, now on the whole part; where that is stopped, what was best so far stays. */
  async #whole(candidate: Candidate, training: Training, rows: readonly number[], best: Best): Promise<TrainedStage> {
    let { fitted } = best;
    const schedule = wholeEpochs(best.epoch);
    const start = { weights: stageWeights(fitted), pace: wholePace };
    await this.#train(candidate, training, rows, { schedule, start }, async (epoch, weights) => {
      if (epoch === schedule) fitted = trainedStage(this.stage, weights);
      return true;
    });
    return fitted;
  }

  async #train(
    { trainer }: Candidate,
    training: Training,
    rows: readonly number[],
    { schedule, start }: Pick<StageTraining, 'schedule' | 'start'>,
    onEpoch: StageTraining['onEpoch'],
  ): Promise<void> {
    const before = this.#steps;
    const planned = schedule * StageTrainer.steps(rows.length);
    const ended = trainer.train({
      rows: rows.filter((row) => training.weights[row] > 0),
      weights: training.weights,
      schedule,
      start,
      onEpoch,
      stop: this.stop,
      onStep: (steps) => {
        this.#steps = before + steps;
        this.context.progress?.(this.#steps, this.#totalSteps);
      },
      onWarning: this.options.onWarning,
    });
    // What was best before stays.
    await ended.catch((error: unknown) => {
      if (!(error instanceof NotFinite)) throw error;
    });
    // What ended early is done, as far as the progress goes.
    this.#steps = before + planned;
  }

  async #validate(
    { problem }: Candidate,
    { logits: beside, scales }: Beside,
    weights: StageWeights,
    validated: Int32Array,
    training: Training,
    epoch: number,
  ): Promise<Best> {
    const { context, stage } = this;
    const { classes } = problem;
    const fitted = trainedStage(stage, weights);
    const logits = new Float32Array(training.folds.length * classes);
    const inputs = rowsOfInputs(problem, validated);
    await predictEachLogits(stageAlone(stage), [fitted], inputs, context, (_, place, values) =>
      logits.set(values, validated[place] * classes),
    );
    for (const row of validated)
      for (let at = row * classes; at < (row + 1) * classes; at++)
        logits[at] = scales.stageScale * logits[at] + scales.frozenScale * beside.data[at];
    return { epoch, fitted, logits, ...judgeLogits(false, logits, problem, validated, training.weights) };
  }

  #accuracy({ outOfFold }: Selection<unknown, unknown>, training: Training): number {
    return judgeLogits(
      false,
      outOfFold.data,
      this.problem,
      rowsOf(training, (fold) => fold === 0),
      training.weights,
    ).accuracy;
  }

  /**
   * Epochs for which there is time. Says before it begins how long it takes, by the time of some steps; with a budget, all
   * parts train for as many epochs as fit into it, so that what judges was made as the file was.
   */
  async #plan({ trainer }: Candidate): Promise<number> {
    const { trainings, options } = this;
    const stepsOf = (isOwn: (fold: number) => boolean) =>
      trainings.reduce((sum, training) => sum + StageTrainer.steps(rowsOf(training, isOwn).length), 0);
    const perEpoch = stepsOf((fold) => fold > 0);
    const perWhole = stepsOf((fold) => fold >= 0);
    const seconds = await trainer.secondsOfStep();
    const left =
      options.budget === undefined
        ? Number.POSITIVE_INFINITY
        : options.budget - (performance.now() - this.#began) / 1000;
    const epochs = Math.min(usualEpochs, Math.floor(left / seconds / (perEpoch + perWhole / 2)));
    this.#totalSteps = epochs * perEpoch + wholeEpochs(epochs) * perWhole;
    if (epochs >= fewestEpochs)
      options.onStage?.(
        `Fine-tuning the last stage: ${trainings.length === 1 ? 'one training' : `${trainings.length} trainings`} of at most ${epochs + wholeEpochs(epochs)} epochs, about ${inWords(this.#totalSteps * seconds)}`,
      );
    return epochs;
  }

  async release(): Promise<void> {
    for (const trainer of this.#trainers.values()) await trainer.release();
  }
}

function rowsOf({ folds }: Training, isWanted: (fold: number) => boolean): Int32Array {
  return Int32Array.from(folds.keys()).filter((row) => isWanted(folds[row]));
}

/** The temperature at which logits suit the named photos best. */
function temperatureOf(logits: Matrix, rows: Int32Array, { labels }: Problem, { weights }: Training): number {
  const own = rows.map((row) => labels[row]);
  return fitTemperature(
    gather(logits, rows),
    own,
    Float32Array.from(rows, (row) => weights[row]),
  );
}

/** How much lower each photo's loss is. */
function differences(before: Float64Array, after: Float64Array): Float64Array {
  return before.map((loss, i) => loss - after[i]);
}

/** Some rows of what is known of photos, for heads that read the stage's maps. */
function rowsOfInputs({ features, stage }: Problem, rows: Int32Array): Inputs {
  return {
    features: { rows: rows.length, columns: features.columns, data: new Float32Array(0) },
    stage: stage && { ...stage, rows: rows.length, read: (row, target) => stage.read(rows[row], target) },
  };
}

function inWords(seconds: number): string {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} minutes`;
}
