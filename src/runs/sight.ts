/** How a run is to see its photos: what its options come to. */

import type { Backbone } from '../backbone/backbone.ts';
import type { PreviousClassifier } from '../classifier/previous.ts';
import { CarafeError } from '../errors.ts';
import { type Framing, framed, framingOf, type Looks, singleLooks } from '../images/framing.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { TrainOptions } from './options.ts';

/** How a run is to see its photos. */
export interface Sight {
  /** `auto`: chosen among crop and squash. Padding was never better than squashing. */
  readonly framing: Framing | 'auto';
  readonly looks: Looks;
  /** The network's own preprocessing. */
  readonly own: Preprocessing;
  /** One look in the framing that was named, or in the network's own: what is extracted first. */
  readonly first: Preprocessing;
}

/**
 * What the options come to: with an earlier classifier, its own framing and looks unless told.
 * @throws CarafeError USAGE where several looks are not possible
 */
export function sightOf(
  { network, name, preprocessing, isExtracted }: Backbone,
  { framing, looks, views }: Pick<TrainOptions, 'framing' | 'looks' | 'views'>,
  previous?: Pick<PreviousClassifier, 'card'>,
): Sight {
  const { looks: _, mirror: __, ...now } = preprocessing;
  const before = previous?.card.framing;
  const own = { ...now, resize: before?.own ?? now.resize };
  const wanted = framing ?? (previous ? (before?.chosenBy ?? framingOf(now)) : isExtracted ? framingOf(now) : 'auto');
  const count = looks ?? (previous ? looksOf(preprocessing) : 1);
  if (count > 1 && views)
    throw new CarafeError(
      'USAGE',
      '`views` and `looks`: both show a photo to the network several times.',
      'Use `views` to train on distorted photos, or `looks` to average over looks at each photo.',
    );
  if (count > 1 && network.fixedBatch)
    throw new CarafeError(
      'USAGE',
      `\`looks: ${count}\`: the network ${name} only takes one picture a run.`,
      'Leave `looks` out, or use another `backbone`.',
    );
  return { framing: wanted, looks: count, own, first: wanted === 'auto' ? own : framed(own, wanted) };
}

function looksOf(preprocessing: Preprocessing): Looks {
  const count = singleLooks(preprocessing).length;
  return count === 1 || count === 2 ? count : 4;
}

/**
 * The heads that can read so many looks: maps have no mean, since their places are different parts of the photo.
 * @throws CarafeError USAGE where none is left
 */
export function withLooksOf<H extends { readonly name: string; readonly needs: string }>(
  { looks }: Pick<Sight, 'looks'>,
  heads: readonly H[],
): H[] {
  const left = heads.filter(({ needs }) => looks === 1 || needs === 'pooled');
  if (left.length > 0) return left;
  throw new CarafeError(
    'USAGE',
    `\`looks: ${looks}\` only works with heads that read features, but ${heads[0].name} reads feature maps.`,
    'Leave it out, or use another head.',
  );
}
