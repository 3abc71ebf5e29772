/** Near-duplicates and label conflicts among photos. */

import type { NeighbourContext } from '../numerics/exactlyNearest.ts';
import { nearestRows } from '../numerics/nearestRows.ts';
import { type Rows, rowsAt } from '../numerics/rows.ts';
import type { Picture } from './alignPictures.ts';
import { DisjointSets } from './disjointSets.ts';
import { type Hashes, hashCount, hashDistance, hashNeighbours, hashRadius, parseHashes } from './hashNeighbours.ts';
import { lookAlikes, neighboursWanted } from './lookAlikes.ts';
import { samePictures } from './samePictures.ts';
import { type Shot, shotPairs } from './shots.ts';
import { trimBorder } from './trimBorder.ts';

/** Photos against which is judged how close is close. */
const sampleSize = 256;
/** Of photos that one camera took within seconds, this share of unrelated photos may be closer. */
const closerShareOfShots = 0.05;
/** Near-duplicates under two labels are called a conflict only where both hash and features are much closer. */
const convincingBits = 4;
const convincingPart = 0.5;
const convincingShare = 0.01;

export interface DuplicateInput {
  /** Features, [N, D]. */
  readonly features: Rows;
  /** SHA-256 of each photo's bytes. */
  readonly ids: readonly string[];
  /** 64-bit perceptual hash of each photo, 16 hex digits. */
  readonly hashes: readonly string[];
  readonly pictures: readonly Picture[];
  /** When each photo was taken and by which camera, where its file says so. */
  readonly shots?: readonly (Shot | undefined)[] | undefined;
  readonly labels: Int32Array;
  /** The user's own groups. */
  readonly given: readonly (string | undefined)[];
}

export interface DuplicateGroups {
  /** Group of each photo, 0 .. groups - 1: equal, nearly equal, or put together by the user, directly or in a chain. */
  readonly groups: Int32Array;
  /** Sets of photos that are equal or nearly so. */
  readonly duplicates: number[][];
  /** Sets of photos that are equal, or very nearly so, and do not all have the same label. */
  readonly conflicts: number[][];
}

/**
 * Finds photos with equal bytes and near-duplicates: the same picture saved again, cropped, mirrored, turned by a quarter,
 * or taken again a moment later. Five things make a pair:
 * - The features alone, where two photos are far closer than others near them (lookAlikes.ts).
 * - Features somewhat closer than others, where one picture lies well upon the other (samePictures.ts); the closer they
 *   are, and the fewer bits of the hashes differ, the less well it need lie.
 * - Perceptual hashes within 11 of 64 bits, as they are, mirrored or turned, where one picture lies well upon the other.
 * - The same without the plain border that one of them has: a screenshot, a letterbox, a frame (trimBorder.ts).
 * - One camera within seconds, where each photo is nearer to the other than nearly all unrelated photos are: those of a
 *   sample whose hashes lie at the median distance or beyond.
 * How close is close is the set's own affair. The samples, and the order of comparisons, come from content hashes, so
 * that names do not matter.
 */
