import { type NeighbourContext, nearestRows } from '../numerics/nearestRows.ts';
import type { Matrix } from '../platform.ts';
import { DisjointSets } from './disjointSets.ts';
import { type Hashes, hashDistance, hashNeighbours, hashRadius, parseHashes } from './hashNeighbours.ts';
import { lookAlikes, neighboursWanted } from './lookAlikes.ts';
import { type Shot, shotPairs } from './shots.ts';

/** Photos against which is judged how close is close. */
const sampleSize = 256;
/** Where hashes differ in at most so many bits, this share of unrelated photos may be closer than a near-duplicate. */
const closerShares = [
  { bits: 4, share: 0.5 },
  { bits: 8, share: 0.05 },
  { bits: hashRadius, share: 0.01 },
];
/** The same of photos that one camera took within seconds. */
const closerShareOfShots = 0.05;
/** Near-duplicates under two labels are called a conflict only where both hash and features are much closer. */
const convincingBits = 4;
const convincingPart = 0.5;
const convincingShare = 0.01;

export interface DuplicateInput {
  /** Features, [N, D]. */
  readonly features: Matrix;
  /** SHA-256 of each photo's bytes. */
  readonly ids: readonly string[];
  /** 64-bit perceptual hash of each photo, 16 hex digits. */
  readonly hashes: readonly string[];
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
 * or taken again a moment later. Three things make a pair:
 * - The features alone, where two photos are far closer than others near them (lookAlikes.ts).
 * - Perceptual hashes within 11 of 64 bits, as they are, mirrored or turned, where the features agree: from each photo
 *   of the pair, the other must be nearer than nearly all unrelated photos are; the fewer bits differ, the fewer need be.
 * - One camera within seconds, where the features agree likewise.
 * How close is close is the set's own affair. Unrelated are the photos of a sample whose hashes lie at the median
 * distance or beyond. The sample, and the order of comparisons, come from content hashes, so that names do not matter.
 */
export async function groupDuplicates(
  { features, ids, hashes, shots = [], labels, given }: DuplicateInput,
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

  for (const { a, b } of lookAlikes(await nearestRows(features, distinct, neighboursWanted, context)))
    near.join(distinct[a], distinct[b]);

  const codes = parseHashes(hashes);
  const distance = cosineDistance(features);
  const sample = distinct.slice(0, sampleSize);
  const unrelated = new Map<number, Float64Array>();
  /** The distance under which another photo is closer to this one than all but this share of unrelated photos are. */
  const limitOf = (row: number, share: number): number => {
    const distances = unrelated.get(row) ?? unrelatedDistances(row, sample, codes, distance);
    unrelated.set(row, distances);
    return distances[Math.floor(distances.length * share)] ?? 0;
  };
  const limit = (a: number, b: number, share: number) => Math.min(limitOf(a, share), limitOf(b, share));
  for (const { a, b, bits } of hashNeighbours(codes, distinct)) {
    const apart = distance(a, b);
    const share = closerShares.find((each) => bits <= each.bits)?.share ?? 0;
    if (apart < limit(a, b, share)) near.join(a, b);
    const sure = convincingPart * limit(a, b, convincingShare);
    if (apart < sure && hashDistance(codes, a, b) <= convincingBits) convincing.join(a, b);
  }
  for (const [a, b] of shotPairs(shots, distinct))
    if (near.find(a) !== near.find(b) && distance(a, b) < limit(a, b, closerShareOfShots)) near.join(a, b);

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

/** From one photo to the unrelated ones of the sample, ascending. */
function unrelatedDistances(
  row: number,
  sample: Int32Array,
  codes: Hashes,
  distance: (a: number, b: number) => number,
): Float64Array {
  const bits = sample.map((other) => hashDistance(codes, row, other));
  const median = bits.toSorted()[bits.length >> 1];
  const unrelated = sample.filter((_, i) => bits[i] > hashRadius && bits[i] >= median);
  return Float64Array.from(unrelated, (other) => distance(row, other)).sort();
}

/** 1 - cosine of the angle between two rows; 1 where a row is all zeros. */
function cosineDistance({ rows, columns, data }: Matrix): (a: number, b: number) => number {
  // Four sums, so that the additions need not wait for each other.
  const dot = (a: number, b: number): number => {
    const x = a * columns;
    const y = b * columns;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let i = 0;
    for (; i + 3 < columns; i += 4) {
      s0 += data[x + i] * data[y + i];
      s1 += data[x + i + 1] * data[y + i + 1];
      s2 += data[x + i + 2] * data[y + i + 2];
      s3 += data[x + i + 3] * data[y + i + 3];
    }
    for (; i < columns; i++) s0 += data[x + i] * data[y + i];
    return s0 + s1 + s2 + s3;
  };
  const inverse = Float64Array.from({ length: rows }, (_, row) => 1 / (Math.sqrt(dot(row, row)) || 1));
  return (a, b) => 1 - dot(a, b) * inverse[a] * inverse[b];
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
