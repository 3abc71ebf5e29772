import type * as z from 'zod';
import { type Comparison, verdicts } from './evaluation/compare.ts';
import type { Extraction } from './features/extract.ts';
import { distortionsOf, type ViewOptions } from './images/view.ts';
import type { viewsResult } from './report/trainResult.ts';

/** A run that trained on views, too. */
export interface RunWithViews<Judged> {
  readonly options: ViewOptions;
  readonly extraction: Pick<Extraction, 'views' | 'computed'>;
  readonly seconds: { readonly extraction: number; readonly fitting: number };
  /** Chooses, fits and judges the same head on the photos alone, in the same split. */
  readonly judgeWithout: () => Promise<Judged>;
  /** The run's own judgement against that one. */
  readonly compareWith: (without: Judged) => Comparison;
}

/** What views gained, photo by photo or fold by fold, and what they cost. */
export async function measureViews<Judged>({
  options,
  extraction,
  seconds,
  judgeWithout,
  compareWith,
}: RunWithViews<Judged>): Promise<z.infer<typeof viewsResult>> {
  const began = performance.now();
  const without = await judgeWithout();
  const fitting = (performance.now() - began) / 1000;
  const { difference, p, better } = compareWith(without);
  const { computed } = extraction.views;
  return {
    ...distortionsOf(options),
    count: options.count,
    ...extraction.views,
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
