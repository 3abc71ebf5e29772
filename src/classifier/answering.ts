/** Errors of a classifier's own network, reported as a damaged file. */

import { CarafeError } from '../errors.ts';
import { message } from '../message.ts';

/**
 * Whatever goes wrong while a classifier's own network is run or taken apart is a fault of its file, however the runtime
 * puts it.
 * @throws CarafeError BAD_MODEL
 */
export async function answering<T>(source: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CarafeError && error.code !== 'INTERNAL') throw error;
    const reason =
      error instanceof CarafeError ? error.said.what : error instanceof Error ? error.message : String(error);
    throw new CarafeError('BAD_MODEL', message`${source} cannot be used: ${reason}`, damagedHint, { cause: error });
  }
}

export const damagedHint = 'The file was damaged or changed after it was made. Copy it again, or train it again.';
