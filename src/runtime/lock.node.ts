/** One process at a time works in a folder. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CarafeError } from '../errors.ts';

/**
 * Takes the folder, and gives what lets it go. What a process left that was killed is taken over.
 * @param file the lock's name, which begins with a dot
 * @param does what the other process does, for the message: `watches into`
 * @throws CarafeError UNAVAILABLE
 */
export async function lockFolder(folder: string, file: string, does: string): Promise<() => Promise<void>> {
  const path = join(folder, file);
  const write = () => writeFile(path, String(process.pid), { flag: 'wx' });
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (isAlive(holder))
      throw new CarafeError(
        'UNAVAILABLE',
        `Another process (${holder}) ${does} ${folder}.`,
        'End it first, or name another folder.',
      );
    await rm(path, { force: true });
    await write();
  }
  return () => rm(path, { force: true });
}

/** Whether a process of this number runs; in a container it may be this one again. */
function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
