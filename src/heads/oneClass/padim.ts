/** PaDiM: a Gaussian at each place of the feature maps. */

import { cholesky, invertLower } from '../../numerics/cholesky.ts';
import { Random } from '../../numerics/random.ts';
import type { OneClassHead } from './oneClassHead.ts';
import { eachPatches, type Patches, patchNodes } from './patches.ts';
import { mapsOf } from './score.ts';

export type PadimSettings = {
  /** Channels drawn from those of all depths. */
  readonly channels: number;
  /** Added to each covariance's diagonal, as a share of the mean variance over all places. */
  readonly ridge: number;
  /** Share of the places, those that look least normal, whose mean is the score; never less than one place. */
  readonly top: number;
};

export interface Padim {
  readonly patches: Patches;
  /** Mean patch of each place, [places, dims]. */
  readonly means: Float32Array;
  /** The matrix that makes the normal patches of a place round, [places, dims, dims], lower triangular. */
  readonly whitening: Float32Array;
  readonly top: number;
}

/**
 * A Gaussian for each place of the photo, over a random subset of the channels of two depths; the score of a place is
 * its Mahalanobis distance (PaDiM: Defard et al. 2021). For photos that are all taken alike.
 */
export const padim: OneClassHead<PadimSettings, Padim> = {
  name: 'padim',
  needs: 'maps',
  defaults: { channels: 64, ridge: 0.01, top: 0.01 },
  async fit(inputs, rows, { channels, ridge, top }, context) {
    const tables = mapsOf(inputs);
    const { height, width } = tables[tables.length - 1];
    const all = tables.flatMap((table, depth) =>
      Array.from({ length: table.channels }, (_, channel) => ({ depth, channel })),
    );
    const drawn = new Random(`${context.seed}/channels`).shuffle(all).slice(0, channels);
    const dims = drawn.length;
    const depths = tables.map((table, depth) => {
      const weights = new Float32Array(table.channels * dims);
      for (const [d, one] of drawn.entries()) if (one.depth === depth) weights[one.channel * dims + d] = 1;
      return { height: table.height, width: table.width, channels: table.channels, weights };
    });
    const patches = { height, width, dims, local: true, unit: false, depths, centre: new Float32Array(dims) };
    const places = height * width;
    const sums = new Float64Array(places * dims);
    await eachPatches(patches, inputs, rows, context, (_, data) => {
      for (let at = 0; at < data.length; at++) sums[at] += data[at];
    });
    const means = Float32Array.from(sums, (sum) => sum / rows.length);
    const products = new Float64Array(places * dims * dims);
    await eachPatches(patches, inputs, rows, context, (_, data) => addProducts(products, data, means, dims));
    const whitening = whiten(products, places, dims, rows.length, ridge);
    return { patches, means, whitening, top };
  },
  toGraph({ patches, means, whitening, top }, g, maps) {
    const { height, width, dims } = patches;
    const places = height * width;
    const apart = g.node('Sub', [patchNodes(g, patches, maps), g.floats(means, [places, dims])]);
    const column = g.node('Reshape', [apart, g.ints([-1, places, dims, 1])]);
    const round = g.node('MatMul', [g.floats(whitening, [places, dims, dims]), column]);
    const squares = g.node('ReduceSum', [g.node('Mul', [round, round]), g.ints([2, 3])], { keepdims: 0 });
    const distances = g.node('Sqrt', [squares]);
    const count = Math.max(1, Math.floor(top * places));
    const [highest] = g.nodes('TopK', [distances, g.ints([count])], 2, { axis: 1 });
    const score = g.node('Div', [g.node('ReduceSum', [highest, g.ints([1])], { keepdims: 0 }), g.floats(count)]);
    return { score, heatmap: g.node('Reshape', [distances, g.ints([-1, height, width])]) };
  },
};

/** Adds (x - mean) (x - mean)^T of each place, lower triangle. */
function addProducts(products: Float64Array, data: Float32Array, means: Float32Array, dims: number): void {
  const apart = new Float64Array(dims);
  for (let at = 0, to = 0; at < data.length; at += dims, to += dims * dims) {
    for (let d = 0; d < dims; d++) apart[d] = data[at + d] - means[at + d];
    for (let i = 0; i < dims; i++)
      for (let j = 0, entry = to + i * dims; j <= i; j++, entry++) products[entry] += apart[i] * apart[j];
  }
}

function whiten(products: Float64Array, places: number, dims: number, photos: number, ridge: number): Float32Array {
  const size = dims * dims;
  let trace = 0;
  for (let place = 0; place < places; place++)
    for (let d = 0; d < dims; d++) trace += products[place * size + d * dims + d] / photos;
  // Photos that are all equal have no variance: distances are then plain ones.
  const added = (ridge * trace) / (places * dims) || 1;
  const out = new Float32Array(products.length);
  for (let place = 0; place < places; place++) {
    const covariance = products.slice(place * size, (place + 1) * size).map((value) => value / photos);
    for (let d = 0; d < dims; d++) covariance[d * dims + d] += added;
    out.set(invertLower(cholesky(covariance, dims), dims), place * size);
  }
  return out;
}
