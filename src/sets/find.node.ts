/** Finds photos in folders, lists and patterns. */

import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { CarafeError } from '../errors.ts';
import { mostTextBytes, readRegular } from '../runtime/files.node.ts';
import { type FolderLayout, folderLayout, folderOf } from './folderLayout.ts';
import type { ListFormat } from './imageList.ts';
import { labelListName, parseImageList } from './imageList.ts';
import { isImageName, readableExtensions } from './imageNames.ts';
import type { FindOptions, ImageGroups, ImageItem, ImageSet, LeftOut, ListedItem } from './imageSet.ts';
import { compare, imageSet } from './imageSet.ts';
import { findListed } from './listPaths.node.ts';
import { listText } from './listText.ts';
import { isAside } from './splitNames.ts';
import { kindsText } from './understood.ts';
import { statOrUndefined, unreadable, type Walked, walk } from './walk.node.ts';
import { findInTars, tarsOf } from './webDataset.node.ts';
import { unpackZip } from './zip.node.ts';

const wantedLayout =
  'Put the photos of each class into a folder named after the class, as in photos/cat/1.jpg, or give a .csv or .jsonl list with the columns path and label.';

/**
 * Finds photos and their labels. A folder has one folder a class (see folderLayout); symbolic links are followed,
 * hidden files passed over. A .csv or .jsonl list is read as parseImageList says, its paths relative to its folder; a .zip as the folder that it holds, or by its `labels.csv`;
 * tars as WebDataset writes them, one or many. No photo is opened: what a file holds shows when it is decoded.
 * @throws CarafeError NOT_FOUND, UNREADABLE, NO_IMAGES, BAD_LIST, USAGE
 */
export async function findImageSet(source: string, options: FindOptions = {}): Promise<ImageSet> {
  const tars = await tarsOf(source);
  if (tars) return findInTars(source, tars, (walked, fileOf) => setOfPaths(source, walked, fileOf, options));
  const info = await statOrUndefined(source);
  if (!info)
    throw new CarafeError('NOT_FOUND', `There is no folder or list '${source}'.`, 'Check the path and its spelling.');
  if (info.isDirectory()) return findInFolder(source, options);
  if (extname(source).toLowerCase() === '.zip') {
    const folder = await unpackZip(source);
    const list = join(folder, labelListName);
    const inside = (await statOrUndefined(list)) ? findInList(list, 'csv', options) : findInFolder(folder, options);
    return { ...(await inside), source };
  }
  const formats: ReadonlyMap<string, ListFormat> = new Map([
    ['csv', 'csv'],
    ['tsv', 'csv'],
    ['jsonl', 'jsonl'],
    ['ndjson', 'jsonl'],
    ['json', 'json'],
  ]);
  const format = formats.get(extname(source).toLowerCase().slice(1));
  if (format) return findInList(source, format, options);
  throw new CarafeError(
    'BAD_LIST',
    `'${source}' is neither a folder nor a .csv or .jsonl list, nor a .zip or .tar.`,
    /\.(xlsx?|ods|numbers)$/i.test(source) ? 'Save the table as "CSV UTF-8", and give that file.' : wantedLayout,
  );
}

async function findInFolder(source: string, options: FindOptions): Promise<ImageSet> {
  return setOfPaths(source, await walk(source), (path) => resolve(source, path), options);
}

/**
 * The set that photos make by where they lie, in a folder or in what is like one.
 * @param fileOf what opens a photo
 * @throws CarafeError NO_IMAGES, USAGE
 */
export async function setOfPaths(
  source: string,
  { images, folders, leftOut }: Walked,
  fileOf: (path: string) => string,
  options: FindOptions,
): Promise<ImageSet> {
  const groupBy = options.groupBy === undefined ? undefined : expression(options.groupBy);
  const layout = folderLayout(images, { ...options, groupBy, source });
  const { items, unlabelled } = layout;
  if (options.flat && items.length === 0 && unlabelled.length > 0) {
    const labels = [basename(resolve(source))];
    return imageSet(
      source,
      unlabelled.map((path) => ({ path, file: fileOf(path), labels })),
      { leftOut },
    );
  }
  if (items.length === 0) throw await noClasses(source, unlabelled.length, leftOut);
  return imageSet(
    source,
    items.map((item) => ({ ...item, file: fileOf(item.path) })),
    {
      notes: notesOf(layout, folders),
      inside: layout.inside,
      leftOut,
      groups: groupsOf(items, options.groupBy, source),
    },
  );
}

