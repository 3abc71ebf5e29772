import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { CarafeError } from '../errors.ts';
import { folderLayout } from './folderLayout.ts';
import type { ListFormat } from './imageList.ts';
import { parseImageList } from './imageList.ts';
import { isImageName, readableExtensions } from './imageNames.ts';
import type { ImageItem, ImageSet } from './imageSet.ts';
import { compare, imageSet } from './imageSet.ts';

const wantedLayout = `Put the photos of each class into a folder named after the class:
  photos/cat/1.jpg
  photos/dog/2.jpg
or name a .csv or .jsonl list with the columns path and label.`;

export interface FindOptions {
  /** For a list, the column that names a photo's group; for a folder, a regular expression on the relative path. */
  readonly groupBy?: string | undefined;
  /** Take a folder that holds photos, but no class folders, as photos of one class, named after it. */
  readonly flat?: boolean | undefined;
}

/**
 * Finds photos and their labels. A folder has one folder a class (see folderLayout); symbolic links are followed,
 * hidden files passed over. A .csv or .jsonl list is read as parseImageList says, its paths relative to its folder.
 * No photo is opened: what a file holds shows when it is decoded.
 * @throws CarafeError NOT_FOUND, UNREADABLE, NO_IMAGES, BAD_LIST, USAGE
 */
export async function findImageSet(source: string, { groupBy, flat }: FindOptions = {}): Promise<ImageSet> {
  const info = await statOrUndefined(source);
  if (!info)
    throw new CarafeError('NOT_FOUND', `There is no folder or list '${source}'.`, 'Check the path, and its spelling.');
  if (info.isDirectory()) return findInFolder(source, groupBy, flat);
  const format = extname(source).toLowerCase().slice(1);
  if (format === 'csv' || format === 'jsonl') return findInList(source, format, groupBy);
  throw new CarafeError('BAD_LIST', `'${source}' is neither a folder nor a .csv or .jsonl list.`, wantedLayout);
}

/** All photos in a folder and below, or one photo, with one label: the folder's name. */
export async function findOneLabel(source: string): Promise<ImageSet> {
  const labels = [basename(resolve(source))];
  const found = await findImages([source]);
  return imageSet(
    source,
    found.map(({ file }) => ({ path: relative(source, file).split(sep).join('/') || basename(file), file, labels })),
  );
}

async function findInFolder(source: string, groupBy?: string, flat?: boolean): Promise<ImageSet> {
  const { images, folders } = await walk(source);
  const { items, unlabelled } = folderLayout(images, groupBy === undefined ? undefined : expression(groupBy));
  if (flat && items.length === 0 && unlabelled.length > 0) {
    const labels = [basename(resolve(source))];
    return imageSet(
      source,
      unlabelled.map((path) => ({ path, file: resolve(source, path), labels })),
    );
  }
  if (items.length === 0)
    throw new CarafeError(
      'NO_IMAGES',
      unlabelled.length > 0
        ? `'${source}' holds ${unlabelled.length} photos, but no class folders.`
        : `'${source}' holds no photos (no files that end in ${readableExtensions}).`,
      wantedLayout,
    );
  const used = new Set(images.map((path) => path.split('/')[0]));
  const empty = folders.filter((folder) => !used.has(folder));
  const notes = [
    ...(unlabelled.length > 0 ? [`Not used, since no class folder holds them: ${summary(unlabelled)}.`] : []),
    ...(empty.length > 0 ? [`Folders without photos, which make no class: ${summary(empty)}.`] : []),
  ];
  return imageSet(
    source,
    items.map((item) => ({ ...item, file: resolve(source, item.path) })),
    notes,
  );
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    throw new CarafeError(
      'USAGE',
      `--group-by '${pattern}' is no regular expression: ${error instanceof Error ? error.message : error}`,
      'For a folder, --group-by is a regular expression on the path; its first parentheses hold the group.',
      { cause: error },
    );
  }
}

function summary(names: readonly string[]): string {
  const first = names.slice(0, 3).map((name) => JSON.stringify(name));
  return names.length > 3 ? `${first.join(', ')} and ${names.length - 3} more` : first.join(', ');
}

async function findInList(source: string, format: ListFormat, groupBy: string | undefined): Promise<ImageSet> {
  const text = await readFile(source, 'utf8').catch((error: unknown) => {
    throw unreadable(source, error);
  });
  const folder = dirname(resolve(source));
  const items = parseImageList(text, format, { source, groupBy }).map((item): ImageItem => {
    const file = resolve(folder, item.path);
    const inside = relative(folder, file);
    const path = inside.startsWith('..') || isAbsolute(inside) ? item.path : inside.split(sep).join('/');
    return { ...item, path, file };
  });
  if (items.length === 0) throw new CarafeError('NO_IMAGES', `'${source}' lists no photos.`, wantedLayout);
  return imageSet(source, items);
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
      throw new CarafeError('NOT_FOUND', `There is no file or folder '${path}'.`, 'Check the path, and its spelling.');
  }
  if (found.size === 0)
    throw new CarafeError(
      'NO_IMAGES',
      `No photos in ${paths.map((path) => `'${path}'`).join(', ')} (no files that end in ${readableExtensions}).`,
      'Name photos, folders of photos, or a pattern such as "photos/**/*.jpg".',
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
      `${path} is a folder, and one photo is explained at a time.`,
      'Name a photo; a folder of photos to compare it with goes to --photos.',
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

interface Walked {
  /** Relative paths of the photos, with `/`. */
  readonly images: string[];
  /** Names of the folders of the top level. */
  readonly folders: string[];
}

/**
 * All photos in a folder and below. A symbolic link is followed unless it leads back to a folder that it lies in, or,
 * inside a class folder, to one that was seen: so loops end, and two classes may still share a folder.
 */
async function walk(root: string): Promise<Walked> {
  const walked: Walked = { images: [], folders: [] };
  const visit = async (path: string, depth: number, above: Set<string>): Promise<void> => {
    const folder = join(root, path);
    const real = await realpath(folder);
    if (above.has(real)) return;
    const seen = depth > 2 ? above.add(real) : new Set([...above, real]);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(folder, error);
    });
    for (const entry of entries.sort((a, b) => compare(a.name, b.name))) {
      if (entry.name.startsWith('.')) continue;
      const inner = path ? `${path}/${entry.name}` : entry.name;
      const kind = await kindOf(entry, join(root, inner));
      if (kind === 'folder') {
        if (depth === 0) walked.folders.push(entry.name);
        await visit(inner, depth + 1, seen);
      } else if (kind === 'file' && isImageName(entry.name)) walked.images.push(inner);
    }
  };
  await visit('', 0, new Set());
  return walked;
}

/** A link that leads nowhere counts as a file: it is listed as a photo that cannot be read. */
async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | undefined> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return undefined;
  const target = await statOrUndefined(path).catch(() => undefined);
  if (target?.isDirectory()) return 'folder';
  return !target || target.isFile() ? 'file' : undefined;
}

/** undefined: there is no such file. */
async function statOrUndefined(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isErrno(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw unreadable(path, error);
  }
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

function unreadable(path: string, error: unknown): CarafeError {
  return new CarafeError(
    'UNREADABLE',
    `'${path}' cannot be read: ${error instanceof Error ? error.message : error}`,
    'Check who may read it.',
    { cause: error },
  );
}
