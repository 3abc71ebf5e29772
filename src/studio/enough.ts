/** How many photos are enough for results. */

import { isMultiLabel } from '../sets/imageSet.ts';

/** Photos of each class from which on results are measured without being asked for, and of one class alone. */
const leastToMeasure = 5;
const leastAlone = 10;

/** @param photos those whose features are there. Where they have several labels, as many are to be without each as with it. */
export function isEnough(photos: readonly { readonly labels: readonly string[] }[]): boolean {
  const counts = new Map<string, number>();
  for (const { labels } of photos) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const several = isMultiLabel({ items: photos });
  const least = counts.size === 1 && !several ? leastAlone : leastToMeasure;
  return (
    counts.size > 0 &&
    [...counts.values()].every((count) => count >= least && (!several || photos.length - count >= least))
  );
}
