/** Looks at held-out photos again as they might have come out, and says what that costs. */

import type { Backbone } from '../backbone/backbone.ts';
import { measureRobustness, type Robustness, type RobustnessInput, robustnessRows } from '../evaluation/robustness.ts';
import type { Extraction } from '../features/extraction.ts';
import { extractLooks } from '../features/looks.ts';
import type { FitContext } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { corruptedViews } from '../images/view.ts';
import { gather } from '../numerics/rows.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';
import { pictureTime } from './pictureTime.ts';

/** A run that was fitted. */
export interface RobustnessRun extends RobustnessInput {
  readonly taken: { readonly head: AnyHead; readonly settings: unknown };
  readonly extraction: Pick<Extraction, 'items' | 'computed'>;
  readonly backbone: Backbone;
  /** Seconds that the photos took. */
  readonly seconds: number;
}

/**
 * What bad photos cost. The time it will take is said before.
 * @returns undefined where the head reads more than the features of photos
 */
export async function checkRobustness(
  { taken, extraction, backbone, seconds, ...input }: RobustnessRun,
  options: Pick<TrainOptions, 'signal' | 'limits' | 'onProgress' | 'onStage' | 'onUnderstood' | 'onWarning'>,
  platform: TrainPlatform,
  context: FitContext,
): Promise<Robustness | undefined> {
  const { signal, limits, onProgress, onStage, onUnderstood, onWarning } = options;
  if (taken.head.needs === 'spatial') {
    onWarning?.(`Robustness is not measured: the head ${taken.head.name} reads feature maps.`);
    return undefined;
  }
  const began = performance.now();
  const { items } = extraction;
  const rows = robustnessRows(input.split);
  const pictures = rows.length * corruptedViews.length;
  onUnderstood?.(
    `Robustness: ${rows.length.toLocaleString('en-US')} held-out photos are looked at again in ${corruptedViews.length} bad versions each, ${pictureTime(pictures, extraction, seconds)} unless they are cached.`,
  );
  onStage?.('Looking at bad photos');
  const again = await extractLooks(
    rows.map((row) => items[row]),
    backbone,
    platform,
    { threads: context.threads, signal, limits, progress: onProgress, views: corruptedViews },
  );
  const rowOf = new Map(rows.map((row) => [items[row].file, row]));
  const found = again.items.flatMap(({ file }) => rowOf.get(file) ?? []);
  const versions = corruptedViews.map((_, k) =>
    gather(
      again.features,
      found.map((_, i) => (k + 1) * found.length + i),
    ),
  );
  const measured = await measureRobustness(taken, input, found, versions, context);
  return { ...measured, seconds: (performance.now() - began) / 1000 };
}
