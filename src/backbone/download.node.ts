/** A file, resumed after cuts, checked, placed whole. */

import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { makeFolder } from '../runtime/files.node.ts';
import { type Connection, sleep } from './http.node.ts';

export interface Wanted {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What helps where it may not be read. */
  readonly permission?: string;
  readonly size?: number;
  /** As the source states it: SHA-256 of the content, or git's SHA-1 of a blob. */
  readonly checksum?: { readonly algorithm: 'sha256' | 'git'; readonly value: string };
}

export interface DownloadOptions extends Connection {
  /** Bytes so far, and of how many where that is known. */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
}

/**
 * Downloads a file whole or not at all. What a cut connection or a killed process left is gone on with; the file gets
 * its name only when size and checksum are right.
 * @throws CarafeError NOT_FOUND, UNAVAILABLE or UNWRITABLE
 */
export async function download(wanted: Wanted, path: string, options: DownloadOptions): Promise<void> {
  makeFolder(dirname(path));
  const part = await claimPart(path, wanted);
  try {
    const first = await fill(wanted, part, options);
    if (first !== wanted.checksum?.value) {
      // A resumed part may have been of another file: try once from the start.
      await rm(part, { force: true });
      const second = await fill(wanted, part, options);
      if (second !== wanted.checksum?.value) {
        await rm(part, { force: true });
        throw damaged(wanted, second);
      }
    }
    await rename(part, path);
  } finally {
    inUse.delete(part);
    if (!wanted.checksum) await rm(part, { force: true });
  }
}

function damaged({ url, checksum }: Wanted, given: string | undefined): CarafeError {
  return new CarafeError(
    'UNAVAILABLE',
    `${url} arrived with the checksum ${given}, but its source states ${checksum?.value}.`,
    'The file was damaged or changed on the way. Try again later, or from another internet connection.',
  );
}

/** Parts that this process is writing. */
const inUse = new Set<string>();

