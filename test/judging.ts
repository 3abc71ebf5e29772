import type { Choose } from '../src/evaluation/choose.ts';
import { type CrossValidated, type CrossValidateOptions, crossValidate } from '../src/evaluation/crossValidate.ts';
import { type FitContext, type Head, type Problem, photosOf } from '../src/heads/head.ts';
import type { LabelTargets, Targets } from '../src/sets/targets.ts';
import type { Split } from '../src/split/split.ts';
import { multiLabel } from '../src/tasks/multiLabel.ts';
import { singleLabel } from '../src/tasks/singleLabel.ts';

/** Photos are groups of their own unless told. */
type Options<Settings> = Omit<CrossValidateOptions<Targets, unknown, Settings>, 'targets' | 'calibrate' | 'groups'> & {
  readonly groups?: Int32Array;
};
type How<Settings, Fitted> = Head<Settings, Fitted> | Choose<Settings, Fitted>;

/** What the photos of a problem show; classes have numbers for names. */
export function targetsOf(problem: Problem): Targets {
  const { labels, truth, classes } = photosOf(problem);
  return { classes: Array.from({ length: classes }, (_, label) => `class ${label}`), labels, truth };
}

/** Cross-validation of one class a photo. */
export function judge<Settings, Fitted>(
  how: How<Settings, Fitted>,
  problem: Problem,
  split: Split,
  options: Options<Settings>,
  context: FitContext,
): Promise<CrossValidated<Settings, Fitted, Awaited<ReturnType<typeof singleLabel.calibration.fit>>>> {
  const targets = targetsOf(problem);
  const groups = alone(targets);
  const { fit: calibrate } = singleLabel.calibration;
  return crossValidate(how, problem, split, { groups, ...options, targets, calibrate }, context);
}

/** Cross-validation of several labels a photo. */
export function judgeLabels<Settings, Fitted>(
  how: How<Settings, Fitted>,
  problem: Problem,
  split: Split,
  options: Options<Settings>,
  context: FitContext,
): Promise<CrossValidated<Settings, Fitted, Awaited<ReturnType<typeof multiLabel.calibration.fit>>>> {
  const targets = severalOf(problem);
  const groups = alone(targets);
  const { fit: calibrate } = multiLabel.calibration;
  return crossValidate(how, problem, split, { groups, ...options, targets, calibrate }, context);
}

function alone({ labels }: Targets): Int32Array {
  return Int32Array.from(labels.keys());
}

/** @throws TypeError where each photo has one class */
export function severalOf(problem: Problem): LabelTargets {
  const { truth, ...targets } = targetsOf(problem);
  if (!truth) throw new TypeError('each photo has one class here');
  return { ...targets, truth };
}