/** @throws CarafeError USAGE where `groupBy` puts no photo into a group */
function groupsOf(items: readonly ListedItem[], groupBy: string | undefined, source: string): ImageGroups | undefined {
  const unmatched = items.filter(({ group }) => group === undefined).length;
  if (unmatched === items.length) {
    if (groupBy === undefined) return undefined;
    throw new CarafeError(
      'USAGE',
      `\`groupBy: '${groupBy}'\` matches none of the ${items.length.toLocaleString('en')} photos of ${source}.`,
      `For a folder, give a regular expression on the path; for a list, a column with values. A path here is ${JSON.stringify(items[0]?.path)}.`,
    );
  }
  const groups = new Set(items.map(({ group }) => group).filter((group) => group !== undefined)).size;
  return { by: groupBy === undefined ? "the column 'group'" : `--group-by '${groupBy}'`, groups, unmatched };
}

/** What of a folder is not used. */
function notesOf(
  { items, unlabelled, passedOver, around, repeated, nested }: FolderLayout,
  folders: readonly string[],
): string[] {
  const used = new Set<string>();
  for (const { path } of items)
    for (let folder = folderOf(path); folder && !used.has(folder); folder = folderOf(folder)) used.add(folder);
  const other = new Set(passedOver.map(({ path }) => path));
  const empty = folders.filter(
    (folder) =>
      around.includes(folderOf(folder)) && !used.has(folder) && !other.has(folder) && !isAside(basename(folder)),
  );
  return [
    ...(unlabelled.length > 0 ? [`Skipped photos outside the class folders: ${summary(unlabelled)}.`] : []),
    ...passedOver.map(
      ({ path, photos }) =>
        `Not used: ${photos.toLocaleString('en')} ${photos === 1 ? 'photo' : 'photos'} in ${JSON.stringify(path)}, which was not taken for a class${around.includes('') ? '' : ' or a part of the split'}. If it is one, use \`asClasses\`.`,
    ),
    ...(repeated.length > 0
      ? [
          `Every class folder contains the same folders: ${summary(repeated)}. If these are the classes, the folders around them are the parts of a split: rename those to train, val and test. If not, use \`asClasses\`.`,
        ]
      : []),
    ...(nested.length > 0
      ? [
          `Every class folder contains only other folders: ${summary(nested)}. Their photos count as photos of the class around them. If the folders inside are the classes, train on one of the folders around them; if this is what you want, use \`asClasses\`.`,
        ]
      : []),
    ...(empty.length > 0 ? [`Skipped folders that contain no photos: ${summary(empty)}.`] : []),
  ];
}

/** Where a folder holds no class folders: what it holds, and which folder may be meant. */
async function noClasses(source: string, photos: number, leftOut: readonly LeftOut[]): Promise<CarafeError> {
  const others = leftOut.length > 0 ? `; it contains ${kindsText(leftOut)}` : '';
  if (photos === 0)
    return new CarafeError(
      'NO_IMAGES',
      `'${source}' contains no photos (no files ending in ${readableExtensions}${others}).`,
      wantedLayout,
    );
  const what = `'${source}' contains ${photos.toLocaleString('en')} ${photos === 1 ? 'photo' : 'photos'}, but no class folders`;
  const above = source.includes('://') ? undefined : await folderAbove(source);
  if (!above) return new CarafeError('NO_IMAGES', `${what}.`, wantedLayout);
  const { folder, classes } = above;
  return new CarafeError(
    'NO_IMAGES',
    `${what}.`,
    `The folder above contains ${classes.map((name) => `'${name}'`).join(', ')}. If these are the classes, give that folder (${folder}). If not, ${wantedLayout.replace(/^P/, 'p')}`,
  );
}

/** Siblings that are looked at, and that are named. */
const mostSiblings = 100;
const mostNamed = 4;