/** What an earlier, dead process left of the same file becomes this process's part, by renaming: only one can win. */
async function claimPart(path: string, { checksum }: Wanted): Promise<string> {
  const folder = dirname(path);
  const stem = `.${basename(path)}.${checksum?.value.slice(0, 16) ?? 'part'}.`;
  const own = join(folder, `${stem}${process.pid}-${randomBytes(3).toString('hex')}`);
  inUse.add(own);
  // Without a checksum nothing tells whether the rest still belongs to the beginning.
  if (!checksum) return own;
  for (const name of await readdir(folder)) {
    const owner = name.startsWith(stem) ? Number(/^(\d+)-/.exec(name.slice(stem.length))?.[1]) : Number.NaN;
    const isOthers = owner === process.pid ? inUse.has(join(folder, name)) : isAlive(owner);
    if (Number.isNaN(owner) || isOthers) continue;
    const isClaimed = await rename(join(folder, name), own).then(
      () => true,
      () => false,
    );
    if (isClaimed) break;
  }
  return own;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Fetches until the part is whole; gives its checksum where one is asked for. */
async function fill(wanted: Wanted, part: string, options: DownloadOptions): Promise<string | undefined> {
  const file = await open(part, 'a+').catch((error: unknown) => {
    throw unwritable(part, error);
  });
  try {
    const state = await resume(file, part, wanted);
    for (let attempt = 1; ; attempt++) {
      const before = state.done;
      const failure = await stream(wanted, file, state, options);
      if (failure === undefined) break;
      // As long as bytes come, it is worth going on.
      if (state.done > before) attempt = 1;
      if (attempt >= options.patience.tries)
        throw new CarafeError(
          'UNAVAILABLE',
          `The connection to ${new URL(wanted.url).host} was repeatedly cut: ${failure}`,
          `Run the command again: it resumes where it stopped. ${options.hint}`,
        );
      await sleep(options.patience.firstWait * 2 ** (attempt - 1), options.signal);
    }
    await file.sync();
    return state.hash?.digest('hex');
  } finally {
    await file.close();
  }
}

interface State {
  done: number;
  hash: Hash | undefined;
}

async function resume(file: FileHandle, part: string, wanted: Wanted): Promise<State> {
  const { size } = await file.stat();
  const state: State = { done: 0, hash: newHash(wanted) };
  if (size > (wanted.size ?? Number.POSITIVE_INFINITY)) await file.truncate();
  else if (size > 0) {
    for await (const chunk of createReadStream(part)) state.hash?.update(chunk);
    state.done = size;
  }
  return state;
}

function newHash({ checksum, size }: Wanted): Hash | undefined {
  if (!checksum) return undefined;
  return checksum.algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size ?? 0}\0`);
}

/** One request from where the part ends. Gives the reason where the connection was cut, undefined where it is done. */
async function stream(
  wanted: Wanted,
  file: FileHandle,
  state: State,
  { fetch, patience, hint, onProgress }: DownloadOptions,
): Promise<string | undefined> {
  if (wanted.size !== undefined && state.done === wanted.size) return undefined;
  // Compressed on the way, ranges would count other bytes.
  const headers: Record<string, string> = { 'accept-encoding': 'identity', ...wanted.headers };
  if (state.done > 0) headers.range = `bytes=${state.done}-`;
  const response = await fetch(wanted.url, { headers });
  if (!response.ok && response.status !== 416) throw refused(wanted, response.status, hint);
  const isContinued = response.status === 206 && startOf(response) === state.done;
  if (state.done > 0 && !isContinued) {
    await file.truncate();
    Object.assign(state, { done: 0, hash: newHash(wanted) });
    if (response.status !== 200) {
      await response.body?.cancel();
      return 'the server cannot resume where it stopped';
    }
  }
  const total = wanted.size ?? totalOf(response, state.done);
  const reader = response.body?.getReader();
  if (!reader) return 'the answer is empty';
  try {
    for (;;) {
      const chunk = await soon(reader.read(), patience.silence);
      if (chunk.done) break;
      if (total !== undefined && state.done + chunk.value.length > total) return 'more bytes arrived than announced';
      await file.write(chunk.value).catch((error: unknown) => {
        throw unwritable(wanted.url, error);
      });
      state.hash?.update(chunk.value);
      state.done += chunk.value.length;
      onProgress?.(state.done, total);
    }
  } catch (error) {
    if (error instanceof CarafeError) throw error;
    return error instanceof Error ? error.message : String(error);
  } finally {
    await reader.cancel().catch(() => {});
  }
  return total === undefined || state.done === total ? undefined : `it ended after ${state.done} of ${total} bytes`;
}

async function soon<T>(promise: Promise<T>, silence: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing arrived for ${silence / 1000} s`)), silence);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Where a partial answer begins: `bytes 100-199/200`. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1]);
}

function totalOf(response: Response, done: number): number | undefined {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  return Number.isFinite(length) ? done + length : undefined;
}

function refused({ url, permission }: Wanted, status: number, hint: string): CarafeError {
  if (status === 404) return new CarafeError('NOT_FOUND', `There is nothing at ${url}.`, 'Check the address.');
  if (status === 401 || status === 403)
    return new CarafeError(
      'UNAVAILABLE',
      `${url} cannot be read without permission (${status}).`,
      `${permission ? `${permission}, or download` : 'Download'} the file yourself and give its path.`,
    );
  return new CarafeError(
    'UNAVAILABLE',
    `${new URL(url).host} answers with status ${status}.`,
    `Try again later. ${hint}`,
  );
}

function unwritable(path: string, error: unknown): CarafeError {
  const reason = error instanceof Error ? error.message : String(error);
  return new CarafeError(
    'UNWRITABLE',
    `The download cannot be written (${path}): ${reason}`,
    'Free some space, or choose another cache folder with CARAFE_CACHE.',
    { cause: error },
  );
}
