/** Moves of files, with a journal from which they can be undone. */

import { existsSync } from 'node:fs';
import { copyFile, link, lstat, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import * as z from 'zod';
import { CarafeError } from '../errors.ts';
import type { UndoResult } from '../results/doctorResult.ts';
import {
  appendTo,
  fileReason,
  isMissing,
  makeFolder,
  mostTextBytes,
  readRegular,
  writeWhole,
} from '../runtime/files.node.ts';
import { version } from '../version.ts';

const heading = z.object({ format: z.literal('carafe moves') });
const moved = z.object({ from: z.string().min(1), to: z.string().min(1) });
/** A file, or a folder that was made for files. */
const entry = z.union([moved, z.object({ made: z.string().min(1) })]);

/**
 * Moves files one by one. Each move stands in the journal before it is made, so that whatever happens can be undone; no file is
 * overwritten: where a name is taken, a number is added.
 * @returns the journal's path
 * @throws CarafeError UNWRITABLE, with the journal of what was moved by then
 */
export async function moveFiles(
  moves: readonly { readonly from: string; readonly to: string }[],
  folder: string,
): Promise<string> {
  const journal = await freeName(resolve(folder, 'moves.jsonl'));
  await writeWhole(journal, `${JSON.stringify({ format: 'carafe moves' })}\n`);
  const append = (line: z.infer<typeof entry>) => appendTo(journal, Buffer.from(`${JSON.stringify(line)}\n`));
  for (const { from, to } of moves) {
    const target = await freeName(resolve(to));
    try {
      for (const made of missingFolders(dirname(target))) await append({ made });
      makeFolder(dirname(target));
      await append({ from: resolve(from), to: target });
      await moveFile(resolve(from), target);
    } catch (error) {
      throw new CarafeError(
        'UNWRITABLE',
        `${from} cannot be moved to ${target}: ${fileReason(error)}`,
        `What was moved before can be moved back with \`undo: '${journal}'\`.`,
        { cause: error },
      );
    }
  }
  return journal;
}

/** Folders that are not there, the outermost first. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) ? [] : [...missingFolders(dirname(folder)), folder];
}

/**
 * Moves back what a journal says was moved, the last first. What is back already is passed over; what has gone, or whose place
 * is taken, is told. Folders that were made for the moves go, where nothing else lies in them.
 * @throws CarafeError NOT_FOUND, BAD_REVIEW
 */
export async function undoMoves(journal: string): Promise<UndoResult> {
  const failed: { path: string; reason: string }[] = [];
  let restored = 0;
  for (const line of (await readJournal(journal)).toReversed()) {
    if ('made' in line) {
      await rmdir(line.made).catch(() => undefined);
      continue;
    }
    const { from, to } = line;
    try {
      const [isBack, isThere] = [await exists(from), await exists(to)];
      if (isBack && !isThere) continue;
      if (isBack) failed.push({ path: from, reason: 'another file has taken its place' });
      else if (!isThere) failed.push({ path: from, reason: `it is no longer at ${to}` });
      else {
        makeFolder(dirname(from));
        await moveFile(to, from);
        restored++;
      }
    } catch (error) {
      failed.push({ path: from, reason: fileReason(error) });
    }
  }
  return { version, command: 'doctor', journal, restored, failed };
}

async function readJournal(journal: string): Promise<z.infer<typeof entry>[]> {
  let text: string;
  try {
    text = (await readRegular(journal, mostTextBytes)).toString();
  } catch (error) {
    throw new CarafeError(
      isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE',
      `\`undo: '${journal}'\` cannot be read: ${fileReason(error)}`,
      'Name the journal that `move` wrote: moves.jsonl in the folder of the results.',
      { cause: error },
    );
  }
  const lines = text.split('\n');
  // A last line without its end was never followed by its move.
  if (lines.pop() !== '' && lines.length === 0) throw bad(journal, 1);
  const [first, ...rest] = lines.map(parsed);
  if (!heading.safeParse(first).success) throw bad(journal, 1);
  return rest.map((line, place) => {
    const found = entry.safeParse(line);
    if (!found.success) throw bad(journal, place + 2);
    return found.data;
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function bad(journal: string, line: number): CarafeError {
  return new CarafeError(
    'BAD_REVIEW',
    `\`undo: '${journal}'\`, line ${line}: this is no journal of moved files.`,
    'Name the journal that `move` wrote: moves.jsonl in the folder of the results.',
  );
}

/** Without overwriting what is there, and from one disk to another too. */
async function moveFile(from: string, to: string): Promise<void> {
  try {
    // A link fails where the name is taken, which a rename does not.
    await link(from, to);
    await unlink(from);
  } catch (error) {
    if (await exists(to)) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EXDEV') return rename(from, to);
    await copyFile(from, to);
    await rm(from);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** `photo.jpg`, else `photo-2.jpg`, `photo-3.jpg`, and so on. */
async function freeName(path: string): Promise<string> {
  const ending = extname(path);
  const stem = path.slice(0, path.length - ending.length);
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${stem}-${number}${ending}`;
    if (!(await exists(name))) return name;
  }
}
