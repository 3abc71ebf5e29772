/** What training on views gained and cost. */

import type * as z from 'zod';
import type { Choose } from '../evaluation/choose.ts';
import { crossValidate } from '../evaluation/crossValidate.ts';
import type { Extraction } from '../features/extraction.ts';
import type { FitContext } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { distortionsOf, type ViewOptions } from '../images/view.ts';
import { compare, verdicts } from '../metrics/compare.ts';
import { outcomesOf } from '../metrics/metric.ts';
import type { viewsResult } from '../results/trainResult.ts';
import type { JudgedRun } from './judgedRun.ts';
import type { Run } from './openRun.ts';

/** A run that trained on views, too. */
export interface RunWithViews extends JudgedRun {
  readonly options: ViewOptions;
  readonly extraction: Pick<Extraction, 'views' | 'computed'>;
  readonly watch: Run['watch'];
  /** The head, or how it is chosen. */
  readonly how: AnyHead | Choose<unknown, unknown>;
  /** [N] */
  readonly photoWeights: Float32Array;
}

/**
 * What views gained, and what they cost: the same head is chosen, fitted and judged on the photos alone, in the same
 * split.
 */
export async function compareViews(
  { task, photos, targets, groups, split, answered, options, extraction, watch, how, photoWeights }: RunWithViews,
  context: FitContext,
): Promise<z.infer<typeof viewsResult>> {
  const seconds = watch.seconds();
  const began = performance.now();
  const { calibration, metric } = task;
  const judging = { targets, calibrate: calibration.fit, photoWeights, refit: false };
  const without = await crossValidate(how, photos, split, judging, context);
  const fitting = (performance.now() - began) / 1000;
  const alone = calibration.probabilities(without.logits, without.calibrations);
  const { difference, p, better } = compare(
    metric,
    { ...answered, outcomes: outcomesOf(metric, answered.probabilities, targets, answered.rows) },
    { outcomes: outcomesOf(metric, alone, targets, without.rows) },
    targets,
    groups,
    context.seed,
  );
  const { computed } = extraction.views;
  return {
    ...distortionsOf(options),
    count: options.count,
    ...extraction.views,
    metric: metric.name,
    gain: difference,
    p,
    verdict: verdicts[better],
    seconds: {
      // Every photo and every view costs about the same.
      extraction: computed === 0 ? 0 : (seconds.extraction * computed) / (computed + extraction.computed),
      fitting: Math.max(0, seconds.fitting - fitting),
    },
  };
}
