/** How well each photo's label fits the photo: out-of-fold probability, and agreement of its nearest photos. */

import { type NeighbourContext, type Neighbours, nearestRows } from '../numerics/nearestRows.ts';
import { projected } from '../numerics/projection.ts';
import type { Matrix } from '../runtime/platform.ts';
import { assignFolds, orderedGroups } from '../split/stratifiedGroups.ts';
import { type OutOfFold, outOfFold } from './discriminant.ts';

/** Principal components that are kept; of few photos a third as many as there are photos. */
const mostComponents = 200;
const folds = 10;
/** Neighbours that are asked, and found: those of a photo's own group are not asked. */
const asked = 15;
const found = 40;
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

export interface LabelScores extends OutOfFold {
  /** [N] Share of the nearest photos, weighted by their similarity, that have its label; not a number where there is none. */
  readonly agreement: Float64Array;
  /** [N] How badly the label fits, the worst highest; not a number where no other photo of the class could be asked. */
  readonly score: Float64Array;
}

/** The photos in the directions in which they differ most, and the nearest of each there. No label has a part in it. */
export async function labelSpace(features: Matrix, seed: number, context: NeighbourContext): Promise<Space> {
  const { rows } = features;
  const components = await projected(features, mostComponents, seed, context);
  const places = Int32Array.from({ length: rows }, (_, row) => row);
  return { components, neighbours: await nearestRows(components, places, found, context) };
}

/**
 * Scores every label, whatever side of a split its photo is on: by the probability that linear discriminant analysis gives it
 * without having seen the photo's fold, and by how many of its nearest photos have it (which ranks planted errors better than
 * either alone, than margins and than confident learning; docs/measurements.md).
 */
export function scoreLabels({ components, neighbours }: Space, photos: LabelledPhotos): LabelScores {
  const { labels, classes, groups } = photos;
  const fold = new Int32Array(labels.length);
  const input = { ...photos, given: [] };
  assignFolds(input, orderedGroups(input, labels.keys(), 'label errors'), folds, fold);
  const judged = outOfFold(components, labels, classes.length, fold, folds);
  const agreement = agreementOf(neighbours, labels, groups);
  const score = judged.own.map((own, row) => {
    // Where all neighbours are of the photo's own group, the probability speaks alone.
    const agreed = Number.isNaN(agreement[row]) ? own : agreement[row];
    return -Math.log(own + leastProbability) - Math.log(agreed + leastAgreement);
  });
  return { ...judged, agreement, score };
}

/** The nearest photos of each that are not of its own group, at most fifteen; gives each with its similarity. */
function* askedOf(
  { count, places, distances }: Neighbours,
  row: number,
  groups: Int32Array,
): Generator<{ readonly row: number; readonly similarity: number }> {
  let left = asked;
  for (let at = row * count; at < (row + 1) * count && left > 0; at++) {
    const other = places[at];
    if (other < 0 || groups[other] === groups[row]) continue;
    left--;
    yield { row: other, similarity: 1 - distances[at] ** 2 / 2 };
  }
}

function agreementOf(neighbours: Neighbours, labels: Int32Array, groups: Int32Array): Float64Array {
  return Float64Array.from(labels, (label, row) => {
    let [same, all] = [0, 0];
    for (const { row: other, similarity } of askedOf(neighbours, row, groups)) {
      const weight = Math.max(1e-6, similarity);
      all += weight;
      if (labels[other] === label) same += weight;
    }
    return same / all;
  });
}
