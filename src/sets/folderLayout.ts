/** Labels and splits from relative paths: class folders, given splits. */

import { CarafeError } from '../errors.ts';
import { type FolderNode, foldersIn, folderTree, photosIn } from './folderTree.ts';
import type { GivenSplit, ListedItem } from './imageSet.ts';
import { isAside, isBesideClasses, partNamed, saysNothing, sidesOf } from './splitNames.ts';

export interface LayoutOptions {
  /** The folder, for messages. */
  readonly source?: string | undefined;
  /** What it captures first, or else matches, in a path is the photo's group. */
  readonly groupBy?: RegExp | undefined;
  /** Take the photos of all parts of a split together. */
  readonly ignoreSplit?: boolean | undefined;
  /** Take each folder of the top level as a class, whatever its name. */
  readonly asClasses?: boolean | undefined;
  /** Classes that are known already: a folder of such a name is that class. */
  readonly known?: readonly string[] | undefined;
}

export interface FolderLayout {
  readonly items: readonly ListedItem[];
  /** Photos that lie in no class folder. */
  readonly unlabelled: readonly string[];
  /** Folders with photos that are no class and no part of the split, and how many photos each holds. */
  readonly passedOver: readonly { readonly path: string; readonly photos: number }[];
  /** The folder inside that holds the classes, where it is not the top. */
  readonly inside?: string | undefined;
  /** Folders that hold class folders; empty for the top. */
  readonly around: readonly string[];
  /** Folders of the same names inside every class, at least two: they may be the classes that were meant. */
  readonly repeated: readonly string[];
  /** Folders inside classes, at least two in each and none the same in all: each class may be a set of its own. */
  readonly nested: readonly string[];
}

/** Where photos of one class, and of one side, lie. */
interface ClassFolder {
  readonly node: FolderNode;
  readonly label: string;
  readonly split?: GivenSplit | undefined;
}

interface Reading {
  readonly top: FolderNode;
  readonly classes: readonly ClassFolder[];
  readonly unlabelled: readonly string[];
  readonly passedOver: readonly FolderNode[];
}

/** Folders around folders that are looked through for the one that holds the classes. */
const mostAround = 6;

/**
 * Reads classes, and a split where the folders are one, off the paths of the photos.
 *
 * The class is the first folder, verbatim. Where the folders of a level are named like the parts of a split (see
 * `partNamed`), one to train on and another, and the part to train on has class folders, they are the split and the class
 * is the next folder; what else lies there is passed over. A single folder that holds the classes, or the split, is
 * looked into. A split inside each class folder is read, too.
 * @param paths relative to the set's folder, with `/`
 * @throws CarafeError USAGE where parts of a split would become classes, unless `asClasses`
 */
export function folderLayout(paths: readonly string[], options: LayoutOptions = {}): FolderLayout {
  const root = folderTree(paths);
  const { top, classes, unlabelled, passedOver } = read(root, options, 0) ?? plain(root, options);
  const items = classes.flatMap(({ node, label, split }) =>
    photosIn(node).map((path): ListedItem => {
      const match = options.groupBy?.exec(path);
      const group = match ? (match[1] ?? match[0]) : undefined;
      return { path, labels: [label], ...(group && { group }), ...(split && !options.ignoreSplit && { split }) };
    }),
  );
  return {
    items,
    unlabelled: [...(top === root ? [] : root.photos), ...unlabelled],
    passedOver: passedOver.map((node) => ({ path: node.path, photos: photosIn(node).length })),
    ...(top === root ? {} : { inside: top.path }),
    around: [...new Set(classes.map(({ node }) => folderOf(node.path)))],
    ...(options.asClasses || options.known ? { repeated: [], nested: [] } : insideClasses(classes)),
  };
}

/** What may be the classes that were meant, where no class folder holds photos of its own. */
function insideClasses(classes: readonly ClassFolder[]): Pick<FolderLayout, 'repeated' | 'nested'> {
  const none = { repeated: [], nested: [] };
  if (classes.some(({ split, node }) => split || node.photos.length > 0)) return none;
  const inside = classes.map(({ node }) => foldersIn(node).map(({ name }) => name));
  const [names = [], ...others] = inside;
  const same = names.filter((name) => others.every((other) => other.includes(name)));
  if (same.length >= 2 && inside.every(({ length }) => length === same.length)) return { ...none, repeated: same };
  const areSets = classes.length >= 2 && same.length === 0 && inside.every(({ length }) => length >= 2);
  return areSets ? { ...none, nested: classes.flatMap(({ node }) => foldersIn(node).map(({ path }) => path)) } : none;
}

