/** Seeded random streams. */

/** Four 32-bit words; not all zero. */
type State = [number, number, number, number];

/**
 * A stream of random numbers that its seed alone decides, on every machine.
 * xoshiro128** (Blackman and Vigna 2021), period 2^128 - 1. The state is hashed from the seed's text: word k is
 * FNV-1a over `${k}:${seed}`'s code units, through the finaliser of MurmurHash3. Give streams that must be independent
 * seeds that tell them apart: `new Random(`${seed}/views/${photo}`)`.
 */
export class Random {
  readonly #state: State;
  #spare: number | undefined;

  constructor(seed: string | number) {
    this.#state = [0, 1, 2, 3].map((k) => hash(`${k}:${seed}`)) as State;
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** An integer, 0 .. 2^32 - 1. */
  word(): number {
    return nextWord(this.#state);
  }

  /** A number in [0, 1), of 53 bits. */
  uniform(): number {
    const high = this.word() >>> 5;
    return (high * 0x4000000 + (this.word() >>> 6)) / 0x20000000000000;
  }

  /** An integer, 0 .. n - 1; without bias. */
  int(n: number): number {
    if (!(Number.isInteger(n) && n > 0 && n <= 0x100000000)) throw new RangeError(`no integer is below ${n}`);
    const limit = 0x100000000 - (0x100000000 % n);
    let value = this.word();
    while (value >= limit) value = this.word();
    return value % n;
  }

  /** A standard normal number (Marsaglia's polar method). */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = v * factor;
      return u * factor;
    }
  }

  /** Shuffles in place (Fisher and Yates) and gives the same array. */
  shuffle<A extends { length: number; [index: number]: unknown }>(values: A): A {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }
}

/** Steps the state of xoshiro128** and gives its next output. */
export function nextWord(state: State): number {
  const result = Math.imul(rotate(Math.imul(state[1], 5), 7), 9) >>> 0;
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate(state[3], 11);
  return result;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
