import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greyCells } from '../../src/images/greyCells.ts';
import { perceptualHash } from '../../src/images/perceptualHash.ts';
import { Random } from '../../src/numerics/random.ts';
import type { Pixels } from '../../src/runtime/platform.ts';
import {
  crowd,
  hashDistance,
  hashNeighbours,
  hashRadius,
  parseHashes,
  turnedHashes,
} from '../../src/split/hashNeighbours.ts';

const anyHash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hexOf = (value: bigint) => value.toString(16).padStart(16, '0');
const differing = (a: bigint, b: bigint) => (a ^ b).toString(2).replaceAll('0', '').length;

/** A hash and seven more: as the photo lies, mirrored, turned. */
function positions(hash: bigint): bigint[] {
  const turned = turnedHashes(parseHashes([hexOf(hash)]), 0);
  return Array.from({ length: 8 }, (_, i) =>
    BigInt(`0x${[...turned.slice(4 * i, 4 * i + 4)].map((block) => block.toString(16).padStart(4, '0')).join('')}`),
  );
}

/** A picture of many smooth waves, with something in every frequency that the hash looks at, as photos have. */
function picture(seed: number, side = 64): Pixels {
  const random = new Random(seed);
  const waves = Array.from({ length: 100 }, () => ({
    x: 10 * random.uniform() - 5,
    y: 10 * random.uniform() - 5,
    phase: 6 * random.uniform(),
    strength: random.normal(),
  }));
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const value = waves.reduce(
        (sum, wave) => sum + wave.strength * Math.sin((2 * (wave.x * x + wave.y * y)) / side + wave.phase),
        0,
      );
      data.fill(Math.max(0, Math.min(255, 128 + 8 * value)), (y * side + x) * 3, (y * side + x + 1) * 3);
    }
  return { width: side, height: side, data };
}

function moved({ width, height, data }: Pixels, from: (x: number, y: number) => [number, number]): Pixels {
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = from(x, y);
      out.set(data.subarray((v * width + u) * 3, (v * width + u + 1) * 3), (y * width + x) * 3);
    }
  return { width, height, data: out };
}

describe('hash neighbours', () => {
  it('are the pairs within the radius in some position, each once, as comparing all finds them', () => {
    const change = fc.record({
      bits: fc.array(fc.integer({ min: 0, max: 63 }), { maxLength: 14 }),
      position: fc.integer({ min: 0, max: 7 }),
    });
    fc.assert(
      fc.property(anyHash, fc.array(change, { maxLength: 25 }), (base, changes) => {
        const all = changes.map(({ bits, position }) =>
          bits.reduce((hash, bit) => hash ^ (1n << BigInt(bit)), positions(base)[position]),
        );
        const found = hashNeighbours(parseHashes(all.map(hexOf)));
        const expected = all.flatMap((a, i) =>
          all.slice(i + 1).flatMap((b, j) => {
            const bits = Math.min(...positions(a).map((position) => differing(position, b)));
            return bits <= hashRadius ? [{ a: i, b: i + 1 + j, bits }] : [];
          }),
        );
        const order = (pairs: readonly { a: number; b: number; bits: number }[]) =>
          pairs.map(({ a, b, bits }) => `${a} ${b} ${bits}`).sort();
        expect(order(found)).toEqual(order(expected));
      }),
      { numRuns: 60 },
    );
  });

  it('say nothing in a crowd', () => {
    const hashes = (count: number) => parseHashes(Array.from({ length: count }, () => '0123456789abcdef'));
    expect(hashNeighbours(hashes(crowd + 1))).toHaveLength(((crowd + 1) * crowd) / 2);
    expect(hashNeighbours(hashes(crowd + 2))).toEqual([]);
  });

  it('know a picture when it is mirrored or turned', () => {
    const differences: number[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const photo = picture(seed);
      const end = photo.width - 1;
      const turns = [
        moved(photo, (x, y) => [end - x, y]),
        moved(photo, (x, y) => [x, end - y]),
        moved(photo, (x, y) => [end - x, end - y]),
        moved(photo, (x, y) => [y, x]),
        moved(photo, (x, y) => [y, end - x]),
        moved(photo, (x, y) => [end - y, x]),
        moved(photo, (x, y) => [end - y, end - x]),
      ];
      const own = positions(BigInt(`0x${perceptualHash(greyCells(photo))}`));
      for (const turned of turns) {
        const hash = BigInt(`0x${perceptualHash(greyCells(turned))}`);
        differences.push(Math.min(...own.map((position) => differing(position, hash))));
      }
    }
    const known = differences.filter((bits) => bits <= hashRadius).length;
    expect(known / differences.length).toBeGreaterThan(0.97);
  });

  it('count bits as BigInt does', () => {
    fc.assert(
      fc.property(anyHash, anyHash, (a, b) => {
        expect(hashDistance(parseHashes([a, b].map(hexOf)), 0, 1)).toBe(differing(a, b));
      }),
    );
  });
});
