/** What a choice gained over the same run without it. */

import type { Choose } from '../evaluation/choose.ts';
import { crossValidate } from '../evaluation/crossValidate.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { compare, verdicts } from '../metrics/compare.ts';
import { outcomesOf } from '../metrics/metric.ts';
import type { OutOfFold } from '../metrics/outOfFold.ts';
import type { Gain } from '../results/trainResult.ts';
import type { JudgedRun } from './judgedRun.ts';

/** A run as it would have been. */
export interface Otherwise {
  /** The head, or how it is chosen. */
  readonly how: AnyHead | Choose<unknown, unknown>;
  /** [N] */
  readonly photoWeights: Float32Array;
}

/**
 * Answers of the run as it would have been on other inputs, in the same split.
 * @param problem of the same photos
 */
export async function answersOn(
  { task, targets, split, groups }: Omit<JudgedRun, 'answered'>,
  problem: Problem,
  { how, photoWeights }: Otherwise,
  context: FitContext,
): Promise<JudgedRun['answered'] & { readonly seconds: number }> {
  const began = performance.now();
  const { calibration } = task;
  const judging = { targets, calibrate: calibration.fit, groups, photoWeights, refit: false };
  const held = await crossValidate(how, problem, split, judging, context);
  const seconds = (performance.now() - began) / 1000;
  return { ...held, probabilities: calibration.probabilities(held.logits, held.calibrations), seconds };
}

/** The metric of one run less that of another, on the same photos in the same split. */
export function gainOver(
  { task: { metric }, targets, groups }: Pick<JudgedRun, 'task' | 'targets' | 'groups'>,
  answered: JudgedRun['answered'],
  other: Pick<OutOfFold<unknown>, 'rows'> & Pick<JudgedRun['answered'], 'probabilities'>,
  { seed }: Pick<FitContext, 'seed'>,
): Gain {
  const { difference, p, better } = compare(
    metric,
    { ...answered, outcomes: outcomesOf(metric, answered.probabilities, targets, answered.rows) },
    { outcomes: outcomesOf(metric, other.probabilities, targets, other.rows) },
    targets,
    groups,
    seed,
  );
  return { metric: metric.name, gain: difference, p, verdict: verdicts[better] };
}
