/** Finds the photos of a list on disk. */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { CarafeError } from '../errors.ts';
import { isImageName } from './imageNames.ts';
import type { ListedItem } from './imageSet.ts';
import { partNamed } from './splitNames.ts';

/** Folders beside a list in which its photos often lie. */
const usualFolders = [
  'images',
  'train',
  'train_images',
  'images/train',
  'train/images',
  'img',
  'imgs',
  'photos',
  'data',
  '../images',
];
/** Photos of a list that are looked for before it is decided how its paths are meant. */
const sampleSize = 20;

/** Where each photo of a list lies, and how that was found where the paths alone do not say it. */
export interface ListedPaths {
  /** Absolute, in the order of the items. */
  readonly files: readonly string[];
  readonly note?: string | undefined;
}

/**
 * Finds the photos that a list names. Paths are relative to the list's folder. Where some of the first ones are not
 * there, backslashes are taken for slashes, names without an extension for those of the one photo that begins so, and,
 * should none be there at all, the folders beside the list are tried in which photos usually lie.
 * @throws CarafeError BAD_LIST for paths of a Windows computer elsewhere, for addresses, and for names that fit two photos
 */
export async function findListed(items: readonly ListedItem[], folder: string, source: string): Promise<ListedPaths> {
  const folders = new Folders();
  const plain = items.map(({ path }) => resolve(folder, path));
  const step = Math.max(1, Math.floor(items.length / sampleSize));
  const sample = items.filter((_, i) => i % step === 0);
  const areThere = await Promise.all(sample.map(({ path }) => folders.has(resolve(folder, path))));
  if (areThere.every((one) => one) && items.every(({ path }) => isImageName(basename(path)))) return { files: plain };
  const strange = items.find(({ path }) => isElsewhere(path));
  if (strange) throw elsewhere(strange.path, source);

  const ways = ['', ...usualFolders.filter((one) => one !== ''), ...namesake(source)];
  const found: { way: string; files: readonly (string | undefined)[]; count: number }[] = [];
  for (const way of ways) {
    const files = await Promise.all(items.map(({ path }) => folders.find(join(folder, way), path, source)));
    const count = files.filter((file) => file !== undefined).length;
    if (count > 0) found.push({ way, files, count });
    // What the list says as it stands is what is meant, if there is any of it.
    if (way === '' && count > 0) break;
  }
  const most = found.reduce((sum, { count }) => Math.max(sum, count), 0);
  const best = found.filter(({ count }) => count === most);
  if (best.length === 0) return { files: plain };
  const [only] = best.length === 1 ? best : best.filter(({ way }) => partNamed(basename(way))?.part === 'train');
  if (!only)
    throw new CarafeError(
      'BAD_LIST',
      `${source} lists photos that exist in several folders: ${best.map(({ way }) => `'${way}'`).join(', ')}.`,
      'Add the folder to the paths, as in images/1.jpg.',
    );
  // Other separators are no news.
  const changed = only.files.some(
    (file, i) => file !== undefined && file !== resolve(folder, items[i].path.replaceAll('\\', '/')),
  );
  const where = only.way === '' ? '' : ` in '${only.way}'`;
  const first = items.findIndex((_, i) => only.files[i] !== undefined);
  return {
    files: only.files.map((file, i) => file ?? plain[i]),
    note: changed
      ? `${source}: its paths are found${where || ' under longer names'} (${JSON.stringify(items[first].path)} is ${JSON.stringify(basename(only.files[first] ?? ''))}).`
      : undefined,
  };
}

/** `train` for train_labels.csv. */
function namesake(source: string): string[] {
  const stem = basename(source).replace(/\.[^.]*$/, '');
  return [stem, stem.replace(/[_-]?labels?$/i, '')].filter(
    (name, i, all) => name !== '' && all.indexOf(name) === i && !usualFolders.includes(name),
  );
}

function isElsewhere(path: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]+:\/\//i.test(path) || (sep === '/' && (/^[a-z]:[\\/]/i.test(path) || path.startsWith('\\\\')))
  );
}

function elsewhere(path: string, source: string): CarafeError {
  const isAddress = path.includes('://');
  return new CarafeError(
    'BAD_LIST',
    `${source} names ${JSON.stringify(path)}, which is ${isAddress ? 'an address, not a file' : 'a Windows path, and this is not Windows'}.`,
    isAddress
      ? 'Download the photos, and give their paths relative to the list.'
      : "Make the paths relative to the list's own folder, as in cat\\1.jpg; backslashes may stay.",
  );
}

/** Folders that were looked into. */
class Folders {
  readonly #entries = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();

  /** Names in a folder, by their stems, which end at the last dot. */
  #of(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const known = this.#entries.get(folder);
    if (known) return known;
    const reading = readdir(folder).then(
      (names) => {
        const stems = new Map<string, string[]>();
        for (const name of names) {
          const own = stems.get(stemOf(name));
          if (own) own.push(name);
          else stems.set(stemOf(name), [name]);
        }
        return stems;
      },
      () => new Map<string, string[]>(),
    );
    this.#entries.set(folder, reading);
    return reading;
  }

  async has(file: string): Promise<boolean> {
    const names = await this.#of(dirname(file));
    return names.get(stemOf(basename(file)))?.includes(basename(file)) === true;
  }

  /** The file that a path of a list means in a folder. */
  async find(folder: string, path: string, source: string): Promise<string | undefined> {
    for (const written of new Set([path, path.replaceAll('\\', '/'), uploaded(path)])) {
      const file = resolve(folder, written);
      if (await this.has(file)) return file;
      if (isImageName(basename(file))) continue;
      const name = basename(file);
      const names = [...((await this.#of(dirname(file))).get(name) ?? [])].filter((one) => isImageName(one));
      if (names.length > 1)
        throw new CarafeError(
          'BAD_LIST',
          `${source} names ${JSON.stringify(path)}, which may be ${names.map((one) => JSON.stringify(one)).join(' or ')}.`,
          'Add the extensions to the paths.',
        );
      if (names.length === 1) return join(dirname(file), names[0]);
    }
    return undefined;
  }
}

function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** Label Studio's paths: `/data/upload/1/0a1b2c3d-cat.jpg` and `/data/local-files/?d=cats/1.jpg`. */
function uploaded(path: string): string {
  const local = /^\/data\/local-files\/\?d=(.*)$/.exec(path)?.[1];
  if (local !== undefined) return decodeURIComponent(local);
  return path.replace(/^\/data\/upload\/(?:\d+\/)?(?:[0-9a-f]{8}-)?/, '');
}
