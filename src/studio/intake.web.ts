/** Files that were dropped, chosen or pasted: folders walked, zips unpacked, what is no photo left out. */

import { Unzip, UnzipInflate } from 'fflate/browser';
import { isImageName } from '../sets/imageNames.ts';
import { say } from './texts.ts';

/** A file with the folders above it, as it was dropped. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a zip may unpack to, and how many files it may hold. */
const most = { bytes: 4e9, files: 100_000 };
/** No photo is larger. */
const mostOfOne = 512e6;
/** Bytes of a zip that are unpacked at once. */
const pushed = 16_384;
/** Nor is one a photo that has grown so many times beyond all of the zip that was read, once it is large. */
const growth = { times: 100, from: 64e6 };
/** A zip ends with its table of contents, after which there may be a remark of 64 kB. */
const mostEnd = 65_557;

export interface Intake {
  readonly files: readonly File[];
  /** Paths of the files, with the folders that were dropped. */
  readonly paths: ReadonlyMap<File, string>;
}

/** All files of what was dropped or pasted, those in folders too. */
export async function filesOf(data: DataTransfer): Promise<Intake> {
  const paths = new Map<File, string>();
  // Entries are gone after the event: all are taken before the first is waited for.
  const entries = [...data.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry ? [entry] : [];
  });
  if (entries.length === 0) for (const file of data.files) paths.set(file, file.name);
  for (const entry of entries) await walk(entry, '', paths);
  return { files: [...paths.keys()], paths };
}

async function walk(entry: FileSystemEntry, above: string, paths: Map<File, string>): Promise<void> {
  if (entry.name.startsWith('.')) return;
  const path = above ? `${above}/${entry.name}` : entry.name;
  if (isFile(entry))
    return void paths.set(await new Promise<File>((resolve, reject) => entry.file(resolve, reject)), path);
  if (!isFolder(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some) await walk(inner, path, paths);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** What an <input> gave. */
export function chosen(files: FileList): Intake {
  const paths = new Map([...files].map((file) => [file, file.webkitRelativePath || file.name]));
  return { files: [...paths.keys()], paths };
}

/**
 * Photos one after the other, zips unpacked. `skip` is told of what is none.
 * @throws Error with the reason for a zip that cannot be read
 */
export async function* photosOf({ files, paths }: Intake, skip: (name: string) => void): AsyncGenerator<FoundFile> {
  for (const file of files) {
    const path = paths.get(file) ?? file.name;
    if (/\.zip$/i.test(file.name)) yield* unzipped(file, skip);
    else if (isImageName(file.name) || file.type.startsWith('image/'))
      yield { path, bytes: new Uint8Array(await file.arrayBuffer()) };
    else if (!isList(file.name)) skip(path);
  }
}

const isList = (name: string) => /\.(csv|tsv|jsonl|ndjson)$/i.test(name);

/** Lists of labels among files, and in their zips. */
export async function listsIn({ files, paths }: Intake): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const file of files)
    if (isList(file.name))
      found.push({ path: paths.get(file) ?? file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    else if (/\.zip$/i.test(file.name))
      // What is wrong with a zip is said when its photos are read.
      try {
        for await (const list of unzipped(file, () => {}, isList)) found.push(list);
      } catch {}
  return found;
}

async function* unzipped(
  file: File,
  skip: (name: string) => void,
  isWanted: (name: string) => boolean = isImageName,
): AsyncGenerator<FoundFile> {
  const done: FoundFile[] = [];
  let total = 0;
  let read = 0;
  let count = 0;
  let failed: Error | undefined;
  const end = new Uint8Array(await file.slice(-mostEnd).arrayBuffer());
  if (!end.some((byte, at) => byte === 80 && end[at + 1] === 75 && end[at + 2] === 5 && end[at + 3] === 6))
    throw new Error(say('zipCut'));
  const unzip = new Unzip((entry) => {
    const name = entry.name.split('/').at(-1) ?? '';
    if (name === '') return;
    if (isList(name) && isWanted === isImageName) return;
    if (!isWanted(name) || name.startsWith('.') || entry.name.startsWith('__MACOSX')) return skip(entry.name);
    if (++count > most.files) failed = new Error(say('zipBomb', { size: '100,000' }));
    const chunks: Uint8Array[] = [];
    let size = 0;
    entry.ondata = (error, chunk, final) => {
      if (error) failed ??= error;
      size += chunk?.length ?? 0;
      total += chunk?.length ?? 0;
      const hasGrown = size > growth.from && size > growth.times * read;
      if (hasGrown || size > mostOfOne || total > most.bytes) {
        const limit = hasGrown ? '64 MB' : size > mostOfOne ? '512 MB' : '4 GB';
        failed ??= new Error(say('zipBomb', { size: limit }));
        return entry.terminate();
      }
      chunks.push(chunk);
      if (final) done.push({ path: entry.name, bytes: joined(chunks, size) });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const reader = file.stream().getReader();
  let any = false;
  for (;;) {
    const { value, done: isEnd } = await reader.read();
    // What is pushed is unpacked in one go.
    const { length } = value ?? [];
    for (let at = 0; at < length || (isEnd && at === 0); at += pushed) {
      read = Math.min(read + pushed, file.size);
      try {
        unzip.push(value?.subarray(at, at + pushed) ?? new Uint8Array(0), isEnd);
      } catch (error) {
        failed ??= error instanceof Error ? error : new Error(String(error));
      }
      if (failed) throw failed;
      for (const found of done.splice(0)) {
        any = true;
        yield found;
      }
    }
    if (isEnd) break;
  }
  if (!any) skip(file.name);
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
