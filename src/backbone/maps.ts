/** Feature maps and how they lie. */

import type { TensorInfo } from '../runtime/platform.ts';
import type { SpatialCut } from './backbone.ts';
import { isFloat, isVector, perPhoto } from './readout.ts';
import type { Target } from './target.ts';

/** How a tensor that holds a map lies: channels-last where the two first sizes are the equal ones. */
export function mapLayout(tensor: string, [first = 0, second = 0, third = 0]: readonly number[]): SpatialCut {
  return first === second && second !== third
    ? { tensor, channels: third, layout: 'nhwc', skip: 0 }
    : { tensor, channels: first, layout: 'nchw', skip: 0 };
}

/**
 * Earlier maps than the spatial features, for one-class heads: of convolutional networks the last maps at strides 8 and
 * 16 (PatchCore: Roth et al. 2022), of token networks the tokens at one third and two thirds of the depth.
 * `height` is the input's.
 */
export function findMaps(
  target: Target,
  shapes: ReadonlyMap<string, TensorInfo>,
  batch: number,
  height: number,
  spatial: SpatialCut,
): SpatialCut[] {
  const end = target.chain.findIndex(({ tensor }) => tensor === spatial.tensor);
  const maps = target.chain.slice(0, end + 1).flatMap(({ tensor, nodes }) => {
    const info = shapes.get(tensor);
    const sizes = info && isFloat(info) ? perPhoto(info, batch) : undefined;
    return sizes && !isVector(sizes) ? [{ tensor, sizes, isSum: nodes.at(-1)?.op === 'Add' }] : [];
  });
  if (spatial.layout === 'tokens') {
    const [tokens] = maps.find(({ tensor }) => tensor === spatial.tensor)?.sizes ?? [];
    // Every block ends in a sum with what it was given.
    const blocks = maps.filter(
      ({ sizes, isSum }) => isSum && sizes.length === 2 && sizes[0] === tokens && sizes[1] === spatial.channels,
    );
    return [1 / 3, 2 / 3].flatMap((depth) => {
      const block = blocks[Math.round(blocks.length * depth) - 1];
      return block ? [{ ...spatial, tensor: block.tensor }] : [];
    });
  }
  return [8, 16].flatMap((stride) => {
    const rows = (map: SpatialCut, sizes: readonly number[]): number => sizes[map.layout === 'nchw' ? 1 : 0] ?? 0;
    const atStride = maps.findLast(
      ({ tensor, sizes }) =>
        sizes.length === 3 &&
        Math.round(Math.log2(height / rows(mapLayout(tensor, sizes), sizes))) === Math.log2(stride),
    );
    return atStride ? [mapLayout(atStride.tensor, atStride.sizes)] : [];
  });
}
