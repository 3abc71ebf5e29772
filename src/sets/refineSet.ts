/** Options that refine an image set, and what it needs before long work begins. */

import { CarafeError } from '../errors.ts';
import { compare, type FindOptions, type ImageItem, type ImageSet, imageSet, isMultiLabel } from './imageSet.ts';
import { labelKey } from './labelKey.ts';

export interface RefineOptions {
  /** Make labels one that differ in capitals, blanks or encoding only. */
  readonly mergeLabels?: boolean | undefined;
  /** Leave out classes with fewer photos to learn from. */
  readonly minPhotos?: number | undefined;
}

/** What finding and refining a set takes of a user's options. */
export interface SetOptions extends Omit<FindOptions, 'flat' | 'known'>, RefineOptions {}

/** The set with labels merged and small classes left out, as asked; what was done, and what looks wrong, is in its notes. */
export function refineSet(set: ImageSet, { mergeLabels, minPhotos }: RefineOptions): ImageSet {
  const merged = unite(set, mergeLabels === true);
  if (minPhotos === undefined) return merged;
  const counts = learnedCounts(merged);
  return withoutClasses(
    merged,
    merged.classes.filter((label) => (counts.get(label) ?? 0) < minPhotos),
    `--min-photos ${minPhotos}`,
  );
}

/**
 * The set without some classes: their photos are left out; of several labels, these are taken off.
 * @param why for the note
 */
export function withoutClasses(set: ImageSet, left: readonly string[], why: string): ImageSet {
  if (left.length === 0) return set;
  const gone = new Set(left);
  const several = isMultiLabel(set);
  const items = several
    ? set.items.map((item) => ({ ...item, labels: item.labels.filter((label) => !gone.has(label)) }))
    : set.items.filter(({ labels: [label] }) => !gone.has(label));
  const photos = set.items.length - items.length;
  const names = left.map((label) => `'${label}'`).join(', ');
  const note = `Left out (${why}): ${several ? 'the labels' : `${plural(photos, 'photo')} of`} ${names}.`;
  return { ...imageSet(set.source, items, set), notes: [...(set.notes ?? []), note] };
}

/**
 * The set without the classes of which too few separate photos are left, once equal and nearly equal ones are known.
 * @returns undefined where all have enough
 */
export function withoutSmall(
  set: ImageSet,
  { items, groups }: { readonly items: readonly ImageItem[]; readonly groups: Int32Array },
  least: number | undefined,
): ImageSet | undefined {
  if (least === undefined || testedSide({ items }) !== undefined) return undefined;
  const separate = new Map<string, Set<number>>();
  for (const [row, { labels }] of items.entries())
    for (const label of labels) separate.set(label, (separate.get(label) ?? new Set()).add(groups[row]));
  const small = set.classes.filter((label) => (separate.get(label)?.size ?? 0) < least);
  if (small.length === 0) return undefined;
  return withoutClasses(
    { ...set, notes: [] },
    small,
    `--min-photos ${least}, counting equal and nearly equal photos as one`,
  );
}

/** Photos that can be learned from, of each label: where the set brings a part to test on, the others. */
function learnedCounts({ items, classes }: Pick<ImageSet, 'items' | 'classes'>): Map<string, number> {
  const tested = testedSide({ items });
  const counts = new Map(classes.map((label) => [label, 0]));
  for (const { labels, split } of items)
    if (tested === undefined || split !== tested)
      for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** The side of the set's own split that is tested on, if it brings one. */
export function testedSide({ items }: Pick<ImageSet, 'items'>): 'test' | 'val' | undefined {
  let side: 'val' | undefined;
  for (const { split } of items) {
    if (split === 'test') return 'test';
    if (split === 'val') side = 'val';
  }
  return side;
}

/** Labels that differ in capitals, blanks or encoding only: made one, the most frequent, or told. */
function unite(set: ImageSet, merge: boolean): ImageSet {
  const same = new Map<string, string[]>();
  for (const label of set.classes) same.set(labelKey(label), [...(same.get(labelKey(label)) ?? []), label]);
  const alike = [...same.values()].filter((labels) => labels.length > 1);
  if (alike.length === 0) return set;
  const counts = new Map<string, number>();
  for (const { labels } of set.items) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const sorted = alike.map((labels) =>
    labels.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0) || compare(a, b)),
  );
  const named = (label: string) => `${JSON.stringify(label)} (${plural(counts.get(label) ?? 0, 'photo')})`;
  if (!merge) {
    const notes = sorted.map(
      (labels) =>
        `${labels.map(named).join(' and ')} look like one class: they differ only in ${difference(labels)}. Use \`mergeLabels\` to merge them.`,
    );
    return { ...set, notes: [...(set.notes ?? []), ...notes] };
  }
  const names = new Map(sorted.flatMap(([first, ...others]) => others.map((label) => [label, first])));
  const items = set.items.map(
    (item): ImageItem => ({ ...item, labels: [...new Set(item.labels.map((label) => names.get(label) ?? label))] }),
  );
  const notes = sorted.map(([first, ...others]) => `${others.map(named).join(' and ')} merged into ${named(first)}.`);
  return { ...imageSet(set.source, items, set), notes: [...(set.notes ?? []), ...notes] };
}

