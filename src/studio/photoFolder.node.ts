/** A project in a folder on disk, which the command reads as it is. */

import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CarafeError } from '../errors.ts';
import { readPhoto } from '../images/decode.node.ts';
import { message, messageOf } from '../message.ts';
import { fileReason, isMissing, isSameFile, writeWhole } from '../runtime/files.node.ts';
import { labelListName, type OtherColumns } from '../sets/imageList.ts';
import { walk } from '../sets/walk.node.ts';
import { readLabelList, readOtherColumns, writeLabelList } from './labelList.ts';
import { type PhotoFolder, trash } from './photoFolder.ts';

/** What the studio keeps beside the photos. The command passes over names that begin with a dot. */
const notesFile = '.carafe-studio.json';
/** Folders that are parts of a split, not classes. */
const parts = new Set(['train', 'training', 'val', 'valid', 'validation', 'test', 'testing']);

/**
 * The folder of a project, made where it is not there.
 * @throws CarafeError USAGE for a set that has its own split, UNWRITABLE
 */
export async function photoFolder(folder: string): Promise<PhotoFolder> {
  const root = resolve(folder);
  if (statSync(root, { throwIfNoEntry: false })?.isFile())
    throw new CarafeError(
      'USAGE',
      message`${folder} is a file, and the studio works on a folder.`,
      message`Give the folder of the photos. A list of labels is read where it is called ${labelListName} and lies in that folder; drop a zip on the page.`,
    );
  await made(root);
  const file = (path: string) => join(root, path);
  const names = (await readdir(root, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
  );
  let others: OtherColumns | undefined;
  const isListed = existsSync(join(root, labelListName));
  if (!isListed && names.length > 1 && names.every(({ name }) => parts.has(name.toLowerCase())))
    throw new CarafeError(
      'USAGE',
      message`${folder} has its own split (${names.map(({ name }) => name).join(', ')}), which the studio would take for classes.`,
      message`Open one part of it: carafe studio ${join(folder, names.at(-1)?.name ?? '')}`,
    );

  return {
    place: folder,
    async list() {
      const { images, folders } = await walk(root);
      const photos = [...images];
      const times = new Map(
        await Promise.all(
          photos.map(async (path): Promise<[string, number]> => [path, (await stat(file(path))).mtimeMs]),
        ),
      );
      const age = (path: string) => times.get(path) ?? 0;
      return { photos: photos.sort((a, b) => age(a) - age(b)), classes: folders.filter((path) => !path.includes('/')) };
    },
    read: (path) => readPhoto(file(path)),
    has: async (path) => existsSync(file(path)),
    async write(files) {
      const written: string[] = [];
      try {
        for (const [path, bytes] of files) {
          await mkdir(dirname(file(path)), { recursive: true });
          await writeWhole(file(path), bytes);
          written.push(path);
        }
      } catch (error) {
        await Promise.all(written.map((path) => rm(file(path), { force: true })));
        throw error;
      }
    },
    async move(moves) {
      const done: (typeof moves)[number][] = [];
      try {
        for (const move of moves) {
          const [from, to] = [file(move.from), file(move.to)];
          if (existsSync(to) && !isSameFile(from, to)) throw taken(move.to);
          await mkdir(dirname(to), { recursive: true });
          try {
            await rename(from, to);
            done.push(move);
          } catch (error) {
            // What somebody else has taken away cannot move, and need not.
            if (!isMissing(error) || existsSync(from) || !existsSync(root)) throw error;
          }
        }
      } catch (error) {
        for (const { from, to } of done.reverse()) await rename(file(to), file(from)).catch(() => {});
        throw error instanceof CarafeError ? error : unwritable(root, error);
      }
    },
    async remove(paths) {
      for (const path of paths) await rm(file(path), { force: true });
      for (const inner of new Set(paths.map((path) => dirname(path)))) await rmdir(file(inner)).catch(() => {});
    },
    async setClasses(classes) {
      for (const name of classes) await made(file(name));
      const kept = new Set(classes);
      const entries = await readdir(root, { withFileTypes: true });
      // One that still holds something is not Carafe's to delete.
      for (const { name } of entries.filter(
        (entry) => entry.isDirectory() && !entry.name.startsWith('.') && !kept.has(entry.name),
      ))
        await rmdir(file(name)).catch(() => {});
    },
    async readLabels() {
      const bytes = await readFile(file(labelListName)).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw new CarafeError(
          'UNREADABLE',
          message`${file(labelListName)}: ${messageOf(fileReason(error))}.`,
          'Check that you may read it.',
        );
      });
      if (!bytes) return undefined;
      others = readOtherColumns(bytes, labelListName);
      return new Map(readLabelList(bytes, labelListName).map(({ path, labels }) => [path, labels]));
    },
    labelList: (labels) => writeLabelList(labels, others),
    async writeLabels(labels) {
      if (labels) await writeWhole(file(labelListName), writeLabelList(labels, others));
      else await rm(file(labelListName), { force: true });
    },
    async readNotes() {
      try {
        return JSON.parse(await readFile(file(notesFile), 'utf8'));
      } catch {
        // Missing or torn: the photos themselves say what the classes are.
        return undefined;
      }
    },
    writeNotes: (notes) => writeWhole(file(notesFile), JSON.stringify(notes)),
    async close() {
      await rmdir(file(trash)).catch(() => {});
    },
  };
}

async function made(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** Somebody else has laid a file there, which is not to be lost. */
function taken(path: string): CarafeError {
  return new CarafeError(
    'UNWRITABLE',
    message`Another file lies at ${path} by now.`,
    'Move it away or rename it, then do this again.',
  );
}

function unwritable(path: string, error: unknown): CarafeError {
  const hint = isMissing(error)
    ? 'Another program may have moved it: start the studio again.'
    : 'Check that you may write there, and that there is room.';
  return new CarafeError('UNWRITABLE', message`${path} cannot be changed: ${messageOf(fileReason(error))}.`, hint, {
    cause: error,
  });
}
