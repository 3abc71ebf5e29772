/** How well each photo's label fits the photo: out-of-fold probability, and agreement of its nearest photos. */

import { type NeighbourContext, type Neighbours, nearestRows } from '../numerics/nearestRows.ts';
import { projector } from '../numerics/projection.ts';
import type { Rows } from '../numerics/rows.ts';
import type { Matrix } from '../runtime/platform.ts';
import { assignFolds, orderedGroups } from '../split/stratifiedGroups.ts';
import { type OutOfFold, outOfFold } from './discriminant.ts';

/** Principal components that are kept; of few photos a third as many as there are photos. */
const mostComponents = 200;
/** In how many folds labels are judged. */
export const labelFolds = 10;
/** Neighbours that are asked, and found: those of a photo's own group are not asked. */
const asked = 15;
const found = 40;
/** What keeps a single voice from deciding: probabilities and agreement below these are as good as none. */
const leastProbability = 0.003;
const leastAgreement = 0.05;
/** So that the best label scores about 0. */
const highest = Math.log((1 + leastProbability) * (1 + leastAgreement));
const binsPerUnit = 100;
const scoreBins = 1 + Math.ceil(binsPerUnit * (highest - Math.log(leastProbability * leastAgreement)));

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

export interface LabelScores extends OutOfFold {
  /** [N] Share of the nearest photos, weighted by their similarity, that have its label; not a number where there is none. */
  readonly agreement: Float64Array;
  /** [N] How badly the label fits, the worst highest; not a number where no other photo of the class could be asked. */
  readonly score: Float64Array;
  /**
   * How many right labels would score at least so badly, if each photo's label were drawn by what its probabilities and its
   * neighbours say: photos that are hard, not wrong.
   */
  readonly expectedRight: (score: number) => number;
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

/**
 * Scores every label, whatever side of a split its photo is on: by the probability that linear discriminant analysis gives it
 * without having seen the photo's fold, and by how many of its nearest photos have it (which ranks planted errors better than
 * either alone, than margins and than confident learning; docs/measurements.md).
 * @param dropped photos that are neither learned from nor asked nor scored
 */
export function scoreLabels(
  { components, neighbours }: Space,
  photos: LabelledPhotos,
  dropped: ReadonlySet<number> = new Set(),
): LabelScores {
  const { labels, classes } = photos;
  const fold = new Int32Array(labels.length);
  const input = { ...photos, given: [] };
  assignFolds(input, orderedGroups(input, labels.keys(), 'label errors'), labelFolds, fold);
  for (const row of dropped) fold[row] = -1;
  const [shares, probabilities] = [new Float64Array(classes.length), new Float64Array(classes.length)];
  const agreement = new Float64Array(labels.length).fill(Number.NaN);
  const right = new Float64Array(scoreBins);
  const judged = outOfFold(components, labels, classes.length, fold, labelFolds, (row, logits) => {
    const asked = neighbourShares(neighbours, row, photos, dropped, shares);
    if (asked) agreement[row] = shares[labels[row]!]!;
    const most = logits.reduce((a, b) => Math.max(a, b));
    let [total, both] = [0, 0];
    for (const logit of logits) total += Math.exp(logit - most);
    for (let c = 0; c < logits.length; c++) {
      probabilities[c] = Math.exp(logits[c]! - most) / total;
      if (!asked) shares[c] = probabilities[c]!;
      both += probabilities[c]! * shares[c]!;
    }
    for (let c = 0; c < logits.length && both > 0; c++) {
      const bin = Math.floor(scoreOf(probabilities[c]!, shares[c]!) * binsPerUnit);
      right[bin]! += (probabilities[c]! * shares[c]!) / both;
    }
  });
  for (let bin = scoreBins - 2; bin >= 0; bin--) right[bin]! += right[bin + 1]!;
  const score = judged.own.map((own, row) => {
    // Where all neighbours are of the photo's own group, the probability speaks alone.
    const agreed = Number.isNaN(agreement[row]) ? own : agreement[row];
    return scoreOf(own, agreed);
  });
  const expectedRight = (least: number) =>
    right[Math.min(scoreBins - 1, Math.max(0, Math.floor(least * binsPerUnit)))]!;
  return { ...judged, agreement, score, expectedRight };
}

function scoreOf(probability: number, agreement: number): number {
  return highest - Math.log((probability + leastProbability) * (agreement + leastAgreement));
}

/** The nearest photos of each that are not of its own group, at most fifteen; gives each with its similarity. */
function* askedOf(
  { count, places, distances }: Neighbours,
  row: number,
  groups: Int32Array,
  dropped: ReadonlySet<number>,
): Generator<{ readonly row: number; readonly similarity: number }> {
  let left = asked;
  for (let at = row * count; at < (row + 1) * count && left > 0; at++) {
    const other = places[at];
    if (other < 0 || groups[other] === groups[row] || dropped.has(other)) continue;
    left--;
    yield { row: other, similarity: 1 - distances[at] ** 2 / 2 };
  }
}

/** Share of each class among a photo's nearest, weighted by similarity; false where it has none. */
function neighbourShares(
  neighbours: Neighbours,
  row: number,
  { labels, groups }: LabelledPhotos,
  dropped: ReadonlySet<number>,
  shares: Float64Array,
): boolean {
  shares.fill(0);
  let all = 0;
  for (const { row: other, similarity } of askedOf(neighbours, row, groups, dropped)) {
    const weight = Math.max(1e-6, similarity);
    all += weight;
    shares[labels[other]!]! += weight;
  }
  if (all === 0) return false;
  for (let c = 0; c < shares.length; c++) shares[c]! /= all;
  return true;
}
