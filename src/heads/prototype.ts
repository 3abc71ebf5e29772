/** Nearest-class-mean classifier (prototypes). */

import type { Rows } from '../numerics/rows.ts';
import { centreOf, directionBlocks, directionNodes, usedRows } from './direction.ts';
import type { Head, Problem } from './head.ts';

export interface Prototypes {
  /** [width]: mean of the photos that were fitted first. */
  readonly centre: Float32Array;
  /** For each class the sum of its photos' directions from the centre, [width]; their weights have a mean of 1. */
  readonly sums: readonly Float32Array[];
}

/** What the fitted head is called in a graph: from these it is read back. */
const stems = { centre: 'prototype_centre', sums: 'prototype_sums' };

/** Logits are this times the cosine; the temperature finds the right one (10: Gidaris and Komodakis 2018). */
const logitScale = 10;

/**
 * Nearest class mean by cosine, after centring: SimpleShot's CL2N (Wang et al. 2019). For a handful of photos a class.
 * Nothing is optimised, so classes come and go without fitting anything again.
 */
export const prototype: Head<Record<string, never>, Prototypes> = {
  name: 'prototype',
  needs: 'pooled',
  defaults: {},
  grid: () => [{}],
  prepare: async (problem) => ({
    fit: async (jobs) => jobs.map(({ weights }) => fitPrototypes(problem, weights)),
    release: async () => {},
  }),
  toGraph({ centre, sums }, g, features) {
    const width = centre.length;
    const lengths = sums.map((sum) => Math.sqrt(sum.reduce((all, value) => all + value * value, 0)));
    const flat = new Float32Array(sums.length * width);
    for (const [c, sum] of sums.entries()) flat.set(sum, c * width);
    const directions = directionNodes(g, features, g.floats(centre, [width], stems.centre));
    const matrix = g.floats(flat, [sums.length, width], stems.sums);
    const products = g.node('Gemm', [directions, matrix], { transB: 1 });
    const logits = g.node('Mul', [products, g.floats(lengths.map((length) => (length > 0 ? logitScale / length : 0)))]);
    // A class without photos is as far away as can be.
    return g.node('Add', [logits, g.floats(lengths.map((length) => (length > 0 ? 0 : -logitScale)))]);
  },
  edits: {
    read(stored) {
      const [[centre], [sums]] = [stems.centre, stems.sums].map(stored);
      if (!centre || !sums) return undefined;
      const [classes, width] = sums.dims;
      const sumOf = (c: number) => sums.data.subarray(c * width, (c + 1) * width);
      return { centre: centre.data, sums: Array.from({ length: classes }, (_, c) => sumOf(c)) };
    },
    count: ({ sums }) => sums.length,
    add({ centre, sums }, photos, label) {
      const weights = new Float32Array(photos.rows).fill(1);
      const more = sumOfDirections(photos, [...weights.keys()], weights, centre);
      return { centre, sums: sums.toSpliced(label, 1, label < sums.length ? added([sums[label], more]) : more) };
    },
    regroup: ({ centre, sums }, groups) => ({
      centre,
      sums: groups.map((group) => added(group.map((c) => sums[c]))),
    }),
  },
};

function added([first, ...rest]: readonly Float32Array[]): Float32Array {
  return rest.reduce((sum, more) => sum.map((value, d) => value + more[d]), first);
}

function fitPrototypes({ features, labels, classes }: Problem, weights: Float32Array): Prototypes {
  const centre = centreOf(features, weights);
  const rows = usedRows([weights]);
  const ofClass = Array.from({ length: classes }, (): number[] => []);
  for (const row of rows) ofClass[labels[row]].push(row);
  return { centre, sums: ofClass.map((own) => sumOfDirections(features, own, weights, centre)) };
}

function sumOfDirections(
  features: Rows,
  rows: readonly number[],
  weights: Float32Array,
  centre: Float32Array,
): Float32Array {
  const total = rows.reduce((all, row) => all + weights[row], 0);
  const sum = new Float64Array(centre.length);
  for (const { from, rows: count, data } of directionBlocks(features, rows, centre))
    for (let k = 0, at = 0; k < count; k++) {
      const weight = (weights[rows[from + k]] * rows.length) / total;
      for (let d = 0; d < sum.length; d++, at++) sum[d] += weight * data[at];
    }
  return Float32Array.from(sum);
}
