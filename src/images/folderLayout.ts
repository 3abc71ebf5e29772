import type { GivenSplit, ListedItem } from './imageSet.ts';

/** Folder names that say a side of a split, where the whole top level is made of them. */
const splitFolders = new Map<string, GivenSplit>([
  ['train', 'train'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
]);

export interface FolderLayout {
  readonly items: readonly ListedItem[];
  /** Photos that lie in no class folder. */
  readonly unlabelled: readonly string[];
}

/**
 * Reads classes, and a split where the folders are one, off the paths of the photos.
 * The class is the first folder, verbatim; `train/`, `val/` and `test/` are a split, and the class the second folder,
 * only if the top level holds nothing else, at least two of them, and every photo of `train` lies in a class folder.
 * @param paths relative to the set's folder, with `/`
 * @param groupBy what it captures first, or else matches, in a path is the photo's group
 */
export function folderLayout(paths: readonly string[], groupBy?: RegExp): FolderLayout {
  const items: ListedItem[] = [];
  const unlabelled: string[] = [];
  const isSplit = splitByFolders(paths);
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    const label = folders[isSplit ? 1 : 0];
    if (label === undefined) {
      unlabelled.push(path);
      continue;
    }
    const split = isSplit ? splitOf(folders[0]) : undefined;
    const match = groupBy?.exec(path);
    const group = match ? (match[1] ?? match[0]) : undefined;
    items.push({ path, labels: [label], ...(group && { group }), ...(split && { split }) });
  }
  return { items, unlabelled };
}

function splitOf(folder: string | undefined): GivenSplit | undefined {
  return folder === undefined ? undefined : splitFolders.get(folder.toLowerCase());
}

function splitByFolders(paths: readonly string[]): boolean {
  const sides = new Set<GivenSplit>();
  for (const path of paths) {
    const folders = path.split('/').slice(0, -1);
    const side = splitOf(folders[0]);
    if (!side || (side === 'train' && folders.length < 2)) return false;
    sides.add(side);
  }
  return sides.has('train') && sides.size >= 2;
}
