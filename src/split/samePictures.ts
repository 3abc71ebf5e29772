/** Whether two photos show the same scene, by their pictures. */

import type { Neighbours } from '../numerics/exactlyNearest.ts';
import { type Layer, layerOf, type Picture, refinedAgreement, roughAlignment, turnedPicture } from './alignPictures.ts';

/** Agreement at which two photos show the same, however far apart their features lie; closer ones need less. */
const sure = 0.92;
/** What photos need whose features alone would nearly do. */
const supporting = 0.42;
/** Pairs that show how well unrelated pictures of the set can be aligned. */
const samplePairs = 200;
/** So many standard deviations beyond their median, pictures are no unrelated ones. */
const beyond = 5;
/** The search in steps falls short of the best place by no more than this. */
const refinement = 0.3;
/** Neighbours too far away for one burst; where a picture agrees with half of these, it says nothing: parts in one pose. */
const crowdRanks = [0.4, 0.6, 0.8, 1];
const crowdAgree = 2;
/** Layers that are kept; each takes about 10 kB. */
const mostLayers = 10_000;

/**
 * Whether two photos, a before b, show the same.
 * @param closeness what else speaks for it: of 0 .. 1, where more than 1 would do without pictures
 * @param position of a (see turnedPicture) in which it is to lie upon b
 */
export type SamePictures = (a: number, b: number, closeness: number, position: number) => boolean;

/**
 * What can be said of two photos by their pictures. However well photos must agree at least, they must agree better than
 * unrelated photos of the set do: their agreements, as Fisher's z, have a median and a spread that the few related ones
 * hardly touch.
 * @param pictures in the order of their content
 */
export function samePictures(pictures: readonly Picture[], neighbours: Neighbours): SamePictures {
  const layers = new Map<number, Layer>();
  const layer = (place: number): Layer => {
    const known = layers.get(place);
    if (known) return known;
    const made = layerOf(pictures[place]);
    if (layers.size >= mostLayers) layers.clear();
    layers.set(place, made);
    return made;
  };
  const crowded = new Map<number, boolean>();
  let least: number | undefined;

  return (a, b, closeness, position) =>
    agree(a, b, sure - (sure - supporting) * Math.min(1, closeness), position) && !isCrowded(a) && !isCrowded(b);

  function agree(a: number, b: number, needed: number, position = 0): boolean {
    const first = position === 0 ? layer(a) : layerOf(turnedPicture(pictures[a], position));
    const second = layer(b);
    const { agreement, place } = roughAlignment(first, second);
    const bar = Math.max(least ?? -1, needed);
    if (agreement <= bar - refinement) return false;
    const refined = refinedAgreement(first, second, place);
    if (refined <= bar) return false;
    // It takes as long as 200 pairs, so it is measured only where it decides.
    least ??= unrelatedAgreement();
    return agreement > least - refinement && refined > least;
  }

  function unrelatedAgreement(): number {
    const scores: number[] = [];
    for (let step = 1; step < pictures.length && scores.length < samplePairs; step++)
      for (let a = 0; a + step < pictures.length && scores.length < samplePairs; a++) {
        const [first, second] = [layer(a), layer(a + step)];
        const agreement = refinedAgreement(first, second, roughAlignment(first, second).place);
        scores.push(Math.atanh(Math.min(1 - 1e-9, Math.max(-0.99, agreement))));
      }
    scores.sort((a, b) => a - b);
    const quantile = (part: number): number => scores[Math.floor(part * scores.length)] ?? 0;
    const median = quantile(0.5);
    // The quartiles of normal numbers lie 1.349 standard deviations apart.
    const deviation = (quantile(0.75) - quantile(0.25)) / 1.349;
    return Math.tanh(median + beyond * deviation);
  }

  function isCrowded(place: number): boolean {
    const known = crowded.get(place);
    if (known !== undefined) return known;
    const { count, places } = neighbours;
    const agreeing = crowdRanks.filter((part) => {
      const other = places[place * count + Math.ceil(part * count) - 1];
      return other >= 0 && agree(Math.min(place, other), Math.max(place, other), sure);
    }).length;
    crowded.set(place, agreeing >= crowdAgree);
    return agreeing >= crowdAgree;
  }
}
