/** How well each photo's label fits the photo: out-of-fold probability, and agreement of its nearest photos. */

import { softmaxRows } from '../metrics/softmaxRows.ts';
import type { NeighbourContext, Neighbours } from '../numerics/exactlyNearest.ts';
import { nearestRows } from '../numerics/nearestRows.ts';
import { projector } from '../numerics/projection.ts';
import type { Rows } from '../numerics/rows.ts';
import type { Matrix } from '../runtime/platform.ts';
import { assignFolds, orderedGroups } from '../split/stratifiedGroups.ts';
import { outOfFold } from './discriminant.ts';
import { fitNoise, type LabelNoise } from './labelNoise.ts';

/** Principal components that are kept; of few photos a third as many as there are photos. */
const mostComponents = 200;
/** In how many folds labels are judged. */
export const labelFolds = 10;
/** Neighbours that are asked, and found: those of a photo's own group are not asked. */
const nearest = { skipped: 0, asked: 15 };
const found = 40;
/**
 * A burst that is labelled wrongly at once answers for itself. So where the nearest photos agree with a label more, by this share, than
 * those behind them, these are asked: so many after so many.
 */
const behind = { skipped: 18, asked: 20, less: 0.2 };
/** What keeps a single voice from deciding: probabilities and agreement below these are as good as none. */
const leastProbability = 0.003;
const leastAgreement = 0.05;

/** Photos with one label each. */
export interface LabelledPhotos {
  /** [N] Class of each photo. */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  /** [N] Photos of a group answer for none of each other. */
  readonly groups: Int32Array;
  /** SHA-256 of each photo's bytes. */
  readonly ids: readonly string[];
  readonly seed: number;
}

/** Photos as their labels are judged: in few dimensions, with their neighbours. */
export interface Space {
  /** [N, components] */
  readonly components: Matrix;
  readonly neighbours: Neighbours;
}

export interface LabelScores {
  /** What the out-of-fold logits say of all labels together. */
  readonly noise: LabelNoise;
  /** [N] Calibrated probability of its own label; not a number where no other photo of its class could be learned from. */
  readonly own: Float64Array;
  /** [N] The likeliest other class; -1 where there is none. */
  readonly other: Int32Array;
  /** [N] Its probability. */
  readonly otherProbability: Float64Array;
  /** [N] Share of the nearest photos, weighted by their similarity, that have its label; not a number where there is none. */
  readonly agreement: Float64Array;
  /** [N] How badly the label fits, the worst highest; not a number where no other photo of the class could be asked. */
  readonly score: Float64Array;
}

/** The photos in the directions in which they differ most, and the nearest of each there. No label has a part in it. */
export async function labelSpace(features: Rows, seed: number, context: NeighbourContext): Promise<Space> {
  const components = await (await componentsOf(features, seed, context))(features);
  const places = Int32Array.from({ length: features.rows }, (_, row) => row);
  return { components, neighbours: await nearestRows(components, places, found, context) };
}

/** From features to the directions in which these differ most. One pass over them ranks labels as well as four. */
export function componentsOf(
  features: Rows,
  seed: number,
  context: NeighbourContext,
): Promise<(rows: Rows) => Promise<Matrix>> {
  const { openSession, threads, signal } = context;
  return projector(features, mostComponents, { openSession, threads, signal, seed, passes: 1 });
}

/** [N, C] Each photo's logits by the photos of other folds; groups stay together. @param dropped are left out of everything */
export function labelLogits(
  { components }: Space,
  photos: LabelledPhotos,
  dropped: ReadonlySet<number> = new Set(),
): Matrix {
  const { labels, classes } = photos;
  const fold = new Int32Array(labels.length);
  const input = { ...photos, given: [] };
  assignFolds(input, orderedGroups(input, labels.keys(), 'label errors'), labelFolds, fold);
  for (const row of dropped) fold[row] = -1;
  return outOfFold(components, labels, classes.length, fold, labelFolds);
}

/** [N] Whether each label is the likeliest by out-of-fold logits; false where there are none. */
export function isLikeliest({ columns, data }: Matrix, labels: Int32Array): boolean[] {
  return Array.from(labels, (label, row) => {
    const own = data.subarray(row * columns, (row + 1) * columns);
    return !Number.isNaN(own[label]) && own.every((logit, c) => c === label || logit < own[label]);
  });
}