/** The folder that a path lies in; empty for the top. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Undefined: there are no two classes, nor a split, in the folder. */
function read(node: FolderNode, options: LayoutOptions, around: number): Reading | undefined {
  const { known, asClasses } = options;
  if (asClasses || foldersIn(node).some(({ name }) => known?.includes(name))) return plain(node, options);
  const split = splitReading(node, options);
  if (split) return split;
  if (!known) refuseParts(node, options);
  return insideReading(node, options, around) ?? classesFirst(node) ?? several(plain(node, options));
}

function several(reading: Reading): Reading | undefined {
  return reading.classes.length >= 2 ? reading : undefined;
}

/** Each folder is a class, but for those that hold masks or samples. */
function plain(node: FolderNode, { asClasses, known = [] }: LayoutOptions): Reading {
  const isClass = ({ name }: FolderNode) => asClasses || known.includes(name) || !isBesideClasses(name);
  const all = foldersIn(node);
  const classes = all.filter(isClass).length > 0 ? all.filter(isClass) : all;
  return {
    top: node,
    classes: classes.map((folder) => ({ node: folder, label: folder.name })),
    unlabelled: node.photos,
    passedOver: all.filter((folder) => !classes.includes(folder)),
  };
}

/** The folders of a level that are the parts of one split, with their sides: all with the same other words in their names. */
function partsOf(folders: readonly FolderNode[]): Map<FolderNode, GivenSplit> | undefined {
  const stems = new Map<string, FolderNode[]>();
  for (const folder of folders) {
    const named = partNamed(folder.name);
    if (named) stems.set(named.rest, [...(stems.get(named.rest) ?? []), folder]);
  }
  // Names that are nothing but a part come first.
  for (const [, same] of [...stems].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const sides = sidesOf(same.map(({ name }) => name));
    const parts = same.flatMap((folder): [FolderNode, GivenSplit][] => {
      const side = sides.get(folder.name);
      return side ? [[folder, side]] : [];
    });
    const all = new Set(parts.map(([, side]) => side));
    if (all.size >= 2 && all.has('train')) return new Map(parts);
  }
  return undefined;
}

function splitReading(node: FolderNode, options: LayoutOptions): Reading | undefined {
  const folders = foldersIn(node);
  const parts = partsOf(folders) ?? (options.ignoreSplit ? looseParts(folders) : undefined);
  if (!parts) return undefined;
  const sides = [...parts].map(([folder, split]) => ({ split, node: unwrapped(folder) }));
  const hasClasses = ({ node: part }: { node: FolderNode }) => part.folders.size > 0;
  const learned = sides.filter(({ split }) => split === 'train');
  if (!(learned.length > 0 ? learned : sides).some(hasClasses)) return undefined;
  const inner = sides.map(({ split, node: part }) => ({ split, part, ...plain(part, {}) }));
  return {
    top: node,
    classes: inner.flatMap(({ split, classes }) => classes.map((one) => ({ ...one, split }))),
    unlabelled: [...node.photos, ...inner.flatMap(({ unlabelled }) => unlabelled)],
    passedOver: [...folders.filter((folder) => !parts.has(folder)), ...inner.flatMap(({ passedOver }) => passedOver)],
  };
}

/** What is taken together without regard to a split: parts of any kind, also where none is to train on. */
function looseParts(folders: readonly FolderNode[]): Map<FolderNode, GivenSplit> | undefined {
  const named = folders.filter(({ name }) => partNamed(name));
  return named.length >= 2 ? new Map(named.map((folder) => [folder, 'train'])) : undefined;
}

/** `training_set/training_set/cats`, `Final_Training/Images/00001`: the folder inside, where it is alone and says no class. */
function unwrapped(part: FolderNode): FolderNode {
  const side = partNamed(part.name)?.part;
  let node = part;
  for (let around = 0; around < mostAround; around++) {
    const [inner, ...others] = foldersIn(node);
    if (!inner || others.length > 0) return node;
    if (!(inner.name === part.name || partNamed(inner.name)?.part === side || saysNothing(inner.name))) return node;
    node = inner;
  }
  return node;
}

