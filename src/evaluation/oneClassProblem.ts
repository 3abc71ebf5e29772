/** The data of a one-class problem: normal and other photos, and their folds. */

import type { Inputs } from '../features/mapTable.ts';

/** Normal and other photos, with their folds. */
export interface OneClassProblem {
  readonly inputs: Inputs;
  /** [N] 1: normal, to train on; 0: abnormal, only to test on. */
  readonly normal: Uint8Array;
  /** Fold of each photo, 0 .. folds - 1; groups are not divided. -1: not to learn from, and judged by the head for the file. */
  readonly fold: Int32Array;
  readonly folds: number;
  /** Photos of a group are equal, or nearly so: for what is promised they count once. */
  readonly groups: Int32Array;
  readonly falsePositiveRate: number;
}
