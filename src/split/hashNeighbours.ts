/** Pairs with nearly equal perceptual hashes, mirrored and rotated ones included. */

/** Perceptual hashes that differ in at most so many of their 64 bits make two photos worth comparing. */
export const hashRadius = 11;
/** Where more photos than this have nearly a photo's hash, its hash says nothing: parts in one pose, plain walls. */
export const crowd = 32;
/** A bound on the work where many photos agree in a part of their hashes: so many lookups, and times those of hashes drawn by chance. */
const leastBound = 50_000;
const timesChance = 4;

const blocks = 4;
/** Of 11 differing bits, one of four blocks has at most two. */
const flips = Math.floor(hashRadius / blocks);

/** Ones in each 16-bit number. */
const ones = new Uint8Array(1 << 16);
for (let i = 1; i < ones.length; i++) ones[i] = ones[i >> 1] + (i & 1);

const masks = Array.from(ones.keys()).filter((mask) => ones[mask] <= flips);

/** 64-bit hashes as four 16-bit blocks each. */
export type Hashes = Uint16Array;

/** @param hashes 16 hex digits each */
export function parseHashes(hashes: readonly string[]): Hashes {
  return Uint16Array.from({ length: hashes.length * blocks }, (_, i) =>
    Number.parseInt(hashes[Math.floor(i / blocks)].slice((i % blocks) * 4, (i % blocks) * 4 + 4), 16),
  );
}

export function hashCount(hashes: Hashes): number {
  return hashes.length / blocks;
}

/** In how many bits the hashes of rows a and b differ. */
export function hashDistance(hashes: Hashes, a: number, b: number): number {
  let sum = 0;
  for (let block = 0; block < blocks; block++) sum += ones[hashes[a * blocks + block] ^ hashes[b * blocks + block]];
  return sum;
}

/**
 * The hash of a photo as it is, mirrored, and turned by quarters: 8 hashes of 4 blocks. A bit says whether a cosine of
 * frequency (u, v) lies above the median, which is nearly zero: mirroring turns the sign of odd frequencies, and a
 * quarter turn exchanges u and v besides. Bits between the median and its opposite come out wrong, a few of the 64.
 */
export function turnedHashes(hashes: Hashes, row: number): Hashes {
  const out = new Uint16Array(8 * blocks);
  for (let block = 0; block < blocks; block++) {
    // A block is two rows u of eight bits v; the first bit of each is that of frequency 1.
    const upright = hashes[row * blocks + block];
    let turned = 0;
    for (let bit = 0; bit < 16; bit++) {
      const [u, v] = [2 * block + (bit >> 3), bit & 7];
      const from = hashes[row * blocks + (v >> 1)];
      turned = (turned << 1) | ((from >> (15 - (v & 1) * 8 - u)) & 1);
    }
    for (const [i, mask] of [0, 0xaaaa, 0xff00, 0x55aa].entries()) {
      out[i * blocks + block] = upright ^ mask;
      out[(i + 4) * blocks + block] = turned ^ mask;
    }
  }
  return out;
}

interface Match {
  /** In how many bits they differ, in the position where that is fewest. */
  readonly bits: number;
  /** The position of a, 0 .. 7 as in turnedHashes, in which it is like b. */
  readonly position: number;
}

export interface HashPair extends Match {
  readonly a: number;
  readonly b: number;
}

/**
 * The pairs of rows whose hashes lie within the radius, as they are, mirrored or turned; each once. Rows with
 * a crowd of such partners have none.
 *
 * Multi-index hashing (Norouzi, Punjani and Fleet 2012): a pair within 11 bits agrees, but for two bits, in one of its
 * four blocks, so each row looks in 4 x 137 places of tables by block instead of at all rows.
 */
export function hashNeighbours(hashes: Hashes): HashPair[] {
  const rows = hashCount(hashes);
  const head = new Int32Array(blocks << 16).fill(-1);
  const next = new Int32Array(hashes.length);
  for (let row = 0; row < rows; row++)
    for (let block = 0; block < blocks; block++) {
      const place = (block << 16) + hashes[row * blocks + block];
      next[row * blocks + block] = head[place];
      head[place] = row;
    }
  const byChance = (8 * blocks * masks.length * rows) / (1 << 16);
  const mostLookups = Math.max(leastBound, timesChance * byChance);
  const partners = new Map<number, ReadonlyMap<number, Match>>();
  for (let row = 0; row < rows; row++) {
    const own = partnersOf(row);
    if (own.size > 0 && own.size <= crowd) partners.set(row, own);
  }
  // A crowded row has no entry, so that pairs with it fall out. The eight positions are a group: b finds a as a finds b.
  return Array.from(partners, ([a, own]) =>
    Array.from(own, ([b, match]) => ({ a, b, ...match })).filter(({ b }) => a < b && partners.has(b)),
  ).flat();

  /** More than a crowd where the search was given up. */
  function partnersOf(row: number): Map<number, Match> {
    const found = new Map<number, Match>();
    const turned = turnedHashes(hashes, row);
    let lookups = 0;
    for (let at = 0; at < turned.length; at++) {
      const block = at % blocks;
      for (const mask of masks) {
        for (let other = head[(block << 16) + (turned[at] ^ mask)]; other >= 0; other = next[other * blocks + block]) {
          if (++lookups > mostLookups)
            return new Map(Array.from({ length: crowd + 1 }, (_, i) => [-1 - i, { bits: 0, position: 0 }]));
          if (other === row) continue;
          const bits = distanceTo(turned, at - block, other);
          if (bits > hashRadius) continue;
          const known = found.get(other);
          if (!known || bits < known.bits) found.set(other, { bits, position: (at - block) / blocks });
          if (found.size > crowd) return found;
        }
      }
    }
    return found;
  }

  function distanceTo(turned: Hashes, from: number, row: number): number {
    let sum = 0;
    for (let block = 0; block < blocks; block++) sum += ones[turned[from + block] ^ hashes[row * blocks + block]];
    return sum;
  }
}