/** The classes of a folder inside, where it alone holds photos in folders, beside none or beside what is no class. */
function insideReading(node: FolderNode, options: LayoutOptions, around: number): Reading | undefined {
  if (around >= mostAround) return undefined;
  const folders = foldersIn(node);
  const main = folders.filter(({ name }) => !isAside(name));
  const only = folders.length === 1 ? folders[0] : main.length === 1 ? main[0] : undefined;
  if (!only || (folders.length > 1 && !partNamed(only.name) && !saysNothing(only.name))) return undefined;
  const inner = read(only, options, around + 1);
  if (!inner) return undefined;
  return { ...inner, passedOver: [...inner.passedOver, ...folders.filter((folder) => folder !== only)] };
}

/** A split inside each class folder: `cats/train/1.jpg`, `cats/test/2.jpg`. */
function classesFirst(node: FolderNode): Reading | undefined {
  const folders = foldersIn(node);
  const inner = folders.flatMap((folder) => foldersIn(folder));
  if (folders.length < 2 || inner.some(({ name }) => partNamed(name)?.rest !== '')) return undefined;
  const sides = sidesOf(inner.map(({ name }) => name));
  const found = new Set(sides.values());
  if (folders.some(({ folders: own }) => own.size === 0) || found.size < 2 || !found.has('train')) return undefined;
  return {
    top: node,
    classes: folders.flatMap((folder) =>
      foldersIn(folder).map((part) => ({ node: part, label: folder.name, split: sides.get(part.name) })),
    ),
    unlabelled: [...node.photos, ...folders.flatMap(({ photos }) => photos)],
    passedOver: [],
  };
}

/** @throws CarafeError USAGE where folders that look like the parts of a split would become classes */
function refuseParts(node: FolderNode, { source = 'The folder' }: LayoutOptions): void {
  const folders = foldersIn(node);
  const named = folders.flatMap((folder) => {
    const part = partNamed(folder.name);
    return part ? [{ folder, ...part }] : [];
  });
  const suspect = named.filter((one) => named.some((other) => alike(one, other, named.length * 2 >= folders.length)));
  if (suspect.length === 0) return;
  const names = suspect.map(({ folder }) => `'${folder.name}'`).join(', ');
  const where = node.path ? `${source.replace(/[/\\]+$/, '')}/${node.path}` : source;
  const look = `The folders ${names} in ${where} look like the parts of a split, not like classes`;
  const reallyClasses = 'If they really are classes, use `asClasses`.';
  const isFlat = suspect.every(({ folder }) => unwrapped(folder).folders.size === 0);
  const isTrain = suspect.some(({ part }) => part === 'train');
  if (
    isFlat ||
    (isTrain && suspect.every(({ part, folder }) => part !== 'train' || unwrapped(folder).folders.size === 0))
  )
    throw new CarafeError(
      'USAGE',
      `${look}, and ${isTrain ? `'${suspect.find(({ part }) => part === 'train')?.folder.name}' contains` : 'they contain'} photos directly, without a folder for each class.`,
      `Put the photos of each class into a folder inside each part, as in train/cat/1.jpg, or give a list (.csv with the columns path, label and split). Photos with boxes for object detection have no classes of their own: crop the objects first. ${reallyClasses}`,
    );
  throw new CarafeError(
    'USAGE',
    `${look}.`,
    `${isTrain ? 'Rename them to train, val and test, each with a folder per class inside' : "Rename the part to train on to 'train', and the part to test on to 'test'"}; or use \`ignoreSplit\` to pool all their photos and let Carafe split them. ${reallyClasses}`,
  );
}

type Named = { readonly folder: FolderNode; readonly part: string; readonly rest: string };

/** Whether two folders are different parts of what may be one split. */
function alike(a: Named, b: Named, isMost: boolean): boolean {
  if (a.folder === b.folder) return false;
  if (a.part === b.part) return a.part === 'fold' && a.rest === b.rest;
  return a.rest === b.rest || a.rest === '' || b.rest === '' || isMost;
}
