/** Which of many unlabelled photos to label first. */

import { toUnit } from '../backbone/depths.ts';
import { kMeans, squared } from '../numerics/kmeans.ts';
import { type ProjectionContext, projected } from '../numerics/projection.ts';
import { Random } from '../numerics/random.ts';
import type { Rows } from '../numerics/rows.ts';
import { derived, gather, resident, rowsAt } from '../numerics/rows.ts';
import { smallestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';

/** Directions in which photos are compared. */
const components = 64;
/** Nearest photos by which typicality is measured (TypiClust). */
const neighbours = 20;
/** More clusters at once take long, so clusters are then divided again. */
const mostClusters = 200;
/** Of larger clusters so many photos say where it is dense. */
const mostCompared = 1500;

/** Photos among which some are chosen; near-duplicates stand for one another. */
export interface Candidates {
  /** [N, D] Features of all photos, labelled ones too. */
  readonly features: Rows;
  /** [N] Group of each photo. */
  readonly groups: Int32Array;
  /** Rows that have labels already; nothing is chosen from their groups. */
  readonly labelled: readonly number[];
  /** [N] How sure a classifier is of each photo, 0 to 1; undefined where there is none. */
  readonly sureness?: Float64Array | undefined;
  readonly count: number;
  readonly seed: number;
}

/** A photo that is chosen, and how many photos (groups) it stands for. */
export interface Chosen {
  readonly row: number;
  readonly standsFor: number;
}

/**
 * The photos to label first, the one that stands for most first. Without a classifier: the most typical photo of each
 * cluster that has no label yet (TypiClust; Hacohen, Dekel and Weinshall 2022). With one: photos are clustered by weights of
 * (1 - sureness)², so that the photos it is least sure of decide where clusters are, and of
 * the less sure half of each the one nearest to its centre is taken.
 */
export async function choosePhotos(
  { features, groups, labelled, sureness, count, seed }: Candidates,
  context: ProjectionContext,
): Promise<Chosen[]> {
  const known = new Set(labelled.map((row) => groups[row]));
  const seen = new Set(known);
  const open: number[] = [];
  for (const [row, group] of groups.entries()) {
    if (seen.has(group)) continue;
    seen.add(group);
    open.push(row);
  }
  if (open.length === 0) return [];
  const space = resident(unitRows(await projected(unitRows(features), components, `${seed}/choose`, context)));
  const chosen = sureness
    ? uncertain(space, open, sureness, count, seed)
    : typical(space, open, firstOfGroups(labelled, groups), count, seed);
  return chosen.sort((a, b) => b.standsFor - a.standsFor || a.row - b.row);
}

function firstOfGroups(rows: readonly number[], groups: Int32Array): number[] {
  const seen = new Set<number>();
  return rows.filter((row) => !seen.has(groups[row]) && seen.add(groups[row]));
}

function typical(
  space: Matrix,
  open: readonly number[],
  labelled: readonly number[],
  count: number,
  seed: number,
): Chosen[] {
  const wanted = Math.min(count, open.length);
  // Each labelled photo may have a cluster to itself.
  const clusters = clustersOf(space, [...open, ...labelled], undefined, wanted + labelled.length, seed);
  const isLabelled = new Set(labelled);
  const sizes = clusters.map((rows) => rows.filter((row) => !isLabelled.has(row)));
  const free = sizes.filter((rows, k) => rows.length > 0 && rows.length === clusters[k].length);
  const covered = sizes.filter((rows, k) => rows.length > 0 && rows.length < clusters[k].length);
  return inTurn([...free.sort(larger), ...covered.sort(larger)], wanted, (rows) => mostTypical(space, rows, seed));
}

function uncertain(
  space: Matrix,
  open: readonly number[],
  sureness: Float64Array,
  count: number,
  seed: number,
): Chosen[] {
  const wanted = Math.min(count, open.length);
  const weights = Float64Array.from(sureness, (sure) => (1 - Math.min(1, Math.max(0, sure))) ** 2 + 1e-6);
  const clusters = clustersOf(space, open, weights, wanted, seed);
  return inTurn(clusters.sort(larger), wanted, (rows) => nearestToCentre(space, rows, weights));
}

const larger = (a: readonly number[], b: readonly number[]) => b.length - a.length;

/** One photo of each cluster, then a second of each, until there are enough. */
function inTurn(
  clusters: readonly (readonly number[])[],
  wanted: number,
  pick: (rows: readonly number[]) => number,
): Chosen[] {
  const chosen: Chosen[] = [];
  const left = clusters.map((rows) => ({ rows, size: rows.length }));
  while (chosen.length < wanted) {
    let took = false;
    for (const cluster of left) {
      if (chosen.length === wanted || cluster.rows.length === 0) continue;
      const row = pick(cluster.rows);
      chosen.push({ row, standsFor: cluster.size });
      cluster.rows = cluster.rows.filter((other) => other !== row);
      took = true;
    }
    if (!took) break;
  }
  return chosen;
}

/** Rows in about `count` clusters; many clusters are made by dividing few. */
function clustersOf(
  space: Matrix,
  rows: readonly number[],
  weights: Float64Array | undefined,
  count: number,
  seed: number,
): number[][] {
  if (count <= 1 || rows.length <= 1) return [[...rows]];
  const own = { rows: rows.length, columns: space.columns, data: gather(space, rows).data };
  const { assignments, count: found } = kMeans(
    own,
    Math.min(count, mostClusters, rows.length),
    rows.map((row) => weights?.[row] ?? 1),
    `${seed}/choose`,
  );
  const clusters = Array.from({ length: found }, (): number[] => []);
  for (const [i, cluster] of assignments.entries()) clusters[cluster].push(rows[i]);
  const filled = clusters.filter((cluster) => cluster.length > 0);
  if (count <= mostClusters || filled.length < 2) return filled;
  return filled.flatMap((cluster) =>
    clustersOf(space, cluster, weights, Math.round((count * cluster.length) / rows.length), seed),
  );
}

/** The row whose nearest ones are nearest on average. */
function mostTypical(space: Matrix, rows: readonly number[], seed: number): number {
  const some =
    rows.length > mostCompared ? new Random(`${seed}/typical`).shuffle([...rows]).slice(0, mostCompared) : rows;
  const { columns, data } = space;
  let [best, least] = [rows[0], Number.POSITIVE_INFINITY];
  for (const row of some) {
    const distances = Float64Array.from(some, (other) =>
      Math.sqrt(squared(data, row * columns, data, other * columns, columns)),
    ).sort();
    // The first is the photo itself.
    const near = distances.subarray(1, neighbours + 1);
    const mean = near.reduce((sum, distance) => sum + distance, 0) / Math.max(1, near.length);
    if (mean < least) [best, least] = [row, mean];
  }
  return best;
}

function nearestToCentre(space: Matrix, rows: readonly number[], weights: Float64Array): number {
  const { columns, data } = space;
  const centre = new Float32Array(columns);
  const mass = rows.reduce((sum, row) => sum + weights[row], 0);
  for (const row of rows)
    for (let d = 0; d < columns; d++) centre[d] += (weights[row] / mass) * data[row * columns + d];
  // A photo that is sure may lie in the middle of those that are not.
  const unsure = heaviest(rows, weights, mass / 2);
  const distances = unsure.map((row) => squared(data, row * columns, centre, 0, columns));
  return unsure[distances.indexOf(smallestOf(distances))];
}

/** The fewest rows that weigh so much together. */
function heaviest(rows: readonly number[], weights: Float64Array, mass: number): number[] {
  const order = rows.toSorted((a, b) => weights[b] - weights[a] || a - b);
  let sum = 0;
  const count = order.findIndex((row) => {
    sum += weights[row];
    return sum >= mass;
  });
  return order.slice(0, Math.max(1, count + 1));
}

/** Rows at length 1; rows of zeros stay. */
function unitRows(table: Rows): Rows {
  const { columns } = table;
  return derived([table], columns, (from, target) => {
    target.set(rowsAt(table, from, target.length / columns));
    for (let at = 0; at < target.length; at += columns) toUnit(target.subarray(at, at + columns));
  });
}
