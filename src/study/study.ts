/** The study: every kind, width and precision on the same folds. */

import type { FitContext, Problem } from '../heads/head.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { Folds } from '../split/split.ts';
import { convLatency, denseCosts, denseLatency } from './costs.ts';
import { type Job, leading, listJobs, project } from './jobs.ts';
import type { FoldFigures, Measured } from './measure.ts';
import { joinFolds } from './parts.ts';
import { type Depth, type Kind, kinds, planStudy } from './plan.ts';
import { type Portrait, portray } from './portrait.ts';
import { bytesOf, type Precision, precisions } from './quantise.ts';
import type { Measure } from './task.ts';

/** What one width of one kind is worth and what it costs. */
export interface StudyPoint {
  readonly kind: Kind;
  readonly width: number;
  readonly precision: Precision;
  readonly folds: FoldFigures;
  /** Of bottleneck and last layer, without the backbone. */
  readonly parameters: number;
  readonly macs: number;
  /** Of one photo's stored features. */
  readonly bytes: number;
  /** Median milliseconds of bottleneck and last layer for one photo; undefined where it was not timed. */
  readonly latency: number | undefined;
}

export interface Studied {
  readonly points: readonly StudyPoint[];
  readonly portrait: Portrait;
  /** The photos along the first two principal components, [N, 2]. */
  readonly plane: Matrix;
  /** What could not be measured, and why. */
  readonly notes: readonly string[];
  /** Photos tested on to photos trained on, in a fold. */
  readonly testToTrain: number;
}

export interface StudyOptions {
  readonly depth: Depth;
  readonly measure: Measure;
  readonly onStage?: ((text: string) => void) | undefined;
}

/**
 * Measures how narrow a bottleneck may be, on the same folds for every kind, width and precision. Principal components
 * are found without labels: of few photos on those that a fold trains on, else on all (parts.ts).
 */
export async function study(
  problem: Problem,
  split: Folds,
  { depth, measure, onStage }: StudyOptions,
  context: FitContext,
): Promise<Studied> {
  const plan = planStudy(problem, split, depth);
  onStage?.('Finding principal components');
  const projecting = project(problem, plan, context);
  const measureAll = async () => {
    const jobs = await listJobs(problem, plan, projecting, context);
    const tell = (done: number) => onStage?.(`Measuring bottlenecks: ${done} of ${jobs.length}`);
    return doAll(jobs, measure, tell, context);
  };
  const [projected, done] = await Promise.all([projecting, measureAll()]);
  onStage?.('Describing the features');
  // Timed when nothing else is running.
  const points: StudyPoint[] = [];
  for (const one of joined(done)) points.push(await pointOf(one, problem, context));
  return {
    points,
    portrait: await portray(problem, projected.all, context),
    plane: leading(projected.all, 2),
    notes: plan.notes,
    testToTrain: 1 / (split.folds - 1),
  };
}

type Done = Measured & Pick<Job, 'kind' | 'part'>;

/** Does all jobs, as many at a time as there are threads; what takes longest is begun first, so that none is left alone. */
async function doAll(
  jobs: readonly Job[],
  measure: Measure,
  tell: (done: number) => void,
  { threads }: FitContext,
): Promise<Done[]> {
  const waiting = jobs.toSorted((a, b) => kinds.indexOf(b.kind) - kinds.indexOf(a.kind) || b.width - a.width).values();
  const done: Done[] = [];
  let count = 0;
  const lane = async () => {
    for (const { kind, part, make } of waiting) {
      tell(count);
      for (const measured of await measure(await make())) done.push({ ...measured, kind, part });
      count++;
    }
  };
  await Promise.all(Array.from({ length: threads }, lane));
  return done;
}

/** In the order of kinds, widths and precisions, the folds of all parts one after the other. */
function joined(done: readonly Done[]): Done[] {
  const sorted = done.toSorted(
    (a, b) =>
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      a.width - b.width ||
      precisions.indexOf(a.precision) - precisions.indexOf(b.precision) ||
      a.part - b.part,
  );
  return sorted
    .filter(({ part }) => part === 0)
    .map((first) => {
      const { kind, width, precision } = first;
      const parts = sorted.filter((own) => own.kind === kind && own.width === width && own.precision === precision);
      return { ...first, folds: joinFolds(parts.map(({ folds }) => folds)) };
    });
}

async function pointOf(
  { kind, width, precision, folds }: Done,
  { features, spatial, classes }: Problem,
  context: FitContext,
): Promise<StudyPoint> {
  const { columns } = features;
  const point = { kind, width, precision, folds, bytes: bytesOf(width, precision) };
  const isTimed = precision === 'float32';
  if (kind === 'conv' && spatial)
    return {
      ...point,
      parameters: denseCosts([spatial.channels, width, classes]).parameters,
      macs: spatial.height * spatial.width * spatial.channels * width + width * classes,
      latency: isTimed ? await convLatency(spatial, width, classes, context) : undefined,
    };
  const layers = kind === 'all' ? [columns, classes] : kind === 'depths' ? [width, classes] : [columns, width, classes];
  return { ...point, ...denseCosts(layers), latency: isTimed ? await denseLatency(layers, context) : undefined };
}
