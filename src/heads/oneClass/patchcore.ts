/** PatchCore: distance to the nearest normal patch. */

import type { MapTable } from '../../features/mapTable.ts';
import { Random } from '../../numerics/random.ts';
import type { GraphBuilder } from '../../onnx/builder.ts';
import type { Matrix } from '../../runtime/platform.ts';
import { squaredDistanceNodes } from '../distances.ts';
import type { OneClassHead } from './oneClassHead.ts';
import { nearestInBank, patchBank } from './patchBank.ts';
import { centred, type Patches, patchNodes } from './patches.ts';
import { mapsOf } from './score.ts';

export type PatchcoreSettings = {
  /** Patches in the memory bank, at most. */
  readonly bank: number;
  /** Numbers of a patch, by a random projection; 0: its channels as they are, for maps of one depth. */
  readonly dims: number;
  /** Share of the places, those that look least normal, whose mean is the score; never less than one place. */
  readonly top: number;
  /** How many neighbours in the bank weigh the score; 0: it is not weighed. */
  readonly neighbours: number;
  /** Of tokens, as AnomalyDINO: cosine distance, without a neighbourhood. */
  readonly tokens: boolean;
};

export interface Patchcore {
  readonly patches: Patches;
  readonly tokens: boolean;
  /** [count, dims] */
  readonly bank: Matrix;
  readonly top: number;
  /** For each patch of the bank the nearest ones in it, itself first, [count, neighbours]; empty without weighing. */
  readonly neighbours: Int32Array;
}

/** A good share of the photos to find the middle of the patches by. */
const photosForCentre = 64;

/**
 * Distance of a photo's patches to the nearest of a memory bank of normal patches (PatchCore: Roth et al. 2022, "Towards
 * total recall in industrial anomaly detection"): features of two depths, averaged over 3 x 3 neighbours, of which a
 * greedy coreset is kept. Token networks score as AnomalyDINO (Damm et al. 2024).
 *
 * Other than in the paper, each depth counts by its direction alone, patches are projected before the coreset instead
 * of for it alone (which makes the file and the comparison small), and the score is a mean of the highest places.
 */
export const patchcore: OneClassHead<PatchcoreSettings, Patchcore> = {
  name: 'patchcore',
  needs: 'maps',
  defaults: { bank: 2000, dims: 128, top: 0.05, neighbours: 9, tokens: false },
  async fit(inputs, rows, settings, context) {
    const { bank: count, dims, tokens, top, neighbours } = settings;
    const start = plan(mapsOf(inputs), dims, tokens, context.seed);
    const sample = new Random(`${context.seed}/centre`).shuffle(rows.slice()).subarray(0, photosForCentre);
    const patches = await centred(start, inputs, sample, context);
    const bank = await patchBank(patches, inputs, rows, count, context);
    return { patches, tokens, bank, top, neighbours: nearestInBank(bank, neighbours) };
  },
  toGraph({ patches, tokens, bank, top, neighbours }, g, maps) {
    const { height, width, dims } = patches;
    const places = height * width;
    const flat = g.node('Reshape', [patchNodes(g, patches, maps), g.ints([-1, dims])]);
    const all = g.floats(bank.data, [bank.rows, dims]);
    const squares = squaredDistanceNodes(g, flat, bank.data, bank.rows, all);
    const [nearest, which] = g.nodes('TopK', [squares, g.ints([1])], 2, { axis: 1, largest: 0 });
    // Half the squared distance of directions is one less their cosine.
    const distance = tokens ? g.node('Mul', [nearest, g.floats(0.5)]) : g.node('Sqrt', [nearest]);
    const distances = g.node('Reshape', [distance, g.ints([-1, places])]);
    const count = Math.max(1, Math.floor(top * places));
    const [highest, at] = g.nodes('TopK', [distances, g.ints([count])], 2, { axis: 1 });
    const mean = g.node('Div', [g.node('ReduceSum', [highest, g.ints([1])], { keepdims: 0 }), g.floats(count)]);
    const heatmap = g.node('Reshape', [distances, g.ints([-1, height, width])]);
    if (neighbours.length === 0) return { score: mean, heatmap };
    const worst = g.node('Slice', [at, g.ints([0]), g.ints([1]), g.ints([1])]);
    return {
      score: g.node('Mul', [mean, weightNodes(g, { bank, neighbours }, { all, flat, which, worst, places })]),
      heatmap,
    };
  },
};

/**
 * Adds the weight of the least normal patch, 1 - exp d(x, m) / sum_b exp d(x, b), over the neighbours b of its nearest
 * bank patch m (Roth et al., equation 7): a patch counts for more where m itself is a rare one. [n]
 */
function weightNodes(
  g: GraphBuilder,
  { bank, neighbours }: Pick<Patchcore, 'bank' | 'neighbours'>,
  at: {
    readonly all: string;
    readonly flat: string;
    readonly which: string;
    readonly worst: string;
    readonly places: number;
  },
): string {
  const { all, flat, which, worst, places } = at;
  const size = neighbours.length / bank.rows;
  const ofPhoto = (values: string, width: number) => g.node('Reshape', [values, g.ints([-1, places, width])]);
  const chosen = g.node('Unsqueeze', [worst, g.ints([2])]);
  const alike = (width: number) => g.node('Expand', [chosen, g.ints([1, 1, width])]);
  const patch = g.node('GatherElements', [ofPhoto(flat, bank.columns), alike(bank.columns)], { axis: 1 });
  const nearest = g.node('Reshape', [
    g.node('GatherElements', [ofPhoto(which, 1), alike(1)], { axis: 1 }),
    g.ints([-1]),
  ]);
  const list = g.node('Gather', [g.ints([...neighbours], [bank.rows, size]), nearest], { axis: 0 });
  const around = g.node('Gather', [all, list], { axis: 0 });
  const apart = g.node('Sub', [around, patch]);
  const squares = g.node('ReduceSum', [g.node('Mul', [apart, apart]), g.ints([2])], { keepdims: 0 });
  const shares = g.node('Softmax', [g.node('Sqrt', [squares])], { axis: 1 });
  const own = g.node('Slice', [shares, g.ints([0]), g.ints([1]), g.ints([1])]);
  return g.node('Squeeze', [g.node('Sub', [g.floats(1), own]), g.ints([1])]);
}

/** The grid is that of the deepest map. Each depth gets an equal part of the numbers, by a Gaussian projection of its own. */
function plan(tables: readonly MapTable[], wanted: number, tokens: boolean, seed: number): Patches {
  const { height, width } = tables[tables.length - 1];
  const part = Math.floor(wanted / tables.length);
  const widths = tables.map(({ channels }) => (wanted === 0 || channels <= part ? channels : part));
  const dims = widths.reduce((sum, one) => sum + one);
  let first = 0;
  const depths = tables.map((table, depth) => {
    const own = widths[depth];
    const weights = new Float32Array(table.channels * dims);
    const random = new Random(`${seed}/projection ${depth}`);
    for (let c = 0; c < table.channels; c++)
      for (let d = 0; d < own; d++)
        weights[c * dims + first + d] = own === table.channels ? Number(c === d) : random.normal() / Math.sqrt(own);
    first += own;
    return { height: table.height, width: table.width, channels: table.channels, weights };
  });
  return { height, width, dims, local: !tokens, unit: true, depths, centre: new Float32Array(dims) };
}
