/** Perceptual hashes that differ in at most so many of their 64 bits make two photos worth comparing. */
export const hashRadius = 11;

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

/** In how many bits the hashes of rows a and b differ. */
export function hashDistance(hashes: Hashes, a: number, b: number): number {
  let sum = 0;
  for (let block = 0; block < blocks; block++) sum += ones[hashes[a * blocks + block] ^ hashes[b * blocks + block]];
  return sum;
}

/**
 * Calls `visit` once for each pair of the given rows whose hashes lie within the radius, the later row of the order
 * first; when it says false, no more partners of that row are looked for.
 *
 * Multi-index hashing (Norouzi, Punjani and Fleet 2012): a pair within 11 bits agrees, but for two bits, in one of its
 * four blocks, so each row looks in 4 x 137 places of tables by block instead of at all rows.
 */
export function eachHashNeighbour(
  hashes: Hashes,
  order: readonly number[],
  visit: (row: number, earlier: number) => boolean,
): void {
  const head = new Int32Array(blocks << 16).fill(-1);
  const next = new Int32Array(hashes.length);
  for (const row of order) {
    search(row);
    for (let block = 0; block < blocks; block++) {
      const place = (block << 16) + hashes[row * blocks + block];
      next[row * blocks + block] = head[place];
      head[place] = row;
    }
  }

  function search(row: number): void {
    for (let block = 0; block < blocks; block++)
      for (const mask of masks)
        for (
          let other = head[(block << 16) + (hashes[row * blocks + block] ^ mask)];
          other >= 0;
          other = next[other * blocks + block]
        )
          if (firstClose(row, other) === block && hashDistance(hashes, row, other) <= hashRadius)
            if (!visit(row, other)) return;
  }

  /** The first block in which the rows nearly agree: there, and only there, the pair counts. */
  function firstClose(a: number, b: number): number {
    let block = 0;
    while (ones[hashes[a * blocks + block] ^ hashes[b * blocks + block]] > flips) block++;
    return block;
  }
}
