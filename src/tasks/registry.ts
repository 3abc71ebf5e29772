/** All tasks, and the one that an image set needs. */

import { CarafeError } from '../errors.ts';
import { type ImageSet, isMultiLabel } from '../sets/imageSet.ts';
import { multiLabel } from './multiLabel.ts';
import { singleLabel } from './singleLabel.ts';
import type { AnyTask, Refusable } from './task.ts';

/** Every task. A new one is one file and one line here. */
export const tasks: readonly AnyTask[] = [singleLabel, multiLabel];

/** The task that an image set needs; decided here only. */
export function taskOf(set: ImageSet): AnyTask {
  return isMultiLabel(set) ? multiLabel : singleLabel;
}

/** The task that a classifier's card names. */
export function taskNamed(name: AnyTask['name']): AnyTask {
  const task = tasks.find((each) => each.name === name);
  if (!task) throw new TypeError(`there is no task ${name}`);
  return task;
}

/** What a user may have asked for, as far as some task refuses it. */
interface Asked {
  readonly balance?: boolean | undefined;
  readonly budget?: unknown;
  readonly bottleneck?: unknown;
  readonly head?: string | undefined;
  readonly coverage?: unknown;
  readonly robustness?: boolean | undefined;
}

/** @throws CarafeError USAGE for an option that is given and has no meaning for the task */
export function refuse({ refuses }: AnyTask, { balance, budget, bottleneck, head, coverage, robustness }: Asked): void {
  const given: Readonly<Record<Refusable, boolean>> = {
    balance: balance === true,
    budget: budget !== undefined,
    bottleneck: bottleneck !== undefined,
    auto: head === 'auto',
    coverage: coverage !== undefined,
    robustness: robustness === true,
  };
  for (const option of refusable) {
    const reason = refuses[option];
    if (given[option] && reason) throw new CarafeError('USAGE', reason.what, reason.hint);
  }
}

const refusable: readonly Refusable[] = ['balance', 'budget', 'bottleneck', 'auto', 'coverage', 'robustness'];
