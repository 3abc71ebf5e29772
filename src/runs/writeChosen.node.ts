/** Writes photos that were chosen as a list, or as a folder of copies. */

import { constants, existsSync } from 'node:fs';
import { copyFile, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import { csvTable } from '../results/csv.ts';
import type { NextResult } from '../results/nextResult.ts';
import { ensureFolder, fileReason, isMissing, mostTextBytes, readRegular, writeWhole } from '../runtime/files.node.ts';

const isList = (out: string) => extname(out).toLowerCase() === '.csv';
const columns = ['path', 'label', 'stands_for', 'looks_like', 'or'];

/**
 * Makes sure, before photos are looked at, that nothing is lost: copies are not put among other files, and no list is written
 * over but one of this kind in which no label was filled in.
 * @throws CarafeError USAGE
 */
export async function requireRoom(out: string): Promise<void> {
  if (isList(out)) {
    if (!existsSync(out) || (await isUntouched(out))) return;
    throw new CarafeError(
      'USAGE',
      `'${out}' is there already, and may hold labels.`,
      'Name another list as `out`. A list with labels helps to choose when it is given as `labelled`.',
    );
  }
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
    return writeWhole(out, csvTable([columns, ...rows]));
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

/** A list that `writeChosen` wrote and nobody has worked on. */
async function isUntouched(out: string): Promise<boolean> {
  try {
    const text = (await readRegular(out, mostTextBytes)).toString();
    const [head, ...rows] = z.array(z.array(z.string())).parse(parse(text, { bom: true }));
    return head?.join() === columns.join() && rows.every(([, label]) => label === '');
  } catch {
    return false;
  }
}
