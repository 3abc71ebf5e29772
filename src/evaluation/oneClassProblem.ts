/** Photos of which some are normal, and how they are dealt. */

import type { Inputs } from '../features/mapTable.ts';

/** Photos of which some are normal, and how they are dealt. */
export interface OneClassProblem {
  readonly inputs: Inputs;
  /** 1: normal, to learn from; 0: abnormal, to be judged by only. */
  readonly normal: Uint8Array;
  /** Fold of each photo, 0 .. folds - 1; groups are not divided. -1: not to learn from, and judged by the head for the file. */
  readonly fold: Int32Array;
  readonly folds: number;
  /** Photos of a group are equal, or nearly so: for what is promised they count once. */
  readonly groups: Int32Array;
  readonly falsePositiveRate: number;
}
