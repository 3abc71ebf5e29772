import type { Matrix } from '../platform.ts';
import { centreOf, directionNodes, directionsOf, usedRows } from './direction.ts';
import type { Head, Problem } from './head.ts';

export interface Prototypes {
  /** [width]: mean of the photos that were fitted first. */
  readonly centre: Float32Array;
  readonly classes: readonly Prototype[];
}

export interface Prototype {
  /** Sum of the photos' directions from the centre, each times its weight, [width]; and the sum of the weights. */
  readonly sum: Float32Array;
  readonly weight: number;
}

/** Logits are this times the cosine; the temperature finds the right one (10: Gidaris and Komodakis 2018). */
const steepness = 10;

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
  toGraph({ centre, classes }, g, features) {
    const width = centre.length;
    const weights = new Float32Array(classes.length * width);
    for (const [c, { sum }] of classes.entries()) {
      const length = Math.sqrt(sum.reduce((all, value) => all + value * value, 0));
      if (length > 0) for (let d = 0; d < width; d++) weights[c * width + d] = (steepness * sum[d]) / length;
    }
    // A class without photos is as far away as can be.
    const bias = Float32Array.from(classes, ({ weight }) => (weight > 0 ? 0 : -steepness));
    const directions = directionNodes(g, features, centre);
    return g.node('Gemm', [directions, g.floats(weights, [classes.length, width]), g.floats(bias)], { transB: 1 });
  },
  edits: {
    add({ centre, classes }, photos) {
      const weights = new Float32Array(photos.rows).fill(1);
      return { centre, classes: [...classes, prototypeOf(photos, [...weights.keys()], weights, centre)] };
    },
    merge({ centre, classes }, from, into) {
      const both = [classes[from], classes[into]];
      const merged = {
        sum: both[0].sum.map((value, d) => value + both[1].sum[d]),
        weight: both[0].weight + both[1].weight,
      };
      return { centre, classes: classes.map((one, c) => (c === into ? merged : one)).filter((_, c) => c !== from) };
    },
    remove: ({ centre, classes }, removed) => ({ centre, classes: classes.filter((_, c) => c !== removed) }),
  },
};

function fitPrototypes({ features, labels, classes }: Problem, weights: Float32Array): Prototypes {
  const centre = centreOf(features, weights);
  const rows = usedRows([weights]);
  const ofClass = (c: number) => rows.filter((row) => labels[row] === c);
  return {
    centre,
    classes: Array.from({ length: classes }, (_, c) => prototypeOf(features, ofClass(c), weights, centre)),
  };
}

function prototypeOf(
  features: Matrix,
  rows: readonly number[],
  weights: Float32Array,
  centre: Float32Array,
): Prototype {
  const directions = directionsOf(features, rows, centre);
  const sum = new Float32Array(centre.length);
  let weight = 0;
  for (const [k, row] of rows.entries()) {
    weight += weights[row];
    for (let d = 0, at = k * sum.length; d < sum.length; d++, at++) sum[d] += weights[row] * directions[at];
  }
  return { sum, weight };
}