function difference([first, ...others]: readonly string[]): string {
  const differs = (change: (label: string) => string) => others.some((label) => change(label) !== change(first));
  const spaced = (label: string) =>
    label
      .normalize('NFC')
      .replace(/[\s_-]+/gu, ' ')
      .trim();
  if (!differs((label) => label.normalize('NFC'))) return 'how accents are encoded (Unicode NFC and NFD)';
  if (!differs(spaced)) return 'blanks, hyphens or underscores';
  return 'capitals, blanks or characters that look alike';
}

/**
 * @throws CarafeError TOO_FEW_IMAGES, naming every class of one photo, or without any to learn from in the set's own split
 */
export function requirePhotos(set: ImageSet): void {
  const counts = learnedCounts(set);
  const tested = testedSide(set);
  const few = set.classes.filter((label) => (counts.get(label) ?? 0) < (tested === undefined ? 2 : 1));
  if (few.length === 0) return;
  const least = tested === undefined ? 2 : 1;
  const names = few.map((label) => `'${label}'`).join(', ');
  const stay = set.classes.length - few.length;
  const leave =
    stay >= 2
      ? `\`minPhotos: ${least}\` leaves ${few.length === 1 ? 'it' : 'them'} out (${stay.toLocaleString('en')} classes stay).`
      : '';
  if (tested === undefined)
    throw new CarafeError(
      'TOO_FEW_IMAGES',
      `A class needs at least two separate photos, one to learn from and one to test on, but ${few.length.toLocaleString('en')} of ${plural(set.classes.length, 'class', 'classes')} ${few.length === 1 ? 'has' : 'have'} one: ${names}.`,
      `Add different photos of ${few.length === 1 ? 'it' : 'each'}. ${leave}`.trim(),
    );
  throw new CarafeError(
    'TOO_FEW_IMAGES',
    `The set's own split leaves no photo to train on of ${names}.`,
    `Move photos of ${few.length === 1 ? 'it' : 'each'} into the training part, or use \`ignoreSplit\` to split all photos anew. ${leave} If the training part holds only normal photos, use \`trainOneClass\`.`.replace(
      '  ',
      ' ',
    ),
  );
}

/**
 * What the photos that cannot be used take away with them: whole classes, and the part to test on.
 * @param read the photos that can be used, and why the others cannot
 * @returns a sentence for each class that had enough photos to learn from and has too few left, and one for the part
 */
export function lostPhotos(
  set: ImageSet,
  read: { readonly items: readonly ImageItem[]; readonly failed: readonly { path: string; reason: string }[] },
): { readonly classes: string[]; readonly part: string[] } {
  const { items, failed } = read;
  const before = learnedCounts(set);
  const after = learnedCounts({ items, classes: set.classes });
  const asked = testedSide(set);
  const tested = testedSide({ items });
  const least = tested === undefined ? 2 : 1;
  const reasons = new Map(failed.map(({ path, reason }) => [path, reason]));
  const firstOf = (isMeant: (item: ImageItem) => boolean) => {
    const first = set.items.find((item) => reasons.has(item.path) && isMeant(item));
    return first ? `${first.path}: ${reasons.get(first.path)}` : '';
  };
  const classes = set.classes.flatMap((label) => {
    const [had, left] = [before.get(label) ?? 0, after.get(label) ?? 0];
    if (left >= least || left === had) return [];
    const photos =
      had === 1 ? 'The only photo' : `${left === 0 ? 'None' : `Only ${left}`} of the ${plural(had, 'photo')}`;
    const first = firstOf(({ labels, split }) => labels.includes(label) && (asked === undefined || split !== asked));
    return [`${photos} of '${label}' to learn from ${had === 1 ? 'cannot' : 'can'} be used; ${first}`];
  });
  const part =
    asked === undefined || tested === asked
      ? []
      : [
          `No photo of the set's own ${asked} part can be used, so it is not what the classifier is tested on; ${firstOf(({ split }) => split === asked)}`,
        ];
  return { classes, part };
}

/** What should be known of a set's own split before it is used. */
export function splitNotes(set: ImageSet): string[] {
  const tested = testedSide(set);
  if (tested === undefined) return [];
  const seen = new Set(set.items.flatMap(({ labels, split }) => (split === tested ? labels : [])));
  const missing = set.classes.filter((label) => !seen.has(label));
  if (missing.length === 0) return [];
  return [
    `The ${tested} part has no photo of ${missing.map((label) => `'${label}'`).join(', ')}, so it is unknown how well ${missing.length === 1 ? 'it is' : 'they are'} recognised.`,
  ];
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
