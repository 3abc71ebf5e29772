import type * as z from 'zod';
import { compareJudged } from './evaluation/compareJudged.ts';
import { type Judgement, judge } from './evaluation/judge.ts';
import type { Extraction } from './features/extract.ts';
import type { FitContext, Head, Problem } from './heads/head.ts';
import { photosOf } from './heads/head.ts';
import { distortionsOf, type ViewOptions } from './images/view.ts';
import type { viewsResult } from './report/trainResult.ts';
import type { Split } from './split/split.ts';

/** A run that trained on views, too. */
export interface RunWithViews<Settings, Fitted> {
  readonly options: ViewOptions;
  readonly extraction: Pick<Extraction, 'views' | 'computed'>;
  readonly problem: Problem;
  readonly split: Split;
  readonly judged: Judgement<Settings, Fitted>;
  readonly photoWeights: Float32Array;
  /** Group of each photo. */
  readonly groups: Int32Array;
  readonly seconds: { readonly extraction: number; readonly fitting: number };
}

/**
 * What views gained and what they cost: the same head is chosen, fitted and judged on the photos alone, in the same
 * split, and compared photo by photo or fold by fold.
 */
export async function measureViews<Settings, Fitted>(
  head: Head<Settings, Fitted>,
  { options, extraction, problem, split, judged, photoWeights, groups, seconds }: RunWithViews<Settings, Fitted>,
  context: FitContext,
): Promise<z.infer<typeof viewsResult>> {
  const photos = photosOf(problem);
  const began = performance.now();
  const without = await judge(head, photos, split, { photoWeights, refit: false }, context);
  const fitting = (performance.now() - began) / 1000;
  const { difference, p, better } = compareJudged(judged, without, photos.labels, groups, context.seed);
  const { computed } = extraction.views;
  return {
    ...distortionsOf(options),
    count: options.count,
    ...extraction.views,
    gain: difference,
    p,
    verdict: ({ first: 'better', second: 'worse', tie: 'tie' } as const)[better],
    seconds: {
      // Every photo and every view costs about the same.
      extraction: computed === 0 ? 0 : (seconds.extraction * computed) / (computed + extraction.computed),
      fitting: Math.max(0, seconds.fitting - fitting),
    },
  };
}
