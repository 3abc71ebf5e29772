/** The plan as a list of tasks. */

import type { MapTable } from '../features/mapTable.ts';
import { firstUnits, principalLayer, randomLayer, throughLayer } from '../heads/bottleneck.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import { reduceMaps } from '../heads/reducedMaps.ts';
import { toFloat16 } from '../numerics/float16.ts';
import { resident } from '../numerics/rows.ts';
import type { Matrix, Tensor } from '../runtime/platform.ts';
import { partsOf } from './parts.ts';
import { type Kind, type Plan, readComponents } from './plan.ts';
import type { Task } from './task.ts';

/** One task of a study; it is made when a thread is free, since it holds features of its own. */
export interface Job {
  readonly kind: Kind;
  readonly width: number;
  /** Number of the part whose folds it measures. */
  readonly part: number;
  readonly make: () => Task | Promise<Task>;
}

/** Photos along their leading principal components, [N, components]. */
export interface Projected {
  /** Found on all photos. */
  readonly all: Matrix;
  /** Found on each part's, part after part. */
  readonly parts: readonly Matrix[];
}

export async function project(
  { features, labels }: Problem,
  { components, trainingsOf }: Plan,
  context: FitContext,
): Promise<Projected> {
  const along = async (rows: readonly number[]) => {
    context.signal?.throwIfAborted();
    return throughLayer(await principalLayer(features, rows, components, context, 2), features, context);
  };
  const all = await along([...labels.keys()]);
  const parts: Matrix[] = [];
  for (const { rows } of partsOf(trainingsOf('pca')))
    parts.push(rows.length === labels.length ? all : await along(rows));
  return { all, parts };
}

/**
 * All that the plan wants measured.
 * @param projecting awaited by the jobs that need it; the others may be done until then
 */
export async function listJobs(
  problem: Problem,
  plan: Plan,
  projecting: Promise<Projected>,
  context: FitContext,
): Promise<Job[]> {
  const { labels, classes, spatial, representations } = problem;
  const features = resident(problem.features);
  const { columns } = features;
  const { widths, keptOf, trainingsOf, read } = plan;
  const known = (kind: Kind, trainings = trainingsOf(kind)) => ({ labels, classes, trainings, kept: keptOf(kind) });
  const jobs: Job[] = [];
  const add = (kind: Kind, part: number, make: (width: number) => Task | Promise<Task>) => {
    for (const width of widths[kind]) jobs.push({ kind, width, part, make: () => make(width) });
  };

  for (const precision of keptOf('all'))
    add('all', 0, () => ({ way: 'softmax', features, ...known('all'), kept: [precision] }));
  const all = representations?.get('all');
  const deep = all && resident(all.features);
  if (deep)
    for (const precision of keptOf('depths'))
      add('depths', 0, () => ({ way: 'softmax', features: deep, ...known('depths'), kept: [precision] }));
  const drawn = randomLayer(columns, columns, context.seed);
  add('random', 0, async (width) => {
    const narrow = await throughLayer(firstUnits(drawn, width), features, context);
    return { way: 'softmax', features: narrow, ...known('random') };
  });
  for (const [number, { trainings }] of partsOf(trainingsOf('pca')).entries()) {
    const projected = async (width: number) => leading((await projecting).parts[number], width);
    add('pca', number, async (width) => {
      return { way: 'softmax', features: await projected(width), ...known('pca', trainings) };
    });
    for (const activation of ['linear', 'relu'] as const) {
      const wanted = new Set(trainingsOf(activation));
      const own = trainings.filter((training) => wanted.has(training));
      if (own.length === 0) continue;
      add(activation, number, async (width) => {
        return { way: 'dense', width, activation, features: await projected(read), ...known(activation, own) };
      });
    }
  }
  if (spatial && widths.conv.length > 0)
    for (const [number, { trainings, rows }] of partsOf(trainingsOf('conv')).entries()) {
      context.signal?.throwIfAborted();
      // Reduced once for all widths: that alone takes as long as training one of them.
      const maps = await reducedMaps(spatial, rows, context);
      add('conv', number, (width) => {
        return { way: 'conv', width, maps, ...known('conv', trainings) };
      });
    }
  return jobs;
}

/** The maps along the leading principal components of the named rows. */
async function reducedMaps(
  spatial: MapTable,
  rows: readonly number[],
  context: FitContext,
): Promise<Tensor<'float16'>> {
  const all = Array.from({ length: spatial.rows }, (_, row) => row);
  const { height, width, components, data } = await reduceMaps(spatial, rows, readComponents, context, all);
  return { type: 'float16', dims: [all.length, height, width, components], data: toFloat16(data) };
}

/** The first columns, as many as there are. */
export function leading({ rows, columns, data }: Matrix, wanted: number): Matrix {
  const count = Math.min(wanted, columns);
  const out = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) for (let k = 0; k < count; k++) out[row * count + k] = data[row * columns + k];
  return { rows, columns: count, data: out };
}
