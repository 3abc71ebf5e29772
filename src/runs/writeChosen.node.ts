/** Writes photos that were chosen as a list, or as a folder of copies. */

import { constants } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { csvTable } from '../results/csv.ts';
import type { NextResult } from '../results/nextResult.ts';
import { ensureFolder, fileReason, isMissing, writeWhole } from '../runtime/files.node.ts';

const isList = (out: string) => extname(out).toLowerCase() === '.csv';

/**
 * Makes sure, before photos are looked at, that the folder can take copies: they are not put among other files.
 * @throws CarafeError USAGE where the folder holds something
 */
export async function requireRoom(out: string): Promise<void> {
  if (isList(out)) return;
  const there = await readdir(out).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw new CarafeError('UNREADABLE', `'${out}' cannot be used: ${fileReason(error)}`, 'Name another folder.');
  });
  if (there.length === 0) return;
  throw new CarafeError(
    'USAGE',
    `The folder '${out}' is not empty.`,
    'Name a new folder for the copies as `out`, or a list (.csv).',
  );
}

/**
 * A list has a row a photo: its file, an empty label to be filled in, and what speaks for it. A folder has copies, numbered
 * in their order; originals stay where they are.
 */
export async function writeChosen(out: string, photos: NextResult['photos'], files: readonly string[]): Promise<void> {
  if (isList(out)) {
    const rows = photos.map(({ standsFor, classes = [] }, i) => [
      files[i],
      '',
      String(standsFor),
      ...[0, 1].map((place) => classes[place]?.label ?? ''),
    ]);
    return writeWhole(out, csvTable([['path', 'label', 'stands_for', 'looks_like', 'or'], ...rows]));
  }
  await ensureFolder(out);
  const digits = String(files.length).length;
  for (const [i, file] of files.entries())
    await copyFile(
      file,
      join(out, `${String(i + 1).padStart(digits, '0')}-${basename(file)}`),
      constants.COPYFILE_FICLONE,
    );
}
