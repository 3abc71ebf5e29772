/** A run with known answers, as input to comparisons. */

import type { Problem } from '../heads/head.ts';
import type { OutOfFold } from '../metrics/outOfFold.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';
import type { Split } from '../split/split.ts';
import type { AnyTask } from '../tasks/task.ts';

/** A training run whose answers for kept-out photos are known, as it is compared with others. */
export interface JudgedRun {
  readonly task: AnyTask;
  /** The photos, without views. */
  readonly photos: Problem;
  readonly targets: Targets;
  /** [N] Group of each photo. */
  readonly groups: Int32Array;
  readonly split: Split;
  readonly answered: OutOfFold<unknown> & {
    /** [R, C] */
    readonly probabilities: Matrix;
  };
}
