/** Answers of fits for photos that they had not seen. */

import type { Matrix } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';

/** Logits of photos by fits that had not seen them: what a calibration is fitted on. */
export interface CalibrationData<T extends Targets> {
  /** [N, C]; read are `rows` of it. */
  readonly logits: Matrix;
  readonly targets: T;
  /** Photos that have such logits. */
  readonly rows: Int32Array;
  /** [N] Inner fold of each photo, which tears no group apart. */
  readonly folds: Int32Array;
  /** [N] Weight of each photo in training. */
  readonly weights: Float32Array;
}

/** Answers for photos by classifiers that had not seen them: out-of-fold predictions. */
export interface OutOfFold<Calibration> {
  /** [R] Photo of each row; with repeated folds a photo comes once a repeat, repeat after repeat. */
  readonly rows: Int32Array;
  /** [R, C] Before calibration. */
  readonly logits: Matrix;
  /** [R] Calibration of each row, found without it. */
  readonly calibrations: readonly Calibration[];
  /** [R] Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
  /** Rows of the first repeat, which come first. */
  readonly rowsPerRepeat: number;
}
