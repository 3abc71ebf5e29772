/** Balanced class weights. */

/**
 * Photo weights that give every class the same total weight, with a mean of 1 (scikit-learn's `balanced`).
 * @returns weight of each photo, [N]: N / (classes that occur * photos of its class)
 */
export function balancedWeights(labels: Int32Array, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]++;
  const occurring = counts.filter((count) => count > 0).length;
  return Float32Array.from(labels, (label) => labels.length / (occurring * counts[label]));
}
