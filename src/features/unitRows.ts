/** Vectors of the units of an extraction run, a row each. */

import { firstOf, gatherInPlace, type Rows, type WritableRows, writableMatrix } from '../numerics/rows.ts';

/** A table of rows that does not lie in memory; undefined where so many rows may well lie there. */
export type OpenRows = (rows: number, columns: number) => WritableRows | undefined;

/** As many vectors as there are units, filled in any order. */
export class UnitRows {
  readonly #table: WritableRows;

  constructor(
    units: number,
    readonly width: number,
    open: OpenRows = () => undefined,
  ) {
    this.#table =
      open(units, width) ?? writableMatrix({ rows: units, columns: width, data: new Float32Array(units * width) });
  }

  /** @returns false, and nothing is set, for a vector of another width */
  set(unit: number, vector: Float32Array): boolean {
    if (vector.length !== this.width) return false;
    this.#table.write(unit, vector);
    return true;
  }

  copy(unit: number, from: number): void {
    const vector = new Float32Array(this.width);
    this.#table.read(from, vector);
    this.#table.write(unit, vector);
  }

  /** The named rows, each named once, in this order; the others are gone. */
  take(units: readonly number[]): Rows {
    gatherInPlace(this.#table, units);
    return firstOf(this.#table, units.length);
  }
}
