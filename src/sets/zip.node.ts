/** An image set in a zip, such as a project of the studio. */

import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
// Its entry for Node wants `createRequire`, of which a program that is bundled into one file has one already.
import { Unzip, UnzipInflate } from 'fflate/browser';
import { CarafeError } from '../errors.ts';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import { labelListName } from './imageList.ts';
import { isImageName } from './imageNames.ts';

/** What a zip may unpack to. */
const most = { files: 100_000, bytes: 16e9, ofOne: 512e6 };

/**
 * The folder that a zip's photos, and the list of their labels, were unpacked into: one of its content's own, in the cache. It is not one that
 * other users of the computer can lay, nor from which the system takes files after some days.
 * @throws CarafeError UNREADABLE for what is damaged, or unpacks to more than it may
 */
export async function unpackZip(file: string): Promise<string> {
  const folder = join(cacheFolder(), 'zips', (await digestOf(file)).slice(0, 32));
  if (existsSync(folder)) return folder;
  const begun = `${folder}.${process.pid}`;
  try {
    await requireWhole(file);
    // Other users of the computer have no business with the photos.
    await mkdir(begun, { recursive: true, mode: 0o700 });
    await unpack(file, begun);
    await rename(begun, folder);
    return folder;
  } catch (error) {
    if (existsSync(folder)) return folder;
    throw new CarafeError(
      'UNREADABLE',
      `'${file}' cannot be unpacked: ${error instanceof Error ? error.message : String(error)}.`,
      'Save or download it again, or unpack it by hand and give the folder.',
      { cause: error },
    );
  } finally {
    await rm(begun, { recursive: true, force: true });
  }
}

/** A zip ends with its table of contents, after which there may be a remark of 64 kB. */
const mostEnd = 65_557;
const endMark = Buffer.from('PK\u0005\u0006');

/** @throws Error for a file that was cut short: what is there of it would be taken for all */
async function requireWhole(file: string): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const end = Buffer.alloc(Math.min(size, mostEnd));
    await handle.read(end, 0, end.length, size - end.length);
    if (!end.includes(endMark)) throw new Error('it is no zip, or cut short');
  } finally {
    await handle.close();
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function unpack(file: string, folder: string): Promise<void> {
  let total = 0;
  let count = 0;
  let failed: Error | undefined;
  const done: { path: string; bytes: Uint8Array }[] = [];
  const unzip = new Unzip((entry) => {
    if (!isSafe(entry.name) || !(isImageName(entry.name) || entry.name === labelListName)) return;
    if (++count > most.files) failed = new Error(`it holds more than ${most.files.toLocaleString('en')} files`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    entry.ondata = (error, chunk, isLast) => {
      if (error) failed ??= error;
      if (failed) return;
      size += chunk.length;
      total += chunk.length;
      if (size > most.ofOne || total > most.bytes) {
        failed = new Error('it unpacks to more than photos do');
        return entry.terminate();
      }
      chunks.push(chunk);
      if (isLast) done.push({ path: entry.name, bytes: Buffer.concat(chunks) });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const write = async () => {
    if (failed) throw failed;
    for (const { path, bytes } of done.splice(0)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) {
    unzip.push(new Uint8Array(chunk), false);
    await write();
  }
  unzip.push(new Uint8Array(0), true);
  await write();
}

/** Whether a path stays inside the folder, and is the user's own. */
function isSafe(path: string): boolean {
  return (
    !/[\\:\0]/.test(path) &&
    path.split('/').every((part) => part !== '' && !part.startsWith('.') && part !== '__MACOSX')
  );
}
