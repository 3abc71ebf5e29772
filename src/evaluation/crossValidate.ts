/** Nested cross-validation: out-of-fold predictions of a split's held-out parts (cross_val_predict). */

import { type FitContext, type Head, type Problem, photosOf } from '../heads/head.ts';
import { predictEachLogits } from '../heads/predictLogits.ts';
import type { CalibrationData, OutOfFold } from '../metrics/outOfFold.ts';
import type { Targets } from '../sets/targets.ts';
import { fittedParts, outerParts, type Part, type Split } from '../split/split.ts';
import { type Choose, only, type Taken } from './choose.ts';
import { fitChosen } from './fitChosen.ts';
import type { Score } from './select.ts';

/** Fits a calibration (logits to probabilities) on out-of-fold logits; the result is plain data, a card's `calibration`. */
export type FitCalibration<T extends Targets, Calibration> = (
  data: CalibrationData<T>,
) => Calibration | Promise<Calibration>;

export interface CrossValidateOptions<T extends Targets, Calibration, Settings> {
  readonly targets: T;
  readonly calibrate: FitCalibration<T, Calibration>;
  /** [N] Group of each photo. */
  readonly groups: Int32Array;
  /** [N] Weight of each photo in training. */
  readonly photoWeights: Float32Array;
  /** With a held-out part: fit the file's head once more on all photos, with the settings that were chosen. */
  readonly refit: boolean;
  /** Called with the score of each setting of the file's head as soon as it is known; training waits for it. */
  readonly onScore?: ((score: Score<Settings>) => Promise<void>) | undefined;
}

/** The head for the file, and out-of-fold predictions of heads made in the same way. */
export interface CrossValidated<Settings, Fitted, Calibration> extends OutOfFold<Calibration> {
  /** The head for the file, and what it was compared with. */
  readonly file: Omit<Taken<Settings, Fitted>, 'selection'>;
  readonly settings: Settings;
  readonly fitted: Fitted;
  readonly calibration: Calibration;
  /** What each part that measures took, with its settings. */
  readonly parts: readonly (Omit<Taken<Settings, Fitted>, 'selection'> & { readonly settings: Settings })[];
}

/**
 * Out-of-fold predictions by nested cross-validation (cross_val_predict): chooses head, settings and calibration inside
 * each training part, fits on it, and predicts its held-out photos. These influence no choice.
 * @param how a head, or how one is chosen inside each training part
 * @throws the signal's reason if the context's signal is aborted
 */
export async function crossValidate<T extends Targets, Calibration, Settings, Fitted>(
  how: Head<Settings, Fitted> | Choose<Settings, Fitted>,
  problem: Problem,
  split: Split,
  { targets, calibrate, groups, photoWeights, refit, onScore }: CrossValidateOptions<T, Calibration, Settings>,
  context: FitContext,
): Promise<CrossValidated<Settings, Fitted, Calibration>> {
  const measured = outerParts(split);
  const all = fittedParts(split);
  const choose = typeof how === 'function' ? how : only(how);
  const taken = await choose(
    problem,
    all.map(({ inner, innerFolds }) => ({ folds: inner, innerFolds, weights: photoWeights, groups })),
    context,
    async (score, part) => {
      if (part === all.length - 1) await onScore?.(score);
    },
  );
  // A photo of weight 0 is one that this head never had: it calibrates nothing, either.
  const isTrained = (photo: number) => photoWeights[photo] > 0;
  const calibrations: Calibration[] = [];
  for (const [part, { selection: own }] of taken.entries()) {
    const { inner: folds } = all[part];
    const rows = own.validated.filter(isTrained);
    calibrations.push(await calibrate({ logits: own.outOfFold, targets, rows, folds, weights: photoWeights }));
  }
  const { selection, ...file } = taken[taken.length - 1];
  const { settings } = selection;
  let { fitted } = selection;
  if (refit && all[all.length - 1].heldOut.length > 0)
    [fitted] = await fitChosen(file.head, problem, [{ settings, weights: photoWeights }], context);
  const answered = await answersFor(measured, taken.slice(0, measured.length), photosOf(problem), context);
  const { folds, ...stacked } = answered;
  return {
    file,
    settings,
    calibration: calibrations[calibrations.length - 1],
    fitted,
    parts: taken.slice(0, measured.length).map(({ selection: own, ...one }) => ({ ...one, settings: own.settings })),
    ...stacked,
    calibrations: Array.from(folds, (training) => calibrations[training]),
    folds: measured.length > 1 ? folds : undefined,
    rowsPerRepeat: measured.reduce((sum, { heldOut, repeat }) => sum + (repeat === 0 ? heldOut.length : 0), 0),
  };
}

/**
 * The answers of each part's head for what it had not seen, brought together in the order of the photos within each
 * repeat. Heads of one kind answer together. What else they would say is not kept: with thousands of classes it is more
 * than memory holds.
 */
async function answersFor<Settings, Fitted>(
  measured: readonly Part[],
  taken: readonly Taken<Settings, Fitted>[],
  photos: Problem,
  context: FitContext,
) {
  const judged = measured
    .flatMap(({ heldOut }, training) => Array.from(heldOut, (row) => ({ row, training })))
    .sort((a, b) => measured[a.training].repeat - measured[b.training].repeat || a.row - b.row);
  const placeOf = measured.map(() => new Int32Array(photos.labels.length).fill(-1));
  for (const [place, { row, training }] of judged.entries()) placeOf[training][row] = place;
  const columns = photos.classes;
  const data = new Float32Array(judged.length * columns);
  for (const head of new Set(taken.map((one) => one.head))) {
    const own = [...taken.keys()].filter((part) => taken[part].head === head);
    const fitted = own.map((part) => taken[part].selection.fitted);
    await predictEachLogits(head, fitted, photos, context, (k, row, logits) => {
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