export async function groupDuplicates(
  { features, ids, hashes, pictures, shots = [], labels, given }: DuplicateInput,
  context: NeighbourContext,
): Promise<DuplicateGroups> {
  const near = new DisjointSets(ids.length);
  const convincing = new DisjointSets(ids.length);
  const firstOf = new Map<string, number>();
  for (const [row, id] of ids.entries()) {
    const first = firstOf.get(id) ?? row;
    firstOf.set(id, first);
    near.join(first, row);
    convincing.join(first, row);
  }
  const distinct = Int32Array.from([...firstOf].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row));
  /** From here on a and b are places among the distinct photos. */
  const ordered = <T>(values: readonly T[]): T[] => Array.from(distinct, (row) => values[row]);
  const together = (a: number, b: number) => near.find(distinct[a]) === near.find(distinct[b]);
  const join = (a: number, b: number) => near.join(distinct[a], distinct[b]);

  const neighbours = await nearestRows(features, distinct, neighboursWanted, context);
  const same = samePictures(ordered(pictures), neighbours);
  const codes = parseHashes(ordered(hashes));
  for (const { a, b, closeness } of lookAlikes(neighbours)) {
    if (together(a, b)) continue;
    if (closeness > 1 || same(a, b, closeness + hashCloseness(hashDistance(codes, a, b)), 0)) join(a, b);
  }

  const distance = cosineDistance(features, distinct);
  const unrelated = new Map<number, Float64Array>();
  /** The distance under which another photo is closer to this one than all but this share of unrelated photos are. */
  const limitOf = (place: number, share: number): number => {
    const distances = unrelated.get(place) ?? unrelatedDistances(place, codes, distance);
    unrelated.set(place, distances);
    return distances[Math.floor(distances.length * share)] ?? 0;
  };
  const limit = (a: number, b: number, share: number) => Math.min(limitOf(a, share), limitOf(b, share));
  for (const { a, b, bits, position } of hashNeighbours(codes)) {
    if (!together(a, b) && same(a, b, hashCloseness(bits), position)) join(a, b);
    if (bits <= convincingBits && hashDistance(codes, a, b) <= convincingBits)
      if (distance(a, b) < convincingPart * limit(a, b, convincingShare)) convincing.join(distinct[a], distinct[b]);
  }
  joinWithoutBorders();
  for (const [a, b] of shotPairs(ordered(shots)))
    if (!together(a, b) && distance(a, b) < limit(a, b, closerShareOfShots)) join(a, b);

  /** A border moves the whole picture, and some networks see little else. */
  function joinWithoutBorders(): void {
    const trimmed = ordered(pictures).map(trimBorder);
    if (!trimmed.some((one) => one)) return;
    const inner = ordered(pictures).map((picture, place) => trimmed[place] ?? picture);
    const own = parseHashes(ordered(hashes).map((hash, place) => trimmed[place]?.hash ?? hash));
    const alike = samePictures(inner, neighbours);
    for (const { a, b, bits, position } of hashNeighbours(own))
      if ((trimmed[a] || trimmed[b]) && !together(a, b) && alike(a, b, hashCloseness(bits), position)) join(a, b);
  }

  const duplicates = near.several();
  const firstOfGroup = new Map<string, number>();
  for (const [row, group] of given.entries()) {
    if (group === undefined) continue;
    near.join(row, firstOfGroup.get(group) ?? row);
    firstOfGroup.set(group, row);
  }
  return {
    groups: dense(ids.length, near),
    duplicates,
    conflicts: convincing.several().filter((rows) => rows.some((row) => labels[row] !== labels[rows[0]])),
  };
}

/** What hashes that differ in so many bits say, in units of lookAlikes.ts. */
function hashCloseness(bits: number): number {
  return Math.max(0, 1 - bits / hashRadius);
}

/** From one photo to the unrelated ones of the sample, ascending. */
function unrelatedDistances(place: number, codes: Hashes, distance: (a: number, b: number) => number): Float64Array {
  const bits = Int32Array.from({ length: Math.min(sampleSize, hashCount(codes)) }, (_, other) =>
    hashDistance(codes, place, other),
  );
  const median = bits.toSorted()[bits.length >> 1];
  const others = [...bits.keys()].filter((other) => bits[other] > hashRadius && bits[other] >= median);
  return Float64Array.from(others, (other) => distance(place, other)).sort();
}

/** 1 - cosine of the angle between two of the rows, by their places; 1 where a row is all zeros. */
function cosineDistance(features: Rows, rows: Int32Array): (a: number, b: number) => number {
  const [first, second] = [0, 1].map(() => new Float32Array(features.columns));
  const length = (row: Float32Array) => Math.sqrt(dot(row, row)) || 1;
  return (a, b) => {
    const x = rowsAt(features, rows[a], 1, first);
    const y = rowsAt(features, rows[b], 1, second);
    return 1 - dot(x, y) / (length(x) * length(y));
  };
}

/** Four sums, so that the additions need not wait for each other. */
function dot(x: Float32Array, y: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < x.length; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  for (; i < x.length; i++) s0 += x[i] * y[i];
  return s0 + s1 + s2 + s3;
}

/** Sets numbered from 0 in the order of their first members. */
function dense(size: number, sets: DisjointSets): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: size }, (_, row) => {
    const root = sets.find(row);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}
