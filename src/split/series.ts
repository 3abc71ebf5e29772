/** Classes whose photos look like one series: one thing, taken again and again in one place. */

import { Random } from '../numerics/random.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { type Layer, layerOf, type Picture, refinedAgreement, roughAlignment } from './alignPictures.ts';

/** Agreement of pictures laid upon each other: of frames of one burst 0.89 to 0.96, of other photos of a class mostly 0.2 to 0.5. */
const alike = 0.75;
/** Pairs of a class that are laid upon each other, and the share that must agree. */
const pairs = 24;
const leastShare = 0.75;
/** With fewer groups, too little was seen. That a class is a single group is reported elsewhere. */
const fewestGroups = 4;

/** What is said of them; absent where there are none. */
export interface Series {
  readonly labels: string[];
  readonly sentence: string;
}

/** What of a photo is looked at. */
export interface SeriesPhoto extends Pick<Picture, 'cells'> {
  readonly width: number;
  readonly height: number;
}

/**
 * The classes of which nearly all photos agree with each other although they count as separate. Pictures do not say whether
 * that is one burst, of which any figure is too good, or many parts in one pose: so they are not joined, but told. Of a
 * class whose photos all came with a group, their owner has said it.
 * @param items what each photo is
 * @param groups [N] photos that count as one
 */
export function findSeries(
  photos: readonly SeriesPhoto[],
  items: readonly Pick<ImageItem, 'labels' | 'group'>[],
  groups: Int32Array,
  seed: number,
): Series | undefined {
  const photosOf = new Map<string, Map<number, SeriesPhoto>>();
  const open = new Set<string>();
  for (const [row, { labels, group }] of items.entries()) {
    const label = labels.join('|');
    if (group === undefined) open.add(label);
    const known = photosOf.get(label) ?? new Map<number, SeriesPhoto>();
    photosOf.set(label, known.has(groups[row]) ? known : known.set(groups[row], photos[row]));
  }
  const found = [...photosOf]
    .filter(([label, ones]) => open.has(label) && isSeries([...ones.values()], new Random(`${seed}/series/${label}`)))
    .map(([label]) => label)
    .sort();
  return found.length === 0 ? undefined : { labels: found, sentence: sentenceOf(found) };
}

function isSeries(photos: readonly SeriesPhoto[], random: Random): boolean {
  if (photos.length < fewestGroups) return false;
  const layers = new Map<number, Layer>();
  const layer = (at: number): Layer => {
    const { cells, width, height } = photos[at];
    const known = layers.get(at) ?? layerOf({ cells, aspect: width / height });
    layers.set(at, known);
    return known;
  };
  let agreeing = 0;
  for (let pair = 0; pair < pairs; pair++) {
    // Most classes are dismissed at the first few pairs.
    if (agreeing + pairs - pair < leastShare * pairs) return false;
    const a = random.int(photos.length);
    const b = (a + 1 + random.int(photos.length - 1)) % photos.length;
    const { place } = roughAlignment(layer(a), layer(b));
    if (refinedAgreement(layer(a), layer(b), place) > alike) agreeing++;
  }
  return true;
}

function sentenceOf(labels: readonly string[]): string {
  const named = labels.slice(0, 5).map((label) => `'${label}'`);
  const more = labels.length - named.length;
  const all = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(' and ');
  return `The photos of ${all} all look the same, like one series of one thing. If they were taken in one go, the figures here are too good for photos of another day: add photos of other days, or put each series into a group of its own (--group-by). If they are different things in one pose, all is well: give each thing a group of its own to say so.`;
}
