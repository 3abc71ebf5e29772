/** An image set: photos with labels, before any photo is read. */

import { CarafeError } from '../errors.ts';
import { inRow, message, messageOf } from '../message.ts';

/** The side of a split that the user has chosen for a photo. */
export type GivenSplit = 'train' | 'val' | 'test';

export interface ImageItem {
  /** As it is shown and written out: relative to the image set's folder, with `/`. */
  readonly path: string;
  /** What opens it: an absolute path in Node, a URL or a key in the browser. */
  readonly file: string;
  /** The class, verbatim; several only in a multi-label set. */
  readonly labels: readonly string[];
  /** Photos of one group are never divided by a split. */
  readonly group?: string;
  readonly split?: GivenSplit;
}

/** An item before it is known where its file lies. */
export type ListedItem = Omit<ImageItem, 'file'>;

export interface ImageSet {
  /** The folder, or the list file, that the user named. */
  readonly source: string;
  /** In a fixed order: by class, then by path, compared by code units. */
  readonly items: readonly ImageItem[];
  /** Every label that occurs, sorted by code units; a class's index is its place here. */
  readonly classes: readonly string[];
  /** What was left out and the user should know, a sentence each. */
  readonly notes?: readonly string[];
  /** The folder inside `source` that holds the classes, where it is not `source` itself. */
  readonly inside?: string | undefined;
  /** Files that are no photos by their names, by kind: an extension such as `.ppm`, or `without extension`. */
  readonly leftOut?: readonly LeftOut[];
  /** Where photos were to be kept together. */
  readonly groups?: ImageGroups | undefined;
}

export interface ImageGroups {
  /** What names the group: `--group-by`, or the list's column. */
  readonly by: string;
  readonly groups: number;
  /** Photos of no group. */
  readonly unmatched: number;
}

export interface LeftOut {
  readonly kind: string;
  readonly count: number;
}

/** How photos and their labels are found. */
export interface FindOptions {
  /** For a list, the column that names a photo's group; for a folder, a regular expression on the relative path. */
  readonly groupBy?: string | undefined;
  /** Take a folder that holds photos, but no class folders, as photos of one class, named after it. */
  readonly flat?: boolean | undefined;
  /** Ignore the set's own split. */
  readonly ignoreSplit?: boolean | undefined;
  /** Treat every folder as a class, even one named like a part of a split. */
  readonly asClasses?: boolean | undefined;
  /** Of a list: the columns of paths, labels and sides of the split; found by their names unless told. */
  readonly pathColumn?: string | undefined;
  readonly labelColumn?: string | undefined;
  readonly splitColumn?: string | undefined;
  /** Encoding of a list, such as `windows-1252`; UTF-8 and UTF-16 are recognised. */
  readonly encoding?: string | undefined;
  /** Classes that are known already: a folder of such a name is that class, and none is refused for its name. */
  readonly known?: readonly string[] | undefined;
}

/** An image set in its fixed order, whatever order the items come in. */
export function imageSet(
  source: string,
  items: readonly ImageItem[],
  about: Pick<ImageSet, 'notes' | 'inside' | 'leftOut' | 'groups'> = {},
): ImageSet {
  return {
    ...about,
    source,
    items: items.toSorted((a, b) => compare(a.labels[0] ?? '', b.labels[0] ?? '') || compare(a.path, b.path)),
    classes: [...new Set(items.flatMap((item) => item.labels))].sort(compare),
  };
}

/** By UTF-16 code units: the same on every machine and in every language. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether the set is multi-label: some photo has several labels, or none. */
export function isMultiLabel({ items }: { readonly items: readonly Pick<ImageItem, 'labels'>[] }): boolean {
  return items.some(({ labels }) => labels.length !== 1);
}

/** @throws CarafeError TOO_FEW_CLASSES or TOO_FEW_IMAGES: unless each label is on two photos and missing on two. */
export function requireLabels({ source, items, classes }: ImageSet): void {
  if (classes.length === 0)
    throw new CarafeError(
      'TOO_FEW_CLASSES',
      message`${source} has no labels.`,
      'Label the photos that show something.',
    );
  const few = classes.flatMap((label) => {
    const photos = items.filter(({ labels }) => labels.includes(label)).length;
    if (photos < 2) return [message`'${label}' is on one photo only`];
    if (photos === items.length) return [message`'${label}' is on every photo`];
    return photos === items.length - 1 ? [message`'${label}' is on every photo but one`] : [];
  });
  if (few.length === 0) return;
  throw new CarafeError(
    'TOO_FEW_IMAGES',
    message`${source}: ${inRow(few)}. Learning a label takes at least two photos with it and two without.`,
    'Add photos, or leave labels out: `minPhotos: 2` drops those on a single photo.',
  );
}

/** @throws CarafeError BAD_LIST if a photo has several labels, or none */
export function requireOneLabel({ source, items }: ImageSet): void {
  const several = items.find(({ labels }) => labels.length !== 1);
  if (!several) return;
  const many = several.labels.length === 0 ? messageOf('no label') : message`${several.labels.length} labels`;
  throw new CarafeError(
    'BAD_LIST',
    message`${source} gives ${several.path} ${many}; here each photo must have exactly one.`,
    'Keep one label per photo, or make each combination a class of its own.',
  );
}

/** @throws CarafeError TOO_FEW_CLASSES, or BAD_LIST: unless there are two classes to tell apart, one a photo. */
export function requireClasses(set: ImageSet): void {
  requireOneLabel(set);
  const { source, items, classes } = set;
  if (classes.length >= 2) return;
  const [only] = classes;
  if (only === undefined)
    throw new CarafeError(
      'TOO_FEW_CLASSES',
      message`${source} has no labels.`,
      'Give each photo a label, with at least two classes.',
    );
  throw new CarafeError(
    'TOO_FEW_CLASSES',
    message`${source} has only one class, '${only}' (${items.length} photos), so there is nothing to distinguish.`,
    'Add a folder (or, in a list, rows) with photos of another class; or use `trainOneClass` to learn from photos of one class alone.',
  );
}
