/** Walks a folder: photos, and files left out. */

import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { fileReason } from '../runtime/files.node.ts';
import { isImageName } from './imageNames.ts';
import { compare, type LeftOut } from './imageSet.ts';
import { beginsAsPhoto } from './sniff.node.ts';

export interface Walked {
  /** Relative paths of the photos, with `/`. */
  readonly images: string[];
  /** Relative paths of all folders, but for hidden ones and what holds no photos of the user's. */
  readonly folders: string[];
  /** Files that are no photos by their names, nor by their first bytes, by kind; the most frequent first. */
  readonly leftOut: LeftOut[];
}

/** What systems and archives leave in folders. */
const passedOver = new Set([
  '__macosx',
  'thumbs.db',
  'desktop.ini',
  '$recycle.bin',
  'system volume information',
  '@eadir',
]);
/** Carafe's own files: no photos that were left out. */
const ownFiles = new Set(['classifier.onnx', 'report.html', 'study.html']);

/**
 * All photos in a folder and below. A symbolic link is followed unless it leads back to a folder that it lies in, or,
 * inside a class folder, to one that was seen: so loops end, and two classes may still share a folder.
 */
export async function walk(root: string): Promise<Walked> {
  const images: string[] = [];
  const folders: string[] = [];
  const kinds = new Map<string, number>();
  const visit = async (path: string, depth: number, above: Set<string>): Promise<void> => {
    const folder = join(root, path);
    const real = await realpath(folder);
    if (above.has(real)) return;
    const seen = depth > 2 ? above.add(real) : new Set([...above, real]);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(folder, error);
    });
    if (depth > 0) {
      if (isOutput(entries)) return;
      folders.push(path);
    }
    for (const entry of entries.sort((a, b) => compare(a.name, b.name))) {
      if (entry.name.startsWith('.') || passedOver.has(entry.name.toLowerCase())) continue;
      const inner = path ? `${path}/${entry.name}` : entry.name;
      const kind = await kindOf(entry, join(root, inner));
      if (kind === 'folder') await visit(inner, depth + 1, seen);
      else if (kind === 'file' && isImageName(entry.name)) images.push(inner);
      else if (kind === 'file' && !ownFiles.has(entry.name) && (await beginsAsPhoto(join(root, inner), entry.name)))
        images.push(inner);
      else if (!ownFiles.has(entry.name)) {
        const what = kind === 'file' ? kindOfName(entry.name) : 'pipe or device';
        kinds.set(what, (kinds.get(what) ?? 0) + 1);
      }
    }
  };
  await visit('', 0, new Set());
  const leftOut = [...kinds].map(([kind, count]) => ({ kind, count }));
  return { images, folders, leftOut: leftOut.sort((a, b) => b.count - a.count || compare(a.kind, b.kind)) };
}

/** Whether a folder holds what Carafe wrote, and nothing of the user's: it is passed over. */
function isOutput(entries: readonly Dirent[]): boolean {
  const names = new Set(entries.map(({ name }) => name));
  if (!(names.has('study.html') || (names.has('classifier.onnx') && names.has('report.html')))) return false;
  return entries.every((entry) => !isImageName(entry.name) && (!entry.isDirectory() || /heatmap/i.test(entry.name)));
}

/** `.gz`, or `without extension`. */
function kindOfName(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 && /^\.[\w-]{1,12}$/.test(name.slice(dot)) ? name.slice(dot).toLowerCase() : 'without extension';
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
export async function statOrUndefined(path: string) {
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

export function unreadable(path: string, error: unknown): CarafeError {
  return new CarafeError('UNREADABLE', `'${path}' cannot be read: ${fileReason(error)}.`, 'Check its permissions.', {
    cause: error,
  });
}
