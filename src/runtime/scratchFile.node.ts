/** A file for what is more than the memory should hold: nobody else sees it, and it is gone with the process. */

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CarafeError } from '../errors.ts';
import { fileReason, makeFolder } from './files.node.ts';

/** The system reads no more at once. */
const mostBytes = 2 ** 30;

const abandoned = new FinalizationRegistry<number>(closeSync);

/** Bytes that are written and read anywhere. Its space is free again when nothing holds it any more. */
export class ScratchFile {
  readonly #descriptor: number;
  readonly #folder: string;

  /**
   * @param bytes that it will hold
   * @param what it is for, in a message
   * @throws CarafeError UNWRITABLE where the disk has no room for it
   */
  constructor(folder: string, bytes: number, what: string) {
    this.#folder = folder;
    try {
      makeFolder(folder);
      const path = join(folder, `.carafe-${randomBytes(6).toString('hex')}`);
      this.#descriptor = openSync(path, 'wx+', 0o600);
      abandoned.register(this, this.#descriptor);
      // Without a name it goes when the last who has it open ends, be it by `kill -9`.
      rmSync(path);
    } catch (error) {
      throw this.#unwritable(error);
    }
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < bytes)
      throw new CarafeError(
        'UNWRITABLE',
        `${what} take ${gigabytes(bytes)} of disk while they are used, and ${folder} has ${gigabytes(bavail * bsize)} left.`,
        'Free some disk space, or set the variable CARAFE_CACHE to a folder with more room.',
      );
  }

  read(at: number, target: Uint8Array): void {
    for (let done = 0; done < target.length; ) {
      const wanted = Math.min(mostBytes, target.length - done);
      const count = readSync(this.#descriptor, target, done, wanted, at + done);
      // What was never written reads as zeros.
      if (count === 0) return void target.fill(0, done);
      done += count;
    }
  }

  /** @throws CarafeError UNWRITABLE */
  write(at: number, bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) {
        const wanted = Math.min(mostBytes, bytes.length - done);
        done += writeSync(this.#descriptor, bytes, done, wanted, at + done);
      }
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  #unwritable(error: unknown): CarafeError {
    return new CarafeError(
      'UNWRITABLE',
      `Features cannot be kept in ${this.#folder} while they are used: ${fileReason(error)}`,
      'Free some disk space, or set the variable CARAFE_CACHE to a folder with more room.',
      { cause: error },
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