/** The folder above, or one more above, where it holds several folders with photos, as class folders lie. */
async function folderAbove(source: string): Promise<{ folder: string; classes: string[] } | undefined> {
  let folder = resolve(source);
  for (let above = 1; above <= 2; above++) {
    folder = dirname(folder);
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const inside = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).slice(0, mostSiblings);
    const classes: string[] = [];
    for (const { name } of inside) {
      const names = await readdir(join(folder, name)).catch(() => []);
      if (names.some((file) => isImageName(file))) classes.push(name);
    }
    const shown = [...classes.slice(0, mostNamed), ...(classes.length > mostNamed ? ['...'] : [])];
    if (classes.length >= 2) return { folder, classes: shown };
  }
  return undefined;
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    throw new CarafeError(
      'USAGE',
      `\`groupBy: '${pattern}'\` is not a valid regular expression: ${error instanceof Error ? error.message : error}`,
      'For a folder, `groupBy` is a regular expression on the path; its first parentheses capture the group.',
      { cause: error },
    );
  }
}

function summary(names: readonly string[]): string {
  const first = names.slice(0, 3).map((name) => JSON.stringify(name));
  return names.length > 3 ? `${first.join(', ')} and ${names.length - 3} more` : first.join(', ');
}

async function findInList(source: string, format: ListFormat, options: FindOptions): Promise<ImageSet> {
  const bytes = await readRegular(source, mostTextBytes).catch((error: unknown) => {
    throw unreadable(source, error);
  });
  const folder = dirname(resolve(source));
  const notes: string[] = [];
  const onNote = (note: string) => void notes.push(note);
  const listed = parseImageList(listText(bytes, source, options.encoding), format, { ...options, source, onNote });
  if (listed.length === 0) throw new CarafeError('NO_IMAGES', `'${source}' lists no photos.`, wantedLayout);
  const { files, note } = await findListed(listed, folder, source);
  if (note !== undefined) notes.push(note);
  const items = listed.map((item, i): ImageItem => {
    const file = files[i];
    const inside = relative(folder, file);
    const path = inside.startsWith('..') || isAbsolute(inside) ? item.path : inside.split(sep).join('/');
    return { ...item, path, file };
  });
  return imageSet(source, items, { notes, groups: groupsOf(items, options.groupBy, source) });
}

/** A photo that was found: as it is shown, and what opens it. */
export interface FoundImage {
  readonly path: string;
  readonly file: string;
}

/**
 * Finds photos to predict, in the order of the paths: a file that is named is taken whatever its name, a folder gives
 * the photos in it and below, a pattern (`*`, `**`, `?`, `[...]`, `{a,b}`) those that it matches.
 * @throws CarafeError NOT_FOUND for a named path that does not exist, NO_IMAGES where nothing is found
 */
export async function findImages(paths: readonly string[]): Promise<FoundImage[]> {
  const found = new Map<string, FoundImage>();
  const add = (path: string): void => {
    const file = resolve(path);
    if (!found.has(file)) found.set(file, { path, file });
  };
  const addFolder = async (folder: string): Promise<void> => {
    for (const image of (await walk(folder)).images) add(join(folder, image).split(sep).join('/'));
  };
  for (const path of paths) {
    const info = await statOrUndefined(path);
    if (info?.isDirectory()) await addFolder(path);
    else if (info) add(path);
    else if (isDynamicPattern(path)) for (const match of await matches(path)) add(match);
    else
      throw new CarafeError('NOT_FOUND', `There is no file or folder '${path}'.`, 'Check the path and its spelling.');
  }
  if (found.size === 0)
    throw new CarafeError(
      'NO_IMAGES',
      `No photos in ${paths.map((path) => `'${path}'`).join(', ')} (no files ending in ${readableExtensions}).`,
      'Give photos, folders of photos, or a pattern such as "photos/**/*.jpg".',
    );
  return [...found.values()];
}

/**
 * The one photo that is to be explained. Whether it is there shows when it is read.
 * @throws CarafeError USAGE for a folder
 */
export async function findPhoto(path: string): Promise<ImageItem> {
  if ((await statOrUndefined(path))?.isDirectory())
    throw new CarafeError(
      'USAGE',
      `${path} is a folder, but explain takes one photo at a time.`,
      'Give a photo. To compare it with a folder of photos, use `photos`.',
    );
  return { path, file: resolve(path), labels: [''] };
}

async function matches(pattern: string): Promise<string[]> {
  // On Windows a backslash parts folders; elsewhere it guards the next character.
  const posix = sep === '\\' ? pattern.replaceAll('\\', '/') : pattern;
  const files = await glob(posix, {
    absolute: isAbsolute(posix),
    expandDirectories: false,
    caseSensitiveMatch: sep === '/',
  });
  return files.filter((file) => isImageName(file)).sort(compare);
}
