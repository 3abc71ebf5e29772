/** The draws of one picture. */

import { Random } from '../numerics/random.ts';

/** Draws of one picture: they depend on its seed alone, whatever is drawn beside it. */
export class Dice {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = new Random(seed);
  }

  /** Uniform in [low, high). */
  range(low: number, high: number): number {
    return low + (high - low) * this.#random.uniform();
  }

  /** A whole number from low to high, both included. */
  int(low: number, high: number): number {
    return low + this.#random.int(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }

  /** -1 or 1. */
  sign(): number {
    return this.chance(0.5) ? 1 : -1;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.#random.int(choices.length)]!;
  }
}
