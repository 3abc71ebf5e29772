/** The table of contents of a tar, by its headers alone: what lies between them is passed over. */

import { Buffer } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';

/** A file in a tar. */
export interface TarEntry {
  readonly name: string;
  readonly from: number;
  readonly bytes: number;
}

export interface TarContents {
  readonly entries: readonly TarEntry[];
  /** Why the rest cannot be read, where the tar is cut short or damaged. */
  readonly broken?: string;
}

const blockBytes = 512;
/** Headers are read with what follows them: photos are often smaller. */
const chunkBytes = 2 ** 16;
/** A long name, or a list of properties, of more than this is none. */
const mostPropertyBytes = 2 ** 16;

/**
 * POSIX ustar and pax, and GNU's long names. Links, folders and devices are passed over: they hold no photo.
 * @throws Error where the file cannot be opened or read
 */
export async function readTar(path: string): Promise<TarContents> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    return await contents(file, size);
  } finally {
    await file.close();
  }
}

async function contents(file: FileHandle, size: number): Promise<TarContents> {
  const entries: TarEntry[] = [];
  const read = reader(file);
  let name: string | undefined;
  let longer: number | undefined;
  for (let at = 0; at + blockBytes <= size; ) {
    const header = await read(at, blockBytes);
    if (header.every((byte) => byte === 0)) return { entries };
    const kind = String.fromCharCode(header[156] || 0x30);
    const bytes = longer ?? numberAt(header, 124, 12);
    if (at === 0 && isGzip(header))
      return { entries, broken: 'it is compressed by gzip: unpack it once to a plain .tar' };
    if (!isHeader(header) || bytes === undefined) return { entries, broken: 'it is damaged, or no tar' };
    const from = at + blockBytes;
    if (from + bytes > size) return { entries, broken: 'it is cut short' };
    at = from + Math.ceil(bytes / blockBytes) * blockBytes;
    if (kind === 'x' || kind === 'L') {
      if (bytes > mostPropertyBytes) return { entries, broken: 'it is damaged: a name is too long' };
      const value = await read(from, bytes);
      if (kind === 'L') name = textOf(value);
      else {
        const properties = paxOf(value);
        name = properties.get('path') ?? name;
        longer = properties.has('size') ? Number(properties.get('size')) : undefined;
        // Below zero, the way would lead back, and never end.
        if (longer !== undefined && !(Number.isSafeInteger(longer) && longer >= 0))
          return { entries, broken: 'it is damaged' };
      }
      continue;
    }
    if (kind === '0' || kind === '7') entries.push({ name: name ?? nameOf(header), from, bytes });
    name = undefined;
    longer = undefined;
  }
  // Some writers leave out the two blocks of zeros at the end; a tar that is cut between two files lacks them too.
  const isWhole = size % blockBytes === 0 && size > 0;
  return { entries, broken: isWhole ? 'its end mark is missing, so it may be cut short' : 'it is cut short' };
}

/** Reads from a piece of the file that is in memory, if it is there. */
function reader(file: FileHandle): (at: number, bytes: number) => Promise<Buffer> {
  let start = 0;
  let piece: Buffer = Buffer.alloc(0);
  return async (at, bytes) => {
    if (at < start || at + bytes > start + piece.length) {
      const buffer = Buffer.alloc(Math.max(chunkBytes, bytes));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      start = at;
      piece = buffer.subarray(0, bytesRead);
      if (bytesRead < bytes) throw new Error('it ends while it is read');
    }
    return piece.subarray(at - start, at - start + bytes);
  };
}

function isGzip(start: Buffer): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

/** The sum of all bytes, those of the sum itself as blanks. */
function isHeader(header: Buffer): boolean {
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return numberAt(header, 148, 8) === sum;
}

/** Octal digits; of large files, GNU writes the number itself. */
function numberAt(header: Buffer, at: number, length: number): number | undefined {
  if (header[at] & 0x80) {
    const value = header.readBigUInt64BE(at + length - 8);
    return header[at] === 0x80 && value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
  }
  const digits = textOf(header.subarray(at, at + length)).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined;
}

function nameOf(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textOf(header.subarray(345, 500)) : '';
  const name = textOf(header.subarray(0, 100));
  return prefix ? `${prefix}/${name}` : name;
}

/** Up to the first zero. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/** Lines such as `20 path=some name`, each with its own length. */
function paxOf(bytes: Buffer): Map<string, string> {
  const properties = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 12), 10);
    if (!(length > 0)) break;
    const [, key, value] = /^\d+ ([^=]+)=([\s\S]*)\n$/.exec(bytes.toString('utf8', at, at + length)) ?? [];
    if (key !== undefined) properties.set(key, value ?? '');
    at += length;
  }
  return properties;
}
