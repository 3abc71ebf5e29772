/** What `--assert-accuracy` does. */

import { CarafeError } from '../errors.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import type { LabelEvaluation } from '../metrics/labelEvaluation.ts';
import { percent } from './show.ts';
import { complain } from './terminal.ts';

/**
 * 3 where the lower end of the interval lies under what was asked, else 0. With several labels a photo counts as right where
 * every label is (exact match ratio).
 */
export function assertAccuracy(evaluation: Evaluation | LabelEvaluation, wanted: number | undefined): number {
  const isExact = 'exactMatch' in evaluation;
  const { low } = isExact ? evaluation.exactMatch : evaluation.accuracy;
  if (wanted === undefined || low >= wanted) return 0;
  const failure = new CarafeError(
    'ASSERTION',
    `--assert-accuracy ${wanted}: the lower end of the ${isExact ? 'interval of photos with every label right' : 'accuracy interval'} is ${percent(low)}.`,
    'More photos make the interval narrower; the report shows what gets mistaken for what.',
  );
  complain(failure);
  return failure.exitCode;
}
