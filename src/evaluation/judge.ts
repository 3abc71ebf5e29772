import { decideEach } from '../heads/decide.ts';
import { type FitContext, type Head, type Problem, photosOf } from '../heads/head.ts';
import { fitChosen, type Score } from '../heads/select.ts';
import type { Matrix } from '../platform.ts';
import { filePart, outerParts, type Part, type Split } from '../split/split.ts';
import { type Choose, only, type Taken } from './choose.ts';
import { type ClassCalibration, calibrate, withBias } from './classCalibration.ts';

/** A head that was fitted for the file, and the answers of its like for photos that they had not seen. */
interface Answers<Settings, Fitted> {
  /** For the file: what was taken, and what it was compared with. */
  readonly file: Omit<Taken<Settings, Fitted>, 'selection'>;
  readonly settings: Settings;
  readonly fitted: Fitted;
  /** What each part that measures took, with its settings. */
  readonly parts: readonly (Omit<Taken<Settings, Fitted>, 'selection'> & { readonly settings: Settings })[];
  /** Photo of each judged row; with repeats a photo comes once a repeat. */
  readonly rows: Int32Array;
  /** [rows, classes], before the temperature. */
  readonly logits: Matrix;
  /** Fold of each row, counted over all repeats; undefined with a held-out part. */
  readonly folds: Int32Array | undefined;
  /** Rows of the first repeat, which come first. */
  readonly photosOnce: number;
}

export interface JudgeOptions<Settings> {
  /** Weight of each photo in training, [N]. */
  readonly photoWeights: Float32Array;
  /** With a held-out part: fit the file's head once more on all photos, with the settings that were chosen. */
  readonly refit: boolean;
  /** Told what each setting is worth for the file's head, as soon as it is known; training waits for it. */
  readonly onScore?: ((score: Score<Settings>) => Promise<void>) | undefined;
}

/** Answers with the temperatures that turn them into probabilities; biases are in the logits already. */
export interface Judgement<Settings, Fitted> extends Answers<Settings, Fitted> {
  /** For the file. */
  readonly calibration: ClassCalibration;
  /** The temperature that belongs to each row: found without it. */
  readonly temperatures: Float32Array;
  /** The mean over the rows of the biases that they were given; undefined where none was given any. */
  readonly bias: readonly number[] | undefined;
}

/** Answers with calibrations of any kind. */
export interface CalibratedJudgement<Settings, Fitted, Calibration> extends Answers<Settings, Fitted> {
  /** For the file. */
  readonly calibration: Calibration;
  /** The one that belongs to each row: found without it. */
  readonly calibrations: readonly Calibration[];
}

/**
 * Chooses head, settings and temperature inside each training part, fits on it, and answers for what was kept out.
 * Nothing that was kept out is used for any choice.
 * @param how a head, or how one is chosen inside each training part
 */
export async function judge<Settings, Fitted>(
  how: Head<Settings, Fitted> | Choose<Settings, Fitted>,
  problem: Problem,
  split: Split,
  options: JudgeOptions<Settings>,
  context: FitContext,
): Promise<Judgement<Settings, Fitted>> {
  // Weights that differ were asked for, so that rare classes count for more: a bias would take that back.
  const even = new Set(options.photoWeights.filter((weight) => weight > 0)).size < 2;
  const { calibrations, ...answers } = await judgeCalibrated(
    how,
    problem,
    split,
    options,
    (logits, rows, folds) => calibrate({ logits, labels: problem.labels, rows, folds }, even),
    context,
  );
  const { rows, columns, data } = answers.logits;
  const biased = new Float32Array(data.length);
  const bias = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * columns, (row + 1) * columns);
    biased.set(withBias({ rows: 1, columns, data: own }, calibrations[row]).data, row * columns);
    for (const [label, value] of (calibrations[row].bias ?? []).entries()) bias[label] += value / rows;
  }
  return {
    ...answers,
    logits: { rows, columns, data: biased },
    temperatures: Float32Array.from(calibrations, ({ temperature }) => temperature),
    bias: calibrations.some((own) => own.bias) ? [...bias] : undefined,
  };
}

