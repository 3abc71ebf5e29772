/** What training on views gained and cost. */

import type * as z from 'zod';
import type { Extraction } from '../features/extraction.ts';
import type { FitContext } from '../heads/head.ts';
import { distortionsOf, type ViewOptions } from '../images/view.ts';
import type { viewsResult } from '../results/trainResult.ts';
import { answersOn, gainOver, type Otherwise } from './gain.ts';
import type { JudgedRun } from './judgedRun.ts';
import type { Run } from './openRun.ts';

/** A run that trained on views, too. */
export interface RunWithViews extends JudgedRun, Otherwise {
  readonly options: ViewOptions;
  readonly extraction: Pick<Extraction, 'views' | 'computed'>;
  readonly watch: Run['watch'];
}

/**
 * What views gained, and what they cost: the same head is chosen, fitted and judged on the photos alone, in the same
 * split.
 */
export async function compareViews(
  { options, extraction, watch, how, photoWeights, ...judged }: RunWithViews,
  context: FitContext,
): Promise<z.infer<typeof viewsResult>> {
  const seconds = watch.seconds();
  const without = await answersOn(judged, judged.photos, { how, photoWeights }, context);
  const { computed } = extraction.views;
  return {
    ...distortionsOf(options),
    count: options.count,
    ...extraction.views,
    ...gainOver(judged, judged.answered, without, context),
    seconds: {
      // Every photo and every view costs about the same.
      extraction: computed === 0 ? 0 : (seconds.extraction * computed) / (computed + extraction.computed),
      fitting: Math.max(0, seconds.fitting - without.seconds),
    },
  };
}
