/** Seconds of each part of a run. */

/** Seconds of each part of a run. */
export class Stopwatch<Part extends string> {
  readonly #began = performance.now();
  #last = this.#began;
  readonly #parts: Record<Part, number>;

  constructor(parts: readonly Part[]) {
    this.#parts = Object.fromEntries(parts.map((part) => [part, 0])) as Record<Part, number>;
  }

  /** What has passed since the last lap belongs to this part. */
  lap(part: Part): void {
    const now = performance.now();
    this.#parts[part] += (now - this.#last) / 1000;
    this.#last = now;
  }

  seconds(): Record<Part, number> & { total: number } {
    return { ...this.#parts, total: (performance.now() - this.#began) / 1000 };
  }
}
