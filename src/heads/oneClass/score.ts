/** Runs fitted one-class heads; the same graph as the file's. */

import { type Inputs, type MapTable, mapRows } from '../../features/mapTable.ts';
import { gather, type Rows, rowsAt } from '../../numerics/rows.ts';
import { GraphBuilder } from '../../onnx/builder.ts';
import { dataTypes } from '../../onnx/model.ts';
import { type AnyTensor, expectTensor, float32, type Session } from '../../runtime/platform.ts';
import type { FitContext } from '../head.ts';
import type { OneClassHead } from './oneClassHead.ts';

/** Photos in one run. */
const runRows = 1024;
/** Photos in one run where maps are read: what lies between them and the score is large, and small blocks stay in the processor's cache. */
const runMaps = 4;

type ScoreContext = Pick<FitContext, 'openSession' | 'threads' | 'signal' | 'progress'>;

/** Scores of the named rows, in their order. It runs the very graph that is exported. */
export async function scoresOf<Fitted>(
  head: Pick<OneClassHead<never, Fitted>, 'needs' | 'toGraph'>,
  fitted: Fitted,
  inputs: Inputs,
  rows: Int32Array,
  context: ScoreContext,
): Promise<Float32Array> {
  const out = new Float32Array(rows.length);
  await scoreEach(head, fitted, inputs, rows, context, (i, score) => {
    out[i] = score;
  });
  return out;
}

/** As `scoresOf`, with each photo's heatmap where the head gives one: [height, width] in `heatmap`, to be copied. */
export async function scoreEach<Fitted>(
  head: Pick<OneClassHead<never, Fitted>, 'needs' | 'toGraph'>,
  fitted: Fitted,
  inputs: Inputs,
  rows: Int32Array,
  { openSession, threads, signal, progress }: ScoreContext,
  visit: (i: number, score: number, heatmap: Heatmap | undefined) => void,
): Promise<void> {
  const builder = new GraphBuilder();
  const { tensors, block, size } = headInputs(head, inputs, builder);
  const { score, heatmap } = head.toGraph(fitted, builder, tensors);
  builder.output(score, 'float32', ['n'], 'score');
  if (heatmap) builder.output(heatmap, 'float32', ['n', 'height', 'width'], 'heatmap');
  const session = await openSession(builder.bytes(), { threads });
  try {
    for (let from = 0; from < rows.length; from += size) {
      signal?.throwIfAborted();
      const taken = rows.subarray(from, from + size);
      const results = await session.run(await block(taken));
      const scores = expectTensor(results.score, 'float32').data;
      const maps = heatmap ? expectTensor(results.heatmap, 'float32') : undefined;
      for (const [i, value] of scores.entries()) visit(from + i, value, maps && heatmapAt(maps, i));
      progress?.(from + taken.length, rows.length);
    }
  } finally {
    await session.release();
  }
}

/** Anomaly map of a photo: a grid of places evenly over the whole photo, row-major from the top left. */
export interface Heatmap {
  readonly height: number;
  readonly width: number;
  /** [height, width] */
  readonly data: Float32Array;
}

/** One photo's part of a tensor [n, height, width]. */
export function heatmapAt({ dims, data }: { dims: readonly number[]; data: Float32Array }, i: number): Heatmap {
  const [, height, width] = dims;
  return { height, width, data: data.subarray(i * height * width, (i + 1) * height * width) };
}

/** Declares what a head reads as inputs of a graph, and feeds them. */
function headInputs({ needs }: Pick<OneClassHead<never, never>, 'needs'>, inputs: Inputs, g: GraphBuilder) {
  if (needs === 'pooled') {
    const { features } = inputs;
    const tensors = [g.input('input', 'float32', ['n', features.columns])];
    return { tensors, size: runRows, block: async (rows: Int32Array) => ({ input: featureRows(features, rows) }) };
  }
  const tables = mapsOf(inputs);
  return { tensors: mapInputs(tables, g), size: runMaps, block: (rows: Int32Array) => mapFeeds(tables, rows) };
}

/** The maps that patches are made of; a head that needs them is never run without. */
export function mapsOf({ maps }: Inputs): readonly MapTable[] {
  if (!maps || maps.length === 0) throw new TypeError('this head needs maps');
  return maps;
}

/** Inputs `map0`, `map1`, ... of a graph, as float32. */
export function mapInputs(tables: readonly MapTable[], g: GraphBuilder): string[] {
  return tables.map(({ height, width, channels }, depth) =>
    g.node('Cast', [g.input(`map${depth}`, 'float16', ['n', height, width, channels])], { to: dataTypes.float32 }),
  );
}

/** The named photos' maps for the inputs that `mapInputs` declared. */
export async function mapFeeds(tables: readonly MapTable[], rows: Int32Array): Promise<Record<string, AnyTensor>> {
  return Object.fromEntries(
    await Promise.all(tables.map(async (table, depth) => [`map${depth}`, await mapRows(table, rows)])),
  );
}

/** The named rows of a matrix as one tensor [n, D]: a view where they follow each other, else a copy. */
export function featureRows(features: Rows, rows: Int32Array): AnyTensor {
  const [first = 0] = rows;
  const inOrder = rows.every((row, i) => row === first + i);
  const data = inOrder ? rowsAt(features, first, rows.length) : gather(features, rows).data;
  return float32(data, rows.length, features.columns);
}

/** One output of a session, float32. */
export async function runFor(
  session: Session,
  feeds: Record<string, AnyTensor>,
  output: string,
): Promise<Float32Array> {
  return expectTensor((await session.run(feeds, [output]))[output], 'float32').data;
}