/**
 * As `judge`, for calibrations of any kind.
 * @param calibrateBy from logits [N, classes] of fits that had not seen the photos, those of them that have such, and the
 * inner fold of each of the N
 */
export async function judgeCalibrated<Settings, Fitted, Calibration>(
  how: Head<Settings, Fitted> | Choose<Settings, Fitted>,
  problem: Problem,
  split: Split,
  { photoWeights, refit, onScore }: JudgeOptions<Settings>,
  calibrateBy: (outOfFold: Matrix, validated: Int32Array, folds: Int32Array) => Calibration | Promise<Calibration>,
  context: FitContext,
): Promise<CalibratedJudgement<Settings, Fitted, Calibration>> {
  const measured = outerParts(split);
  const all = split.kind === 'folds' ? [...measured, filePart(split)] : measured;
  const choose = typeof how === 'function' ? how : only(how);
  const taken = await choose(
    problem,
    all.map(({ inner, innerFolds }) => ({ folds: inner, innerFolds, weights: photoWeights })),
    context,
    async (score, part) => {
      if (part === all.length - 1) await onScore?.(score);
    },
  );
  // A photo of weight 0 is one that this head never had: it calibrates nothing, either.
  const isTrained = (photo: number) => photoWeights[photo] > 0;
  const calibrations: Calibration[] = [];
  for (const [part, { selection: own }] of taken.entries())
    calibrations.push(await calibrateBy(own.outOfFold, own.validated.filter(isTrained), all[part].inner));
  const { selection, ...file } = taken[taken.length - 1];
  const { settings } = selection;
  let { fitted } = selection;
  if (refit && split.kind === 'holdout')
    [fitted] = await fitChosen(file.head, problem, [{ settings, weights: photoWeights }], context);
  const perRepeat = split.kind === 'folds' ? split.folds : 1;
  const { folds, ...stacked } = await answersFor(
    measured,
    perRepeat,
    taken.slice(0, measured.length),
    photosOf(problem),
    context,
  );
  return {
    file,
    settings,
    calibration: calibrations[calibrations.length - 1],
    fitted,
    parts: taken.slice(0, measured.length).map(({ selection: own, ...one }) => ({ ...one, settings: own.settings })),
    ...stacked,
    calibrations: Array.from(folds, (training) => calibrations[training]),
    folds: split.kind === 'folds' ? folds : undefined,
    photosOnce: split.kind === 'folds' ? photoWeights.length : stacked.rows.length,
  };
}

/**
 * The answers of each part's head for what it had not seen, brought together in the order of the photos within each
 * repeat. Heads of one kind answer together. What else they would say is not kept: with thousands of classes it is more
 * than memory holds.
 */
async function answersFor<Settings, Fitted>(
  measured: readonly Part[],
  perRepeat: number,
  taken: readonly Taken<Settings, Fitted>[],
  photos: Problem,
  context: FitContext,
) {
  const judged = measured
    .flatMap(({ heldOut }, training) => Array.from(heldOut, (row) => ({ row, training })))
    .sort((a, b) => Math.floor(a.training / perRepeat) - Math.floor(b.training / perRepeat) || a.row - b.row);
  const placeOf = measured.map(() => new Int32Array(photos.labels.length).fill(-1));
  for (const [place, { row, training }] of judged.entries()) placeOf[training][row] = place;
  const columns = photos.classes;
  const data = new Float32Array(judged.length * columns);
  for (const head of new Set(taken.map((one) => one.head))) {
    const own = [...taken.keys()].filter((part) => taken[part].head === head);
    const fitted = own.map((part) => taken[part].selection.fitted);
    await decideEach(head, fitted, photos, context, (k, row, logits) => {
      const place = placeOf[own[k]][row];
      if (place >= 0) data.set(logits, place * columns);
    });
  }
  return {
    rows: Int32Array.from(judged, ({ row }) => row),
    logits: { rows: judged.length, columns, data },
    folds: Int32Array.from(judged, ({ training }) => training),
  };
}
