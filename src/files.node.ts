import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CarafeError } from './errors.ts';

function unwritable(path: string, error: unknown): CarafeError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CarafeError(
    'UNWRITABLE',
    `${path} cannot be written: ${reason}`,
    'Choose another place for it, or make room and allow writing there.',
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
