import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/numerics/random.ts';
import { type DuplicateInput, groupDuplicates } from '../../src/split/duplicates.ts';
import { eachHashNeighbour, hashDistance, hashRadius, parseHashes } from '../../src/split/hashNeighbours.ts';

interface Photo {
  readonly content: string;
  readonly features: readonly number[];
  readonly hash: string;
  readonly label?: number;
  readonly group?: string;
}

function input(photos: readonly Photo[]): DuplicateInput {
  return {
    features: { rows: photos.length, columns: 16, data: Float32Array.from(photos.flatMap(({ features }) => features)) },
    ids: photos.map(({ content }) => createHash('sha256').update(content).digest('hex')),
    hashes: photos.map(({ hash }) => hash),
    labels: Int32Array.from(photos, ({ label }) => label ?? 0),
    given: photos.map(({ group }) => group),
  };
}

function hex(random: Random): string {
  return Array.from({ length: 16 }, () => random.int(16).toString(16)).join('');
}

/** Flips the given bits of a hash. */
function flip(hash: string, ...bits: number[]): string {
  let value = BigInt(`0x${hash}`);
  for (const bit of bits) value ^= 1n << BigInt(bit);
  return value.toString(16).padStart(16, '0');
}

/** Unrelated photos: random features, random hashes. */
function crowd(count: number, seed = 1): Photo[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => ({
    content: `${seed}-${i}`,
    features: Array.from({ length: 16 }, () => random.normal()),
    hash: hex(random),
  }));
}

/** The same photo again, with features that are a little off. */
function again(photo: Photo, content: string, hash: string, off: number, more: Partial<Photo> = {}): Photo {
  return { content, hash, features: photo.features.map((x, i) => x + (i % 2 ? off : -off)), ...more };
}

describe('groups', () => {
  const others = crowd(100);
  const [first, second] = others;

  it('finds none among unrelated photos', () => {
    const { groups, duplicates, conflicts } = groupDuplicates(input(others));
    expect([...groups]).toEqual([...others.keys()]);
    expect(duplicates).toEqual([]);
    expect(conflicts).toEqual([]);
  });

  it('joins equal bytes, near-duplicates, and their chains', () => {
    const near = again(first, 'near', flip(first.hash, 1, 20, 40), 0.05);
    const nearer = again(near, 'near the near one', flip(near.hash, 2, 21, 41, 50, 51, 52, 53, 54, 55), 0.05);
    const { groups, duplicates } = groupDuplicates(input([...others, near, second, nearer]));
    expect(duplicates).toEqual([
      [0, 100, 102],
      [1, 101],
    ]);
    expect(groups[100]).toBe(groups[0]);
    expect(groups[102]).toBe(groups[0]);
    expect(groups[101]).toBe(groups[1]);
    expect(new Set(groups).size).toBe(100);
  });

  it.each([
    ['like features under another hash', again(first, 'x', flip(first.hash, ...Array(12).keys()), 0.01)],
    ['a like hash with features as far as an unrelated photo', again(first, 'x', first.hash, 2)],
  ])('needs both hash and features: not %s', (_, photo) => {
    expect(groupDuplicates(input([...others, photo])).duplicates).toEqual([]);
  });

  it('takes the threshold from the set: what is near among strangers is not near among the alike', () => {
    const pair = [first, again(first, 'x', first.hash, 0.3)];
    expect(groupDuplicates(input([...others, pair[1]])).duplicates).toEqual([[0, 100]]);
    // All photos look much like the first one to the network, though not to the hash.
    const alike = crowd(100, 2).map((photo) => ({
      ...photo,
      features: photo.features.map((x, i) => first.features[i] + 0.1 * x),
    }));
    expect(groupDuplicates(input([...alike, ...pair])).duplicates).toEqual([]);
  });

  it("adds the user's groups, which are no duplicates", () => {
    const photos = others.map((photo, i) => (i < 3 ? { ...photo, group: 'mine' } : photo));
    const { groups, duplicates } = groupDuplicates(input([...photos, again(first, 'x', first.hash, 0.01)]));
    expect([groups[0], groups[1], groups[2], groups[100]]).toEqual([0, 0, 0, 0]);
    expect(duplicates).toEqual([[0, 100]]);
  });

  it('numbers groups without gaps, and finds the same in any order', () => {
    const photos = [...others.slice(0, 40), again(first, 'x', flip(first.hash, 3), 0.05), second];
    const expected = groupDuplicates(input(photos)).duplicates.map((rows) => rows.map((row) => photos[row].content));
    fc.assert(
      fc.property(fc.shuffledSubarray(photos, { minLength: photos.length }), (shuffled) => {
        const { groups, duplicates } = groupDuplicates(input(shuffled));
        expect(duplicates.map((rows) => rows.map((row) => shuffled[row].content).sort()).sort()).toEqual(
          expected.map((contents) => contents.sort()).sort(),
        );
        expect([...new Set(groups)]).toEqual([...Array(40).keys()]);
      }),
      { numRuns: 30 },
    );
  });

  it('works on one photo, on equal photos only, and on plain ones', () => {
    expect([...groupDuplicates(input([first])).groups]).toEqual([0]);
    expect([...groupDuplicates(input([first, first, first])).groups]).toEqual([0, 0, 0]);
    const plain = crowd(300).map((photo) => ({ ...photo, features: Array<number>(16).fill(0), hash: '0'.repeat(16) }));
    expect(groupDuplicates(input(plain)).duplicates).toEqual([]);
  });
});

describe('conflicts', () => {
  const others = crowd(100);
  const [first, second] = others;

  it('are equal bytes, or all but equal photos, under two labels', () => {
    const relabelled = { ...first, label: 1 };
    const reencoded = again(second, 'saved again', flip(second.hash, 9), 0.01, { label: 1 });
    expect(groupDuplicates(input([...others, relabelled, reencoded])).conflicts).toEqual([
      [0, 100],
      [1, 101],
    ]);
  });

  it.each([
    ['the label is the same', again(first, 'x', first.hash, 0.01)],
    ['the photos only look alike', again(first, 'x', flip(first.hash, 0, 1, 2, 3, 4), 0.01, { label: 1 })],
    ['the features are not convincing', again(first, 'x', first.hash, 0.5, { label: 1 })],
  ])('are not claimed where %s', (_, photo) => {
    const { duplicates, conflicts } = groupDuplicates(input([...others, photo]));
    expect(duplicates).toEqual([[0, 100]]);
    expect(conflicts).toEqual([]);
  });
});

describe('hash neighbours', () => {
  it('are the pairs within the radius, each once, as comparing all finds them', () => {
    const bits = fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 14 });
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 30 }), fc.integer(), (flips, seed) => {
        const base = hex(new Random(seed));
        const codes = parseHashes(flips.map((each) => flip(base, ...each)));
        const found: string[] = [];
        eachHashNeighbour(codes, [...flips.keys()], (row, earlier) => found.push(`${row} ${earlier}`) > 0);
        const expected: string[] = [];
        for (let a = 0; a < flips.length; a++)
          for (let b = 0; b < a; b++) if (hashDistance(codes, a, b) <= hashRadius) expected.push(`${a} ${b}`);
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  it('count bits as BigInt does', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (a, b) => {
        const codes = parseHashes([a, b].map((value) => value.toString(16).padStart(16, '0')));
        expect(hashDistance(codes, 0, 1)).toBe((a ^ b).toString(2).replaceAll('0', '').length);
      }),
    );
  });
});
