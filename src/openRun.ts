import type { Backbone } from './backbone/backbone.ts';
import { backboneOf, type Earlier, requireSameBackbone } from './classifier/earlier.ts';
import type { FitContext } from './heads/head.ts';
import type { ImageSet } from './images/imageSet.ts';
import { type LiveCurves, openLiveCurves } from './liveCurves.ts';
import { Stopwatch } from './stopwatch.ts';
import type { TrainOptions, TrainPlatform } from './trainOptions.ts';

/** What every training run stands on. */
export interface Run {
  readonly backbone: Backbone;
  readonly context: FitContext;
  /** Where TensorBoard's curves were asked for. */
  readonly curves: LiveCurves | undefined;
  readonly watch: Stopwatch<'extraction' | 'fitting' | 'evaluation'>;
}

/**
 * Makes sure, before hours of work are spent, that results can be written and that the network is there.
 * @param earlier the classifier from which the run begins: network and seed are its own unless told
 */
export async function openRun(
  set: ImageSet,
  options: Omit<TrainOptions, 'balance' | 'refit'>,
  platform: TrainPlatform,
  earlier?: Earlier,
): Promise<Run> {
  const { out, tensorboard, signal, threads = platform.cores } = options;
  const watch = new Stopwatch(['extraction', 'fitting', 'evaluation']);
  for (const note of set.notes ?? []) options.onWarning?.(note);
  await platform.ensureFolder(out);
  const curves = tensorboard === undefined ? undefined : await openLiveCurves(tensorboard, platform);
  const network = options.backbone ?? (earlier ? backboneOf(earlier) : 'embedded');
  const resolved = await platform.resolveBackbone(network, options);
  const seed = options.seed ?? earlier?.card.training.seed ?? 0;
  return {
    backbone: earlier ? requireSameBackbone(resolved, earlier) : resolved,
    context: { openSession: platform.openSession, threads, seed, signal },
    curves,
    watch,
  };
}
