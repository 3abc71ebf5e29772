/** What `--assert-accuracy` does. */

import { CarafeError } from '../errors.ts';
import type { Interval } from '../metrics/evaluation.ts';
import { percent } from './show.ts';
import { complain } from './terminal.ts';

/** 3 where the lower end of the interval lies under what was asked, else 0. */
export function assertAccuracy({ low }: Interval, wanted: number | undefined): number {
  if (wanted === undefined || low >= wanted) return 0;
  const failure = new CarafeError(
    'ASSERTION',
    `--assert-accuracy ${wanted}: the lower end of the accuracy interval is ${percent(low)}.`,
    'More photos make the interval narrower; the report shows what gets mistaken for what.',
  );
  complain(failure);
  return failure.exitCode;
}
