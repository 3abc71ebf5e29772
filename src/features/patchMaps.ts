/** The feature maps that patch-based one-class heads read. */

import type { Backbone, SpatialCut } from '../backbone/backbone.ts';
import { CarafeError } from '../errors.ts';
import type { Inputs, MapTable } from './mapTable.ts';
import type { MapNeeds } from './network.ts';

/** Whether a network's maps are tokens, whose patches are compared by their last layer alone. */
export function hasTokens({ network }: Pick<Backbone, 'network'>): boolean {
  return network.spatial?.layout === 'tokens';
}

/** Whether patches are the earlier maps; else they are those of the last one. */
function usesEarlier(backbone: Pick<Backbone, 'network'>): boolean {
  return backbone.network.maps.length > 0 && !hasTokens(backbone);
}

/** The maps that patches are made of: the two earlier ones; of token networks, or where there are none, the last map. */
export function patchCuts(backbone: Pick<Backbone, 'network'>): readonly SpatialCut[] {
  const { maps, spatial } = backbone.network;
  return usesEarlier(backbone) ? maps : spatial ? [spatial] : [];
}

/**
 * What extraction has to give for a one-class head.
 * @throws CarafeError UNSUPPORTED_MODEL where the head looks at patches and the network has no maps
 */
export function patchNeeds(head: { readonly needs: 'pooled' | 'maps' }, backbone: Backbone): MapNeeds {
  if (head.needs === 'pooled') return {};
  if (patchCuts(backbone).length === 0)
    throw new CarafeError(
      'UNSUPPORTED_MODEL',
      `${backbone.name} has no feature maps, but this head looks at patches of the photo.`,
      "Use another backbone, or `head: 'gaussian'`, which looks at the photo as a whole.",
    );
  return usesEarlier(backbone) ? { maps: true } : { spatial: true };
}

/** What extraction gave, as the maps that patches are made of. */
export function patchTables(backbone: Pick<Backbone, 'network'>, { maps, spatial }: Inputs): readonly MapTable[] {
  return usesEarlier(backbone) ? (maps ?? []) : spatial ? [spatial] : [];
}