/**
 * Scores every label, whatever side of a split its photo is on. A label is as good as its probability by linear discriminant
 * analysis that has not seen the photo's fold, calibrated, times the share of the nearest photos that have it, as against all
 * classes together (which ranks planted errors better than either alone, than margins and than confident learning;
 * docs/measurements.md).
 * @param known what is known of the labels' noise already
 */
export function scoreLabels(space: Space, photos: LabelledPhotos, known?: LabelNoise): LabelScores {
  const { labels, classes } = photos;
  const logits = labelLogits(space, photos);
  const noise = known ?? fitNoise(logits, labels);
  const { rows, columns, data } = softmaxRows(logits, noise.temperature);
  const shares = new Float64Array(classes.length);
  const farther = new Float64Array(classes.length);
  const misfit = (probabilities: Float32Array, asked: Float64Array | undefined, label: number) => {
    let all = 0;
    // Where all neighbours are of the photo's own group, the probability speaks alone.
    for (const [c, probability] of probabilities.entries())
      all += (probability + leastProbability) * ((asked?.[c] ?? probability) + leastAgreement);
    const agreed = asked?.[label] ?? probabilities[label]!;
    return Math.log(all) - Math.log((probabilities[label]! + leastProbability) * (agreed + leastAgreement));
  };
  const unknown = () => new Float64Array(rows).fill(Number.NaN);
  const scores = {
    noise,
    own: unknown(),
    other: new Int32Array(rows).fill(-1),
    otherProbability: new Float64Array(rows),
    agreement: unknown(),
    score: unknown(),
  };
  for (const [row, label] of labels.entries()) {
    const probabilities = data.subarray(row * columns, (row + 1) * columns);
    const own = probabilities[label];
    if (Number.isNaN(own)) continue;
    const isAsked = neighbourShares(space.neighbours, row, photos, shares);
    let other = -1;
    for (const [c, probability] of probabilities.entries())
      if (c !== label && (other < 0 || probability > probabilities[other])) other = c;
    scores.own[row] = own;
    scores.other[row] = other;
    scores.otherProbability[row] = other < 0 ? 0 : probabilities[other];
    if (isAsked) scores.agreement[row] = shares[label];
    scores.score[row] = misfit(probabilities, isAsked ? shares : undefined, label);
    if (!isAsked || !neighbourShares(space.neighbours, row, photos, farther, behind)) continue;
    if (shares[label]! - farther[label]! > behind.less)
      scores.score[row] = Math.max(scores.score[row], misfit(probabilities, farther, label));
  }
  return scores;
}

/** Which of the nearest photos of other groups are asked: so many, after so many. */
interface Asked {
  readonly skipped: number;
  readonly asked: number;
}

/** The nearest photos of each that are not of its own group, each with its similarity. */
function* askedOf(
  { count, places, distances }: Neighbours,
  row: number,
  groups: Int32Array,
  { skipped, asked }: Asked,
): Generator<{ readonly row: number; readonly similarity: number }> {
  let met = 0;
  for (let at = row * count; at < (row + 1) * count && met < skipped + asked; at++) {
    const other = places[at]!;
    if (other < 0 || groups[other] === groups[row] || met++ < skipped) continue;
    yield { row: other, similarity: 1 - distances[at]! ** 2 / 2 };
  }
}

/** Share of each class among a photo's nearest, weighted by similarity; false where it has none. */
function neighbourShares(
  neighbours: Neighbours,
  row: number,
  { labels, groups }: LabelledPhotos,
  shares: Float64Array,
  wanted: Asked = nearest,
): boolean {
  shares.fill(0);
  let all = 0;
  for (const { row: other, similarity } of askedOf(neighbours, row, groups, wanted)) {
    const weight = Math.max(1e-6, similarity);
    all += weight;
    shares[labels[other]!]! += weight;
  }
  if (all === 0) return false;
  for (let c = 0; c < shares.length; c++) shares[c]! /= all;
  return true;
}
