import type { Matrix } from '../platform.ts';
import { DisjointSets } from './disjointSets.ts';
import { eachHashNeighbour, type Hashes, hashDistance, hashRadius, parseHashes } from './hashNeighbours.ts';

/** Photos against which is judged how close is close. */
const sampleSize = 256;
/** Of the unrelated photos of the sample, this share may be closer than a near-duplicate. */
const closerShare = 0.01;
/** Near-duplicates under two labels are called a conflict only where both hash and features are much closer. */
const convincingBits = 4;
const convincingShare = 0.5;
/** Partners that one photo is compared with: a bound on the work where all photos have the same hash. */
const mostComparisons = 100;

export interface DuplicateInput {
  /** Features, [N, D]. */
  readonly features: Matrix;
  /** SHA-256 of each photo's bytes. */
  readonly ids: readonly string[];
  /** 64-bit perceptual hash of each photo, 16 hex digits. */
  readonly hashes: readonly string[];
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
 * Finds photos with equal bytes and near-duplicates: the same picture re-encoded, cropped a little, or taken again a
 * moment later. Perceptual hashes within 11 of 64 bits make a pair a candidate; the features judge it. How close is
 * close is the set's own affair: from each photo of the pair, the other must be nearer than all but 1% of unrelated
 * photos, those of a sample whose hashes lie at the median distance or beyond. The sample, and the order of
 * comparisons, come from content hashes, so that names do not matter.
 */
export function groupDuplicates({ features, ids, hashes, labels, given }: DuplicateInput): DuplicateGroups {
  const near = new DisjointSets(ids.length);
  const convincing = new DisjointSets(ids.length);
  const firstOf = new Map<string, number>();
  for (const [row, id] of ids.entries()) {
    const first = firstOf.get(id) ?? row;
    firstOf.set(id, first);
    near.join(first, row);
    convincing.join(first, row);
  }
  const distinct = [...firstOf].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);

  const codes = parseHashes(hashes);
  const distance = cosineDistance(features);
  const sample = distinct.slice(0, sampleSize);
  const limits = new Map<number, number>();
  const limitOf = (row: number): number => {
    const limit = limits.get(row) ?? closeness(row, sample, codes, distance);
    limits.set(row, limit);
    return limit;
  };
  let searched = -1;
  let comparisons = 0;
  eachHashNeighbour(codes, distinct, (row, other) => {
    if (row !== searched) comparisons = 0;
    searched = row;
    if (near.find(row) === near.find(other) && convincing.find(row) === convincing.find(other)) return true;
    const apart = distance(row, other);
    if (apart < limitOf(row) && apart < limitOf(other)) {
      near.join(row, other);
      const sure = convincingShare * Math.min(limitOf(row), limitOf(other));
      if (apart < sure && hashDistance(codes, row, other) <= convincingBits) convincing.join(row, other);
    }
    return ++comparisons < mostComparisons;
  });

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

/** The distance under which another photo is closer to this one than 99% of unrelated photos are. */
function closeness(
  row: number,
  sample: readonly number[],
  codes: Hashes,
  distance: (a: number, b: number) => number,
): number {
  const bits = sample.map((other) => hashDistance(codes, row, other));
  const median = bits.toSorted((a, b) => a - b)[bits.length >> 1];
  const unrelated = sample.filter((_, i) => bits[i] > hashRadius && bits[i] >= median);
  const distances = unrelated.map((other) => distance(row, other)).sort((a, b) => a - b);
  return distances[Math.floor(distances.length * closerShare)] ?? 0;
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
