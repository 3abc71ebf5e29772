/** What the features hold. */

import { fitChosen } from '../evaluation/fitChosen.ts';
import type { FitContext, Problem } from '../heads/head.ts';
import { softmax } from '../heads/softmax.ts';
import { covarianceOf } from '../numerics/covariance.ts';
import { betaCdf, largestOf, quantile } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';

/** Units that go up and down together more than this say the same. */
const twins = 0.9;
const shownUnits = 10;

/** What the features of a set of photos hold. */
export interface Portrait {
  /** (sum of variances)^2 / sum of squared variances along the principal axes: how many equal ones would do. */
  readonly participationRatio: number;
  /** Share of the variance along the first k principal axes. */
  readonly explained: readonly { readonly components: number; readonly share: number }[];
  /** Units that never change. */
  readonly silent: number;
  /**
   * Of the others, those that correlate with some other unit by more than 0.9, up or down; null where photos are so few
   * that units which have nothing in common would, too.
   */
  readonly redundant: number | null;
  /** Median over units of the largest correlation with another unit; null likewise. */
  readonly medianCorrelation: number | null;
  /** With one class there is no decision. */
  readonly leaning?: Leaning;
}

/** Units by how much of the decision they carry, the heaviest first, and how many carry half of it. */
export interface Leaning {
  readonly units: readonly { readonly unit: number; readonly share: number }[];
  readonly half: number;
}

/** @param projected the photos along the leading principal axes, [N, components] */
export async function portray(problem: Problem, projected: Matrix, context: FitContext): Promise<Portrait> {
  const { features } = problem;
  const { columns } = features;
  const every = Int32Array.from({ length: features.rows }, (_, row) => row);
  const { covariance } = await covarianceOf(features, every, context);
  const own = Float64Array.from({ length: columns }, (_, d) => covariance[d * columns + d]);
  const total = own.reduce((sum, value) => sum + value, 0);
  const squares = covariance.reduce((sum, value) => sum + value * value, 0);
  const largest = largestOf(own);
  const alive = [...own.keys()].filter((d) => own[d] > 1e-9 * largest);
  const strongest = alive.map((d) => {
    let most = 0;
    for (const other of alive)
      if (other !== d)
        most = Math.max(most, Math.abs(covariance[d * columns + other]) / Math.sqrt(own[d] * own[other]));
    return most;
  });
  const canTell = twinsByChance(features.rows, alive.length) < 0.05;
  return {
    participationRatio: squares > 0 ? (total * total) / squares : 0,
    explained: explainedBy(columnVariances(projected), total),
    silent: columns - alive.length,
    redundant: canTell ? strongest.filter((value) => value > twins).length : null,
    medianCorrelation: canTell ? (strongest.length > 0 ? quantile(strongest, 0.5) : 0) : null,
    ...(problem.classes > 1 ? { leaning: await leaningOf(problem, own, context) } : {}),
  };
}

/**
 * Of so many independent units, how many a unit would find by chance that correlate with it by more than `twins`, in so
 * few photos: r² of independent normal numbers is Beta(1/2, (rows - 2) / 2).
 */
function twinsByChance(rows: number, units: number): number {
  return rows < 3 ? units : units * (1 - betaCdf(twins ** 2, 1 / 2, (rows - 2) / 2));
}

function columnVariances({ rows, columns, data }: Matrix): Float64Array {
  const means = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (const [at, value] of data.entries()) {
    means[at % columns] += value / rows;
    squares[at % columns] += (value * value) / rows;
  }
  return squares.map((square, k) => Math.max(0, square - means[k] ** 2));
}

function explainedBy(variances: Float64Array, total: number): Portrait['explained'] {
  const points: { components: number; share: number }[] = [];
  let sum = 0;
  for (const [k, value] of variances.entries()) {
    sum += value;
    const components = k + 1;
    if ((components & k) === 0 || components === variances.length)
      points.push({ components, share: total > 0 ? Math.min(1, sum / total) : 0 });
  }
  return points;
}

/** A unit carries as much as its weights, centred over the classes, spread the scores: |w| times its deviation. */
async function leaningOf(problem: Problem, variances: Float64Array, context: FitContext): Promise<Leaning> {
  const { classes, labels, features } = problem;
  const [{ weights }] = await fitChosen(
    softmax,
    problem,
    [{ settings: softmax.defaults, weights: new Float32Array(labels.length).fill(1) }],
    context,
  );
  const { columns } = features;
  const carried = Array.from({ length: columns }, (_, unit) => {
    const own = Array.from({ length: classes }, (_, c) => weights[c * columns + unit]);
    const centre = own.reduce((sum, value) => sum + value, 0) / classes;
    return Math.sqrt(own.reduce((sum, value) => sum + (value - centre) ** 2, 0) * variances[unit]);
  });
  const all = carried.reduce((sum, value) => sum + value, 0);
  const order = [...carried.keys()].sort((a, b) => carried[b] - carried[a] || a - b);
  let sum = 0;
  const half = order.findIndex((unit) => {
    sum += carried[unit];
    return sum >= all / 2;
  });
  return {
    units: order.slice(0, shownUnits).map((unit) => ({ unit, share: all > 0 ? carried[unit] / all : 0 })),
    half: half + 1,
  };
}
