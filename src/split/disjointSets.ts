/** Disjoint sets (union-find). */

/** Sets that only ever merge (union by smaller number, path halving). */
export class DisjointSets {
  readonly #parent: Int32Array;

  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, i) => i);
  }

  /** The smallest member of the set that holds `i`. */
  find(i: number): number {
    const parent = this.#parent;
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  join(a: number, b: number): void {
    const x = this.find(a);
    const y = this.find(b);
    this.#parent[Math.max(x, y)] = Math.min(x, y);
  }

  /** Sets of two and more, members ascending, in the order of their first. */
  several(): number[][] {
    const sets = new Map<number, number[]>();
    for (let i = 0; i < this.#parent.length; i++) {
      const root = this.find(i);
      const known = sets.get(root);
      if (known) known.push(i);
      else sets.set(root, [i]);
    }
    return [...sets.values()].filter((set) => set.length > 1);
  }
}
