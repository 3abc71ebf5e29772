/** How many photos are enough for results. */

/** Photos of each class from which on results are measured without being asked for, and of one class alone. */
const leastToMeasure = 5;
const leastAlone = 10;

/** @param labels of each photo whose features are there */
export function isEnough(labels: readonly string[]): boolean {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const least = counts.size === 1 ? leastAlone : leastToMeasure;
  return counts.size > 0 && [...counts.values()].every((count) => count >= least);
}
