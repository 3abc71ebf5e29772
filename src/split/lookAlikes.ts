import type { Neighbours } from '../numerics/nearestRows.ts';

/** Neighbours that are looked at: as many as the largest burst may hold. */
export const neighboursWanted = 50;
/** Its distance from a photo says how close unrelated photos are there. */
const rank = 5;
/** Farther ranks that stand in where the fifth neighbour is itself a near-duplicate. */
const fartherRanks = [10, 20, 50];

/** Places of two photos, and how close they are against others nearby: 0 equal, 1 as close as the fifth neighbour. */
export interface Closeness {
  readonly a: number;
  readonly b: number;
  readonly ratio: number;
}

/**
 * Pairs of photos that are far closer than chance allows: their distance, against the distance from either of them to
 * its fifth neighbour, lies below a threshold that comes from the set itself.
 *
 * Among unrelated photos such ratios are governed by one number, the dimension m of the features about them: it is
 * estimated from the distances of ranks 10 to 50 (Levina and Bickel 2004), which bursts hardly touch. The threshold is
 * exp(-1.53 / sqrt(m)); below 12 dimensions exp(-5.4 / m), a ratio that theory gives to one photo in some hundreds.
 * Both numbers are measured: see docs/architecture.md.
 */
export function lookAlikes({ count, places, distances }: Neighbours): Closeness[] {
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
  const pairs: Closeness[] = [];
  for (let a = 0; a < photos; a++)
    for (let at = a * count; at < (a + 1) * count && distances[at] < threshold * reference[a]; at++) {
      const b = places[at];
      const ratio = distances[at] / Math.min(reference[a], reference[b]);
      if (ratio < threshold) pairs.push({ a, b, ratio });
    }
  return pairs;
}

export function thresholdOf(dimension: number): number {
  return Math.min(Math.exp(-1.53 / Math.sqrt(dimension)), Math.exp(-5.4 / dimension));
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
