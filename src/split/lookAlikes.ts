/** Pairs whose features are closer than those of other photos near them. */

import type { Neighbours } from '../numerics/exactlyNearest.ts';

/** Neighbours that are looked at: as many as the largest burst may hold. */
export const neighboursWanted = 50;
/** Its distance from a photo says how close unrelated photos are there. */
const rank = 5;
/** Farther ranks that stand in where the fifth neighbour is itself a near-duplicate. */
const fartherRanks = [10, 20, 50];

/** Pairs less close than this are not even worth comparing by their pictures: most photos have such neighbours. */
const leastCloseness = 0.15;

/** Places of two photos, a < b, and how close they are against others nearby. */
export interface LookAlike {
  readonly a: number;
  readonly b: number;
  /** 0: as close as the fifth neighbour; 1: so close that chance does not do it; beyond: closer still. */
  readonly closeness: number;
}

/**
 * Pairs of photos that are closer to each other than either is to its fifth neighbour. How much closer is said by the
 * logarithm of the ratio of both distances, in units of a threshold that comes from the set itself.
 *
 * Among unrelated photos such ratios are governed by one number, the dimension m of the features about them: it is
 * estimated from the distances of ranks 10 to 50 (Levina and Bickel 2004), which bursts hardly touch. The threshold is
 * exp(-2 / sqrt(m)); below 12 dimensions exp(-7 / m), a ratio that theory gives to one photo in a thousand.
 * Both numbers are measured: see docs/architecture.md.
 */
export function lookAlikes({ count, places, distances }: Neighbours): LookAlike[] {
  if (count < rank) return [];
  const dimension = dimensionOf(distances, count);
  const threshold = thresholdOf(dimension);
  const photos = distances.length / count;
  const reference = Float64Array.from({ length: photos }, (_, photo) => {
    const at = (nth: number) => distances[photo * count + nth - 1];
    let near = at(rank);
    for (const farther of fartherRanks) {
      // What the fifth neighbour's distance would be, going by a farther one.
      const supposed = farther <= count ? at(farther) * (rank / farther) ** (1 / dimension) : 0;
      if (near < threshold * supposed) near = supposed;
    }
    return near;
  });
  const scale = 1 / Math.log(threshold);
  const reach = threshold ** leastCloseness;
  const pairs: LookAlike[] = [];
  for (let a = 0; a < photos; a++)
    for (let at = a * count; at < (a + 1) * count && distances[at] < reach * reference[a]; at++) {
      const b = places[at];
      const ratio = distances[at] / Math.min(reference[a], reference[b]);
      if (ratio < reach && a < b) pairs.push({ a, b, closeness: scale * Math.log(ratio) });
    }
  return pairs;
}

export function thresholdOf(dimension: number): number {
  return Math.min(Math.exp(-2 / Math.sqrt(dimension)), Math.exp(-7 / dimension));
}

/** How many directions photos vary in, seen from each of them; 1 at least. */
export function dimensionOf(distances: Float32Array, count: number): number {
  const inner = Math.max(1, Math.floor(count / 5));
  let growth = 0;
  let photos = 0;
  for (let first = 0; first < distances.length; first += count) {
    const [near, far] = [distances[first + inner - 1], distances[first + count - 1]];
    if (!(near > 0 && far < Number.POSITIVE_INFINITY)) continue;
    growth += Math.log(far / near);
    photos++;
  }
  let expected = 0;
  for (let nth = inner; nth < count; nth++) expected += 1 / nth;
  return growth > 0 ? Math.max(1, (expected * photos) / growth) : 1;
}
