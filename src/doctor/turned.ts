/** Photos that lie on their side or upside down, by what four directions of the set's own photos look like. */

import type { NeighbourContext } from '../numerics/exactlyNearest.ts';
import type { Rows } from '../numerics/rows.ts';
import { quantile } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import { type Discriminant, foldModels, logitsOf } from './discriminant.ts';
import { componentsOf } from './labelScores.ts';
import type { Turn } from './photoProblems.ts';

const directions = 4;
const folds = 5;
/** No single look decides more than this. */
const leastProbability = 1e-6;
/**
 * By how much the log-probability of lying otherwise must exceed that of lying upright, over four looks: so many standard deviations
 * above the median of the set's own photos, by their median absolute deviation, which photos that lie turned hardly move.
 */
const deviations = 2.5;
const leastOdds = 8;
/** From the median absolute deviation to the standard deviation of a normal distribution. */
const ofNormal = 1.4826;

/** What is learned from photos in four directions. */
export interface DirectionModel {
  /** [rows, 4] Log-probabilities of the four directions of photos that are looked at once, and were not learned from. */
  once(features: Rows): Promise<Float64Array>;
  /** [4, photos, 4] The same of photos in all four directions, each look less the mean of its photo's looks. */
  four(features: Rows): Promise<Float64Array>;
  /** The same of the photos that it was learned from: out of fold. */
  readonly learned: Float64Array;
}

/**
 * Learns what the four directions look like: linear discriminant analysis on principal components.
 * @param features [4 x photos, D], all photos as they are, then turned by one, two and three quarters
 */
export async function learnDirections(
  features: Rows,
  seed: number,
  context: NeighbourContext,
): Promise<DirectionModel> {
  const photos = features.rows / directions;
  const project = await componentsOf(features, seed, context);
  const components = await project(features);
  const labels = Int32Array.from({ length: features.rows }, (_, row) => Math.floor(row / photos));
  const fold = Int32Array.from({ length: features.rows }, (_, row) => (row % photos) % folds);
  const whole = foldModels(components, labels, directions, fold, folds)(-1);
  const relative = lessOwnMean(components);
  const relativeFor = foldModels(relative, labels, directions, fold, folds);
  const parts = Array.from({ length: folds }, (_, k) => relativeFor(k));
  const relativeWhole = relativeFor(-1);
  return {
    learned: allDirections(relative, (row) => parts[fold[row]!]!),
    once: async (rows) => allDirections(await project(rows), () => whole),
    four: async (rows) => allDirections(lessOwnMean(await project(rows)), () => relativeWhole),
  };
}

/** What a photo shows is the same in all its looks: what is left is how each direction looks. @param looks [4 x photos, D] */
function lessOwnMean({ rows, columns, data }: Matrix): Matrix {
  const photos = rows / directions;
  const out = data.slice();
  for (let at = 0; at < photos * columns; at++) {
    let sum = 0;
    for (let t = 0; t < directions; t++) sum += data[t * photos * columns + at]!;
    for (let t = 0; t < directions; t++) out[t * photos * columns + at]! -= sum / directions;
  }
  return { rows, columns, data: out };
}

function allDirections(components: Matrix, modelOf: (row: number) => Discriminant): Float64Array {
  const out = new Float64Array(components.rows * directions);
  for (let row = 0; row < components.rows; row++)
    out.set(directionsOf(components, row, modelOf(row)), row * directions);
  return out;
}

function directionsOf(components: Matrix, row: number, model: Discriminant): Float64Array {
  const logits = new Float64Array(directions);
  logitsOf(components, row, model, logits);
  const highest = logits.reduce((a, b) => Math.max(a, b));
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
  return logits.map((logit) => Math.log(Math.max(leastProbability, Math.exp(logit - highest) / total)));
}

/** How much likelier it is that each photo lies otherwise than upright, from one look at it. @param logs [photos, 4] */
export function oddsOnce(logs: Float64Array): Float64Array {
  return Float64Array.from({ length: logs.length / directions }, (_, row) => {
    const own = logs.subarray(row * directions, (row + 1) * directions);
    return own.subarray(1).reduce((a, b) => Math.max(a, b)) - own[0]!;
  });
}

/** Which way a photo most probably lies if not upright, and how much likelier that is, from four looks. */
export interface Lying {
  readonly turn: Turn;
  readonly odds: number;
}

/** @param logs [4, photos, 4], of photos as they are, then turned by one, two and three quarters */
export function lyingOf(logs: Float64Array): Lying[] {
  const photos = logs.length / directions ** 2;
  return Array.from({ length: photos }, (_, photo): Lying => {
    // A photo that lies turned by h looks, turned by t more, like one turned by h + t.
    const totals = Array.from({ length: directions }, (_, h) => {
      let sum = 0;
      for (let t = 0; t < directions; t++) sum += logs[(t * photos + photo) * directions + ((h + t) % directions)]!;
      return sum;
    });
    const best = ([1, 2, 3] as const).reduce((a, b) => (totals[b]! > totals[a]! ? b : a));
    return { turn: ({ 1: 90, 2: 180, 3: 270 } as const)[best], odds: totals[best]! - totals[0]! };
  });
}

/** The odds beyond which a photo is called turned, by those of photos of which nearly all lie upright. */
export function turnedOdds(lying: readonly Lying[]): number {
  const values = lying.map(({ odds }) => odds);
  const middle = quantile(values, 0.5);
  const away = values.map((value) => Math.abs(value - middle));
  return Math.max(leastOdds, middle + deviations * ofNormal * quantile(away, 0.5));
}
