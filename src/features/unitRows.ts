/** Vectors of the units of an extraction run, a row each. */

import type { Matrix } from '../runtime/platform.ts';
import { gatherInPlace } from './mapTable.ts';

/** As many vectors as there are units, filled in any order. */
export class UnitRows {
  readonly #data: Float32Array;

  constructor(
    units: number,
    readonly width: number,
  ) {
    this.#data = new Float32Array(units * width);
  }

  at(unit: number): Float32Array {
    return this.#data.subarray(unit * this.width, (unit + 1) * this.width);
  }

  /** @returns false, and nothing is set, for a vector of another width */
  set(unit: number, vector: Float32Array): boolean {
    if (vector.length !== this.width) return false;
    this.at(unit).set(vector);
    return true;
  }

  copy(unit: number, from: number): void {
    this.at(unit).set(this.at(from));
  }

  /** The named rows, each named once, in this order; the others are gone. */
  take(units: readonly number[]): Matrix {
    gatherInPlace(this.#data, this.width, units);
    return { rows: units.length, columns: this.width, data: this.#data.subarray(0, units.length * this.width) };
  }
}
