/** Out-of-fold predictions. */

import type { Matrix } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';

/** Out-of-fold logits that a calibration is fitted on. */
export interface CalibrationData<T extends Targets> {
  /** [N, C]; only `rows` are read. */
  readonly logits: Matrix;
  readonly targets: T;
  /** Photos that have such logits. */
  readonly rows: Int32Array;
  /** [N] Inner fold of each photo; groups stay together. */
  readonly folds: Int32Array;
  /** [N] Weight of each photo in training. */
  readonly weights: Float32Array;
}

/** Out-of-fold predictions (cross_val_predict): each by a classifier that had not seen the photo. */
export interface OutOfFold<Calibration> {
  /** [R] Photo of each row; with repeated folds a photo comes once a repeat, repeat after repeat. */
  readonly rows: Int32Array;
  /** [R, C] Before calibration. */
  readonly logits: Matrix;
  /** [R] Calibration of each row, fitted without it. */
  readonly calibrations: readonly Calibration[];
  /** [R] Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
  /** Rows of the first repeat, which come first. */
  readonly rowsPerRepeat: number;
}
