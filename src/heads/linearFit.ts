/** Many linear fits at once, by L-BFGS. */

import { minimise } from '../numerics/lbfgs.ts';
import type { Matrix } from '../runtime/platform.ts';
import { DualProblem } from './dualProblem.ts';
import type { FitContext, FitJob, Fitter, Problem } from './head.ts';
import type { Linear } from './linear.ts';
import { LinearObjective, type LinearTask, type LogitLoss } from './linearObjective.ts';
import { Preconditioner } from './preconditioner.ts';

/** How strongly the weights are held down: see `prepareLinear`. */
export type L2 = { readonly l2: number };

export interface LinearLoss {
  readonly nodes: LogitLoss;
  /** Where the bias starts, [C], given each class's share of the fit's weight, and the weight. */
  readonly priorLogOdds: (share: Float64Array, total: number) => Float32Array;
  /** About how much a photo's loss curves along a logit, where the mean loss is as given. */
  readonly curvature: (loss: number) => number;
  /** What the mean loss is about, for want of a better guess. */
  readonly usual: number;
}

/** Products of an evaluation up to which threads cost more than they gain: 600 photos take 0.35 s on one, 0.7 on two. */
const oneThreadWork = 3e7;

/**
 * Fits linear heads by L-BFGS: minimises, over weights V [D, C] and a bias b,
 *
 *   sum_i w_i loss(x_i V + b) / sum_i w_i  +  l2 s / 2 |V|^2,
 *
 * where s is the mean squared distance of the job's photos from their mean, so that l2 means the same for every
 * backbone (scikit-learn's C is 1 / (l2 s sum w)). The features are not standardised: the minimum is that of the raw
 * ones, and s is the only figure of theirs that it depends on. All jobs are columns of one graph. Few photos are fitted
 * in their own span, each at the same length (`DualProblem`).
 *
 * The optimiser works in other coordinates: features are centred and scaled for each job, and shortened along their
 * widest directions, where the loss curves most; that halves its steps. The directions are those of a sample of the
 * photos of all jobs together. They change the way, not the end: what is held out of a job is felt in its result no
 * further than the optimiser's tolerance.
 */
export async function prepareLinear(
  problem: Problem,
  loss: LinearLoss,
  context: FitContext,
): Promise<Fitter<L2, Linear>> {
  const span = await spanOf(problem, context);
  const inner = span?.problem ?? problem;
  let opened: { coordinates: Preconditioner; objective: LinearObjective } | undefined;
  /** Of the heads that were given: what they were in the span, and the loss that they ended at. */
  const ends = new WeakMap<Linear, { readonly head: Linear; readonly loss: number }>();

  const open = async (jobs: readonly FitJob<L2, Linear>[]) => {
    const { rows, columns } = inner.features;
    const small = rows * columns * problem.classes * jobs.length < oneThreadWork;
    const innerContext = { ...context, threads: small ? 1 : context.threads };
    const weights = jobs.map((job) => job.weights);
    const coordinates = await Preconditioner.open(inner, weights, innerContext);
    const objective = await LinearObjective.open(inner, loss.nodes, coordinates.directions, innerContext);
    return { coordinates, objective };
  };

  /** The heads in the coordinates that they are fitted in. */
  const fitInner = async (jobs: readonly FitJob<L2, Linear>[], loose: boolean) => {
    context.signal?.throwIfAborted();
    opened ??= await open(jobs);
    const { coordinates, objective } = opened;
    const tasks: LinearTask[] = [];
    const starts: Linear[] = [];
    for (const { part, weights, settings, start } of jobs) {
      const moments = await coordinates.moments(part, weights);
      const { total, share } = moments;
      const before = start && ends.get(start);
      const curvature = loss.curvature(before?.loss ?? loss.usual);
      // Nothing to tell apart: of the class there are no photos, or none without it.
      const frozen = [...share.keys()].filter((c) => share[c] === 0 || (problem.truth && share[c] > 1 - 1e-9));
      tasks.push({ weights, total, frozen, ...coordinates.choose(moments, settings.l2, curvature) });
      starts.push(before?.head ?? initialWeights(inner, loss.priorLogOdds(share, total)));
    }
    const points = await coordinates.toPoints(starts, tasks);
    const minima = await minimise(points, objective.evaluator(tasks), {
      // With ten it takes as many steps: the coordinates know most of the curvature already.
      memory: 8,
      gradientTolerance: 1e-6,
      lossTolerance: loose ? 1e-5 : 1e-8,
    });
    const heads = await coordinates.toHeads(
      minima.map(({ parameters }) => parameters),
      tasks,
    );
    return { heads, losses: minima.map((minimum) => minimum.loss), weights: jobs.map((job) => job.weights) };
  };
  const remember = (heads: readonly Linear[], losses: readonly number[], given: readonly Linear[]) => {
    for (const [t, head] of heads.entries()) ends.set(given[t], { head, loss: losses[t] });
  };

  return {
    async fit(jobs, { loose = false } = {}) {
      const { heads, losses, weights } = await fitInner(jobs, loose);
      const fitted = span ? await span.toPrimal(heads, weights) : heads;
      remember(heads, losses, fitted);
      return fitted;
    },
    ...(span && {
      async tryOut(jobs, visit) {
        const { heads, losses, weights } = await fitInner(jobs, true);
        await span.eachLogits(heads, weights, context, visit);
        remember(heads, losses, heads);
        return heads;
      },
    }),
    async release() {
      await Promise.all([opened?.coordinates.release(), opened?.objective.release(), span?.release()]);
    },
  };
}

/** Few photos for so many features: any labels can be told apart, and their span is worth its decomposition. */
export function isFew({ rows, columns }: Pick<Matrix, 'rows' | 'columns'>): boolean {
  return rows <= columns / 2;
}

async function spanOf(problem: Problem, context: FitContext): Promise<DualProblem | undefined> {
  return isFew(problem.features) ? DualProblem.open(problem, context) : undefined;
}

function initialWeights({ features, classes }: Problem, bias: Float32Array): Linear {
  return { weights: new Float32Array(features.columns * classes), bias, inputs: features.columns, outputs: classes };
}
