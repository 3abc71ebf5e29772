/** The photos of a one-class run, and which of them are normal. */

import { CarafeError } from '../errors.ts';
import { type ImageItem, type ImageSet, imageSet, requireOneLabel } from '../sets/imageSet.ts';
import { refineSet, testedSide } from '../sets/refineSet.ts';
import { usualNormals } from './evaluateOneClass.ts';
import type { OneClassOptions, OneClassPlatform } from './options.ts';

/** The photos of a one-class run, and the label of the normal ones. */
export interface NormalSet {
  readonly set: ImageSet;
  readonly label: string;
}

/**
 * Finds the photos that a one-class run learns from and is judged by. Normal is what `options.normal` names; else the one
 * class that there is, or the one class of the part to train on. Where the set brings its own part to test on, with normal
 * photos in it, other photos of other classes are left out: nothing is learned from them.
 * @throws CarafeError USAGE where it is not clear which photos are normal
 */
export async function findNormal(
  source: string,
  options: Pick<
    OneClassOptions,
    | 'normal'
    | 'groupBy'
    | 'ignoreSplit'
    | 'asClasses'
    | 'mergeLabels'
    | 'pathColumn'
    | 'labelColumn'
    | 'splitColumn'
    | 'encoding'
  >,
  { findImageSet }: Pick<OneClassPlatform, 'findImageSet'>,
): Promise<NormalSet> {
  const { normal } = options;
  const known = normal === undefined ? undefined : [normal];
  const found = await findImageSet(source, { ...options, flat: normal === undefined, known });
  const set = refineSet(found, { mergeLabels: options.mergeLabels });
  requireOneLabel(set);
  const label = normal ?? normalOf(set);
  if (!set.classes.includes(label))
    throw new CarafeError(
      'USAGE',
      `\`normal: '${label}'\`: ${source} has no such class.`,
      `It has ${listed(set.classes, 10)}.`,
    );
  const tested = testedSide(set);
  if (tested === undefined) return { set, label };
  const isNormal = ({ labels }: ImageItem) => labels[0] === label;
  const notes = [...(set.notes ?? [])];
  if (!set.items.some((item) => isNormal(item) && item.split === tested)) {
    notes.push(`The ${tested} part has no normal photos, so the training photos are scored by cross-validation.`);
    return { set: { ...set, items: set.items.map(({ split: _, ...item }) => item), notes }, label };
  }
  if (!set.items.some((item) => isNormal(item) && item.split !== tested))
    throw new CarafeError(
      'USAGE',
      `The set's own split leaves no photo of '${label}' to learn from.`,
      'Move normal photos into the training part, or use `ignoreSplit`.',
    );
  const items = set.items.filter((item) => isNormal(item) || item.split === tested);
  const others = set.items.length - items.length;
  if (others > 0)
    notes.push(
      `Not used: ${others.toLocaleString('en')} ${others === 1 ? 'photo' : 'photos'} of other classes outside the ${tested} part: \`trainOneClass\` learns from normal photos only.`,
    );
  return { set: { ...imageSet(source, items, set), notes }, label };
}

/** The normal class if none is named. */
function normalOf(set: ImageSet): string {
  const { source, items, classes } = set;
  const isList = /\.(csv|tsv|jsonl|ndjson|json)$/i.test(source);
  if (classes.length === 1 && !isList) return classes[0];
  const tested = testedSide(set);
  const learned = tested && [...new Set(items.filter(({ split }) => split !== tested).map(({ labels }) => labels[0]))];
  if (learned?.length === 1) return learned[0];
  if (isList)
    throw new CarafeError(
      'USAGE',
      `${source} is a list, and it is not clear which of its photos are normal.`,
      'Name the normal class with `normal`; the others are used only for testing.',
    );
  const usual = classes.find((label) => usualNormals.includes(label.toLowerCase()));
  throw new CarafeError(
    'USAGE',
    `${source} has folders inside (${listed(classes, 5)}), and it is not clear which photos are normal.`,
    `Name the normal folder, as in \`normal: '${usual ?? classes[0]}'\`; the others are used only for testing. Or give a folder that contains only normal photos.`,
  );
}

/** The first names, and the number of the others. */
function listed(names: readonly string[], most: number): string {
  const more = names.length - most;
  return names.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
