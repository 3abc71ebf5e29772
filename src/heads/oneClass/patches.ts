/** Patch features: maps of several depths as one vector at each place. */

import type { Inputs } from '../../features/mapTable.ts';
import { GraphBuilder } from '../../onnx/builder.ts';
import type { FitContext } from '../head.ts';
import { mapFeeds, mapInputs, mapsOf, runFor } from './score.ts';

/** How maps of several depths become one vector at each place of one grid. */
export interface Patches {
  /** The grid. */
  readonly height: number;
  readonly width: number;
  /** Numbers of a patch. */
  readonly dims: number;
  /** Each place takes the mean of its 3 x 3 neighbourhood first: a patch knows its surroundings. */
  readonly local: boolean;
  /** Each depth is divided by its length at that place: patches are compared by their directions, whatever the light. */
  readonly unit: boolean;
  /** The maps, and what each contributes: its weights [channels, dims] times its channels. */
  readonly depths: readonly {
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    readonly weights: Float32Array;
  }[];
  /** Taken off each patch, [dims]. */
  readonly centre: Float32Array;
}

/**
 * Adds the patches of maps [n, h, w, C]: float32 [n, height * width, dims]. Averaging over neighbours and resizing to
 * the grid are one matrix along rows and one along columns.
 */
export function patchNodes(g: GraphBuilder, patches: Patches, maps: readonly string[]): string {
  const { height, width, dims, local, unit, depths, centre } = patches;
  const parts = depths.map(({ weights, channels, ...map }, depth) => {
    const down = g.floats(resampling(map.height, height, local), [height, map.height]);
    const across = g.floats(resampling(map.width, width, local), [width, map.width]);
    const rows = g.node('Reshape', [maps[depth], g.ints([0, map.height, map.width * channels])]);
    const columns = g.node('Reshape', [g.node('MatMul', [down, rows]), g.ints([-1, map.width, channels])]);
    const spread = g.node('Reshape', [g.node('MatMul', [across, columns]), g.ints([-1, height * width, channels])]);
    return g.node('MatMul', [unit ? directions(g, spread) : spread, g.floats(weights, [channels, dims])]);
  });
  return g.node('Sub', [parts.reduce((sum, part) => g.node('Add', [sum, part])), g.floats(centre)]);
}

/** Adds the division of each vector by its length: [n, places, C] -> [n, places, C]; zeros stay. */
function directions(g: GraphBuilder, x: string): string {
  const square = g.node('ReduceSum', [g.node('Mul', [x, x]), g.ints([2])], { keepdims: 1 });
  return g.node('Div', [x, g.node('Max', [g.node('Sqrt', [square]), g.floats(1e-12)])]);
}

/** [to, from]: bilinear resizing between evenly spread places, after averaging each place with its neighbours. */
function resampling(from: number, to: number, local: boolean): Float32Array {
  const out = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const place = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const below = Math.floor(place);
    for (const [near, share] of [
      [below, 1 - (place - below)],
      [below + 1, place - below],
    ]) {
      if (share === 0) continue;
      const first = local ? Math.max(0, near - 1) : near;
      const last = local ? Math.min(from - 1, near + 1) : near;
      for (let j = first; j <= last; j++) out[i * from + j] += share / (last - first + 1);
    }
  }
  return out;
}

/** Photos in one run: small blocks stay in the processor's cache. */
const runPhotos = 4;

/** Hands the patches of the named photos over, one photo after the other: [height * width, dims], to be copied. */
export async function eachPatches(
  patches: Patches,
  inputs: Inputs,
  rows: Int32Array,
  { openSession, threads, signal, progress }: Pick<FitContext, 'openSession' | 'threads' | 'signal' | 'progress'>,
  visit: (i: number, patches: Float32Array) => void | Promise<void>,
): Promise<void> {
  const tables = mapsOf(inputs);
  const g = new GraphBuilder();
  g.output(patchNodes(g, patches, mapInputs(tables, g)), 'float32', ['n', 'places', patches.dims], 'patches');
  const session = await openSession(g.bytes(), { threads });
  const size = patches.height * patches.width * patches.dims;
  try {
    for (let from = 0; from < rows.length; from += runPhotos) {
      signal?.throwIfAborted();
      const taken = rows.subarray(from, from + runPhotos);
      const data = await runFor(session, await mapFeeds(tables, taken), 'patches');
      for (let i = 0; i < taken.length; i++) await visit(from + i, data.subarray(i * size, (i + 1) * size));
      progress?.(from + taken.length, rows.length);
    }
  } finally {
    await session.release();
  }
}

/** The plan with the mean patch of the named photos as its centre: distances between centred patches round less. */
export async function centred(
  patches: Patches,
  inputs: Inputs,
  rows: Int32Array,
  context: Pick<FitContext, 'openSession' | 'threads' | 'signal'>,
): Promise<Patches> {
  const { dims } = patches;
  const sums = new Float64Array(dims);
  let count = 0;
  await eachPatches(patches, inputs, rows, context, (_, data) => {
    for (let at = 0; at < data.length; at += dims) for (let d = 0; d < dims; d++) sums[d] += data[at + d];
    count += data.length / dims;
  });
  return { ...patches, centre: Float32Array.from(sums, (sum) => sum / count) };
}
