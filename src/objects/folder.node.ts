/** Objects as files of a folder. */

import { open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { CarafeError } from '../errors.ts';
import { ensureFolder, fileReason, isMissing, writeWhole } from '../runtime/files.node.ts';
import { isInside, type ObjectInfo, type ObjectPlace } from './objects.ts';

/** The files of a folder, which need not exist yet. */
export function folderPlace(folder: string): ObjectPlace {
  const pathOf = (name: string): string => {
    if (!isInside(name)) throw new CarafeError('INTERNAL', `'${name}' leaves ${folder}.`, 'Please report this.');
    return join(folder, name);
  };
  const unreadable = (path: string, error: unknown) =>
    new CarafeError(
      isMissing(error) ? 'NOT_FOUND' : 'UNREADABLE',
      `${path} cannot be read: ${fileReason(error)}`,
      'Check the path and its permissions.',
      { cause: error },
    );

  async function info(name: string): Promise<ObjectInfo | undefined> {
    const path = pathOf(name);
    try {
      const { size, mtimeMs, ino } = await stat(path);
      return { name, bytes: size, stamp: `${size} ${mtimeMs} ${ino}` };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(path, error);
    }
  }

  async function read(name: string, start = 0, end?: number): Promise<Uint8Array> {
    const path = pathOf(name);
    try {
      const file = await open(path);
      try {
        const last = Math.min(end ?? Number.POSITIVE_INFINITY, (await file.stat()).size);
        const bytes = new Uint8Array(Math.max(0, last - start));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  return {
    address: folder,
    info,
    read,
    readUpTo: async (name, most) => (((await info(name))?.bytes ?? 0) > most ? undefined : read(name)),
    async *list(prefix = '') {
      let entries: string[];
      try {
        const found = await readdir(folder, { recursive: true, withFileTypes: true });
        entries = found
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/'));
      } catch (error) {
        if (isMissing(error)) return;
        throw unreadable(folder, error);
      }
      for (const name of entries.sort(byBytes)) {
        // What another process is writing has a hidden name until it is whole.
        if (!name.startsWith(prefix) || name.split('/').some((part) => part.startsWith('.'))) continue;
        const found = await info(name);
        if (found) yield found;
      }
    },
    async write(name, bytes) {
      const path = pathOf(name);
      await ensureFolder(dirname(path));
      await writeWhole(path, bytes);
    },
    async remove(name) {
      const path = pathOf(name);
      try {
        await rm(path, { force: true });
      } catch (error) {
        throw new CarafeError(
          'UNWRITABLE',
          `${path} cannot be deleted: ${fileReason(error)}`,
          'Check its permissions.',
          {
            cause: error,
          },
        );
      }
    },
  };
}

/** The order of UTF-8 bytes: that of a bucket's listing. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
