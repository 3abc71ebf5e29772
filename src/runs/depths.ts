/** At which depths of the network a run reads its photos. */

import type { Backbone } from '../backbone/backbone.ts';
import { withDepths, withoutDepths } from '../backbone/depths.ts';
import { CarafeError } from '../errors.ts';
import type { Choose } from '../evaluation/choose.ts';
import { type Among, amongRepresentations, chooseOnSample, onChosen } from '../evaluation/chooseRepresentation.ts';
import type { Inputs } from '../features/mapTable.ts';
import { photosOf } from '../heads/head.ts';
import type { AnyHead } from '../heads/registry.ts';
import { Random } from '../numerics/random.ts';
import { gather } from '../numerics/rows.ts';
import type { Depths, TrainOptions } from './options.ts';

/** Features of all depths of more numbers than these fill a gigabyte: then only who asks for them gets them. */
const mostNumbers = 2.5e8;
/** Photos by which depths are compared at most: they tell a point, and more take long. */
const comparedPhotos = 3000;
/** What all depths have to gain over the features alone: see `Among`. */
const standardErrors = 1;

/**
 * What a run does about depths.
 * @param rows photos and views of them
 * @throws CarafeError USAGE, UNSUPPORTED_MODEL where it cannot be done as asked
 */
export function depthsOf(
  { depths: wanted, onWarning }: Pick<TrainOptions, 'depths' | 'onWarning'>,
  { name, network, isExtracted }: Backbone,
  needs: readonly string[],
  rows: number,
): Depths {
  // The network of a classifier that reads all depths: so does what is compared with it.
  if (network.own && wanted === 'last')
    throw new CarafeError(
      'USAGE',
      "`depths: 'last'`: the classifier to compare with reads all depths of its network.",
      'Leave `depths` out, or name a network with `backbone`.',
    );
  if (network.own) return 'all';
  const reads = needs.includes('pooled');
  if (wanted === 'all' && !reads)
    throw new CarafeError(
      'USAGE',
      "`depths: 'all'` only works with heads that read features, but this one reads a feature map.",
      'Leave `depths` out, or use another head.',
    );
  if (wanted === 'all' && !network.pooled)
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      `\`depths: 'all'\`: no earlier feature maps were found in ${name}.`,
      'Leave `depths` out, or use another backbone.',
    );
  if (wanted === undefined && isExtracted) return 'last';
  if (wanted === 'last' || !reads || !network.pooled) return 'last';
  const numbers = rows * (network.width + network.pooled.channels);
  if (wanted === 'all' || numbers <= mostNumbers) return wanted ?? 'auto';
  onWarning?.(
    `Features of all depths of so many photos take ${((4 * numbers) / 1e9).toFixed(1)} GB of memory, so the features of the last layer alone are used. Use \`depths: 'all'\` to read them anyway.`,
  );
  return 'last';
}

/** What extraction gives, as it is read: with `all`, the features of all depths in place of the network's own. */
export function readDepths(inputs: Inputs, depths: Depths): Inputs {
  const all = inputs.representations?.get('all');
  return depths === 'all' && all ? { ...inputs, ...all, representations: undefined } : inputs;
}

/**
 * A head at the depths that each training part chooses inside itself, of many photos by some of them.
 * @param how the head, or how it is chosen
 * @param by the head by which depths are compared
 */
export function choosingDepths(
  how: AnyHead | Choose<unknown, unknown>,
  depths: Depths,
  by: AnyHead,
): AnyHead | Choose<unknown, unknown> {
  if (depths !== 'auto') return how;
  const among: Among = { kind: 'depths', names: ['last', 'all'], by, standardErrors };
  const byAll = amongRepresentations(among, how);
  return async (problem, trainings, context, onScore) => {
    const photos = photosOf(problem);
    const all = photos.representations?.get('all');
    if (!all || photos.labels.length <= comparedPhotos) return byAll(problem, trainings, context, onScore);
    const rows = new Random(`${context.seed}/depths`).shuffle(Int32Array.from(photos.labels.keys()));
    const some = rows.subarray(0, comparedPhotos).sort();
    const others = new Map([['all', { features: gather(all.features, some) }]]);
    const choices = await chooseOnSample(among, photos, trainings, some, others, context);
    return (choices ? onChosen('last', choices, how) : byAll)(problem, trainings, context, onScore);
  };
}

/** The network as extraction runs it, whose features are its own. */
export function plainBackbone(backbone: Backbone): Backbone {
  return { ...backbone, network: withoutDepths(backbone.network) };
}

/**
 * One class has no other photos to choose by, so what is better by measurement is the default: all depths.
 * @throws CarafeError as `depthsOf` does
 */
export function oneClassDepths(
  options: Pick<TrainOptions, 'depths' | 'onWarning'>,
  backbone: Backbone,
  head: { readonly needs: string },
  photos: number,
): Depths {
  return depthsOf(options, backbone, [head.needs], photos) === 'last' ? 'last' : 'all';
}

/** The network as the file reads it. @param reads what the file's head reads */
export function backboneReadAs(backbone: Backbone, depths: Depths, reads: readonly string[] = []): Backbone {
  const isAll = depths === 'all' || reads.includes('all');
  return isAll ? { ...backbone, network: withDepths(backbone.network) } : backbone;
}
