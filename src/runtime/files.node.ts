/** Files written whole or not at all. */

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { appendFile, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CarafeError } from '../errors.ts';

/** What people read in place of the system's codes. */
const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'it is a file, not a folder',
  ENOTEMPTY: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ELOOP: 'its symbolic link points in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GB',
};

/** Why a file cannot be read or written, in words. */
export function fileReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return systemReasons[code] ?? (error instanceof Error ? error.message : String(error));
}

/** Whether a file or folder is simply not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** What a network may be: ONNX itself ends at 2 GB. */
export const mostModelBytes = 2 ** 31 - 1;
/** What a list or a settings file may be. */
export const mostTextBytes = 2 ** 28;

/**
 * Reads a file of a bounded size. What is none (a named pipe, a device) is refused before it is opened, since it may
 * have no end.
 * @throws Error, of which `fileReason` says why in words
 */
export async function readRegular(path: string, most = mostModelBytes): Promise<Buffer> {
  const info = await stat(path);
  if (!info.isFile() && !info.isDirectory()) throw new Error('it is a pipe, a socket or a device, not a file');
  if (info.size > most) throw new Error(`it is larger than ${Math.round(most / 2 ** 20).toLocaleString('en')} MB`);
  return readFile(path);
}

function unwritable(path: string, error: unknown): CarafeError {
  const reason = fileReason(error);
  return new CarafeError(
    'UNWRITABLE',
    `${path} cannot be written: ${reason}`,
    'Choose another place, or free some space and allow writing there.',
    { cause: error },
  );
}

/**
 * Makes a folder, and those above it, where they are missing. Not by `mkdir` with `recursive`, which never returns where
 * the system refuses a folder as if the one above were missing (Node 20, under /proc).
 */
export function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = dirname(folder);
  if (!existsSync(above)) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** Makes the folder where it is missing, and tries to write there, before hours of work are spent. */
export async function ensureFolder(folder: string): Promise<void> {
  const probe = join(folder, `.carafe-${randomBytes(6).toString('hex')}`);
  try {
    makeFolder(folder);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** Adds bytes to the end of a file. */
export async function appendTo(path: string, content: Uint8Array): Promise<void> {
  try {
    await appendFile(path, content);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Writes a file whole or not at all: to a temporary name in the same folder, then renamed. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(dirname(path), `.carafe-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/** Whether two paths lead to one file that is there, by whatever names. */
export function isSameFile(one: string, other: string): boolean {
  try {
    const a = statSync(one, { bigint: true });
    const b = statSync(other, { bigint: true });
    return a.ino === b.ino && a.dev === b.dev;
  } catch {
    return false;
  }
}

/**
 * Makes sure that what is to be written is named as what it is, so that a slip of the hand writes over no photo, list or network.
 * @param option the option that names it
 * @throws CarafeError USAGE
 */
export function requireEnding(option: string, path: string, ending: string): void {
  if (path.toLowerCase().endsWith(ending)) return;
  throw new CarafeError(
    'USAGE',
    `\`${option}\`: ${path} does not end in ${ending}, as what is written there does.`,
    `Give a name that ends in ${ending}.`,
  );
}

/** Bytes that a folder, which need not be there yet, has room for. */
export async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const above = dirname(folder);
    if (above === folder) throw error;
    return freeBytes(above);
  }
}
