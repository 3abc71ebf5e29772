/** Weighted k-means. */

import type { Matrix } from '../runtime/platform.ts';
import { Random } from './random.ts';

export interface Clusters {
  /** [N] Cluster of each row. */
  readonly assignments: Int32Array;
  /** [count, D] Weighted mean of each cluster's rows. */
  readonly centres: Float32Array;
  readonly count: number;
}

const mostRounds = 30;
/** Of the restarts the best counts; where rows times centres are many, a single start costs enough. */
const restarts = 4;
const mostRestarted = 2e6;

/**
 * Weighted k-means by Lloyd's algorithm from k-means++ starts (Arthur and Vassilvitskii 2007). No cluster is empty.
 * @param count clusters wanted; no more than there are rows of different places
 * @param weights [N] 0 or more, some above 0
 */
export function kMeans(matrix: Matrix, count: number, weights: ArrayLike<number>, seed: string): Clusters {
  const times = matrix.rows * count <= mostRestarted ? restarts : 1;
  let best: { readonly clusters: Clusters; readonly inertia: number } | undefined;
  for (let start = 0; start < times; start++) {
    const found = lloyd(matrix, startCentres(matrix, count, weights, new Random(`${seed}/k-means ${start}`)), weights);
    if (!best || found.inertia < best.inertia) best = found;
  }
  if (!best) throw new TypeError('one start is tried at least');
  return best.clusters;
}

/** Rows drawn one after another, each as probably as it weighs times its squared distance from those drawn before. */
function startCentres(matrix: Matrix, count: number, weights: ArrayLike<number>, random: Random): Float32Array {
  const { rows, columns, data } = matrix;
  const centres = new Float32Array(count * columns);
  const far = new Float64Array(rows).fill(1);
  let drawn = 0;
  while (drawn < count) {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += weights[row] * far[row];
    if (!(sum > 0)) break;
    let left = random.uniform() * sum;
    let pick = -1;
    for (let row = 0; row < rows; row++) {
      const share = weights[row] * far[row];
      if (share > 0) pick = row;
      left -= share;
      if (left < 0 && share > 0) break;
    }
    centres.set(data.subarray(pick * columns, (pick + 1) * columns), drawn * columns);
    for (let row = 0; row < rows; row++) {
      const distance = squared(data, row * columns, centres, drawn * columns, columns);
      far[row] = drawn === 0 ? distance : Math.min(far[row], distance);
    }
    drawn++;
  }
  return centres.subarray(0, drawn * columns);
}

function lloyd(
  { rows, columns, data }: Matrix,
  centres: Float32Array,
  weights: ArrayLike<number>,
): { clusters: Clusters; inertia: number } {
  const count = centres.length / columns;
  const assignments = new Int32Array(rows).fill(-1);
  let inertia = 0;
  for (let round = 0; round < mostRounds; round++) {
    let moved = 0;
    inertia = 0;
    for (let row = 0; row < rows; row++) {
      const { cluster, distance } = nearest(data, row * columns, centres, columns, count);
      if (assignments[row] !== cluster) moved++;
      assignments[row] = cluster;
      inertia += weights[row] * distance;
    }
    if (moved === 0) break;
    recentre(data, columns, centres, assignments, weights);
  }
  return { clusters: { assignments, centres, count }, inertia };
}

/** A centre whose rows are gone, or weigh nothing, stays where it is. */
function recentre(
  data: Float32Array,
  columns: number,
  centres: Float32Array,
  assignments: Int32Array,
  weights: ArrayLike<number>,
): void {
  const sums = new Float64Array(centres.length);
  const mass = new Float64Array(centres.length / columns);
  for (const [row, cluster] of assignments.entries()) {
    const weight = weights[row];
    if (weight === 0) continue;
    mass[cluster] += weight;
    for (let d = 0; d < columns; d++) sums[cluster * columns + d] += weight * data[row * columns + d];
  }
  for (let at = 0; at < centres.length; at++) {
    const own = mass[Math.floor(at / columns)];
    if (own > 0) centres[at] = sums[at] / own;
  }
}

function nearest(data: Float32Array, from: number, centres: Float32Array, columns: number, count: number) {
  let cluster = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (let k = 0; k < count; k++) {
    const own = squared(data, from, centres, k * columns, columns);
    if (own < distance) [cluster, distance] = [k, own];
  }
  return { cluster, distance };
}

/** Squared distance of two runs of as many numbers. */
export function squared(a: Float32Array, from: number, b: Float32Array, start: number, columns: number): number {
  let sum = 0;
  for (let d = 0; d < columns; d++) {
    const difference = a[from + d] - b[start + d];
    sum += difference * difference;
  }
  return sum;
}
