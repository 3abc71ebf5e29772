/** Feature maps projected onto their principal components. */

import { type MapTable, mapRows } from '../features/mapTable.ts';
import { fromFloat16 } from '../numerics/float16.ts';
import { type PrincipalComponents, principalComponents } from '../numerics/pca.ts';
import { Random } from '../numerics/random.ts';
import { GraphBuilder } from '../onnx/builder.ts';
import { dataTypes } from '../onnx/model.ts';
import { expectTensor, float32, type Matrix } from '../runtime/platform.ts';
import type { FitContext } from './head.ts';

/** Places from which the components are found. */
const samplePlaces = 8192;
/** Numbers in the maps of one run, before and after. */
const runNumbers = 4e6;
/** Numbers that are kept in memory: a gigabyte. */
const mostNumbers = 2 ** 28;

/** Spatial features of photos along their leading principal components, centred and scaled. */
export interface ReducedMaps {
  readonly height: number;
  readonly width: number;
  readonly components: number;
  /** [rows, height * width, components]; rows that were not asked for are zero. */
  readonly data: Float32Array;
  /** How a place's channels become its components: x . weights^T + bias, weights [components, channels]. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/**
 * Reduces maps to at most `count` components. They are found without labels, from places of the named rows; all are
 * divided by one number, so that they vary by about 1. Maps of no more channels keep these.
 * @param reduced the rows whose maps are reduced
 */
export async function reduceMaps(
  maps: MapTable,
  rows: readonly number[],
  count: number,
  context: FitContext,
  reduced: readonly number[] = rows,
): Promise<ReducedMaps> {
  const { height, width, channels } = maps;
  const places = height * width;
  const wanted = Math.max(1, Math.min(count, channels, Math.floor(mostNumbers / (maps.rows * places))));
  const sample = await samplePlacesOf(maps, rows, context);
  const matrix = { rows: sample.length / channels, columns: channels, data: sample };
  const found =
    wanted < channels
      ? await principalComponents(matrix, wanted, { ...context, seed: `${context.seed}/reduced maps` })
      : channelsThemselves(matrix);
  const components = found.variances.length;
  const spread = Math.sqrt(found.variances.reduce((sum, value) => sum + value, 0) / components);
  const weights = Float32Array.from(found.components, (value) => (spread > 0 ? value / spread : 0));
  const bias = Float32Array.from({ length: components }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum -= weights[k * channels + c] * found.mean[c];
    return sum;
  });
  const data = new Float32Array(maps.rows * places * components);
  await eachProduct(maps, reduced, weights, bias, context, (row, product) =>
    data.set(product, row * places * components),
  );
  return { height, width, components, data, weights, bias };
}

/** The coordinates as they are: turning all of them into components takes long and changes nothing that is learned. */
function channelsThemselves({ rows, columns, data }: Matrix): PrincipalComponents {
  const mean = new Float64Array(columns);
  const variances = new Float64Array(columns);
  const components = new Float64Array(columns * columns);
  // From the first row on, so that a channel that never changes varies by nothing at all.
  for (let at = 0; at < data.length; at++) mean[at % columns] += (data[at] - data[at % columns]) / rows;
  for (let c = 0; c < columns; c++) mean[c] += data[c];
  for (let at = 0; at < data.length; at++) variances[at % columns] += (data[at] - mean[at % columns]) ** 2 / rows;
  for (let c = 0; c < columns; c++) components[c * columns + c] = 1;
  return { mean, components, variances };
}

/** Channels of places drawn from the rows, [samples, channels]. */
async function samplePlacesOf(maps: MapTable, rows: readonly number[], { seed }: FitContext): Promise<Float32Array> {
  const { height, width, channels } = maps;
  const places = height * width;
  const photos = new Random(`${seed}/sampled photos`)
    .shuffle([...rows])
    .slice(0, Math.ceil((4 * samplePlaces) / places));
  const perPhoto = Math.min(places, Math.max(1, Math.floor(samplePlaces / photos.length)));
  const random = new Random(`${seed}/sampled places`);
  const bits = new Uint16Array(places * channels);
  const sample = new Float32Array(photos.length * perPhoto * channels);
  let at = 0;
  for (const photo of photos) {
    await maps.read(photo, bits);
    const chosen = random.shuffle(Int32Array.from({ length: places }, (_, place) => place)).subarray(0, perPhoto);
    for (const place of chosen) {
      sample.set(fromFloat16(bits.subarray(place * channels, (place + 1) * channels)), at);
      at += channels;
    }
  }
  return sample;
}

/** x . weights^T + bias at each place of each row. */
async function eachProduct(
  maps: MapTable,
  rows: readonly number[],
  weights: Float32Array,
  bias: Float32Array,
  { openSession, threads, signal }: FitContext,
  visit: (row: number, product: Float32Array) => void,
): Promise<void> {
  const { height, width, channels } = maps;
  const places = height * width;
  const g = new GraphBuilder();
  const x = g.node('Cast', [g.input('x', 'float16', ['n', height, width, channels])], { to: dataTypes.float32 });
  const flat = g.node('Reshape', [x, g.ints([-1, channels])]);
  g.input('weights', 'float32', [bias.length, channels]);
  g.input('bias', 'float32', [bias.length]);
  g.output(g.node('Gemm', [flat, 'weights', 'bias'], { transB: 1 }), 'float32', ['places', bias.length], 'y');
  const session = await openSession(g.bytes(), { threads });
  const block = Math.max(1, Math.floor(runNumbers / (places * Math.max(channels, bias.length))));
  try {
    for (let from = 0; from < rows.length; from += block) {
      signal?.throwIfAborted();
      const taken = rows.slice(from, from + block);
      const { y } = await session.run({
        x: await mapRows(maps, taken),
        weights: float32(weights, bias.length, channels),
        bias: float32(bias, bias.length),
      });
      const { data } = expectTensor(y, 'float32');
      const size = places * bias.length;
      for (const [i, row] of taken.entries()) visit(row, data.subarray(i * size, (i + 1) * size));
    }
  } finally {
    await session.release();
  }
}
