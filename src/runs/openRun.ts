/** What every training run starts from: folder, network, seed. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Card } from '../classifier/card.ts';
import { backboneFor, type PreviousClassifier, readPrevious } from '../classifier/previous.ts';
import type { FitContext } from '../heads/head.ts';
import { Stopwatch } from '../runtime/stopwatch.ts';
import type { ImageSet } from '../sets/imageSet.ts';
import { type LiveCurves, openLiveCurves } from './liveCurves.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';
import { tell } from './understand.ts';

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
  kind: Parameters<typeof tell>[1],
  options: Omit<TrainOptions, 'head' | 'balance' | 'refit'>,
  platform: TrainPlatform,
  previous?: PreviousClassifier,
): Promise<Run> {
  const { out, tensorboard, signal, threads = platform.cores } = options;
  const watch = new Stopwatch(['extraction', 'fitting', 'evaluation']);
  tell(set, kind, options);
  await platform.ensureFolder(out);
  const curves = tensorboard === undefined ? undefined : await openLiveCurves(tensorboard, platform);
  const resolve = (spec: string) => platform.resolveBackbone(spec, options);
  const seed = options.seed ?? previous?.card.training.seed ?? 0;
  return {
    backbone: previous ? await backboneFor(previous, options, resolve) : await resolve(options.backbone ?? 'embedded'),
    context: { openSession: platform.openSession, threads, seed, signal },
    curves,
    watch,
  };
}

/** The context of the fits that take long, whose progress is told. */
export function fittingContext<C extends FitContext>(context: C, { onFitting }: Pick<TrainOptions, 'onFitting'>): C {
  return onFitting ? { ...context, progress: (done, total) => onFitting(Math.min(1, done / total)) } : context;
}

/** The classifier that `--compare-with` names. @throws CarafeError NOT_FOUND, UNREADABLE, BAD_MODEL, NOT_A_CLASSIFIER */
export async function previousFrom<NamedCard extends Card>(
  from: string,
  { readClassifier }: Pick<TrainPlatform, 'readClassifier'>,
  requireCard: (card: Card, source: string) => NamedCard,
): Promise<PreviousClassifier<NamedCard>> {
  const named = `\`compareWith: '${from}'\``;
  const { file, bytes } = await readClassifier(from, named);
  return readPrevious(bytes, file, requireCard, named);
}
