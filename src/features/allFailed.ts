/** The error where no photo can be used. */

import { CarafeError } from '../errors.ts';
import { inRow, message } from '../message.ts';
import type { Extraction } from './extraction.ts';
import type { PhotoFailure } from './workerPool.ts';

const examples = 3;

/** The error that no photo can be used, by reason. @param file of the first photo */
export function allFailed(failed: Extraction['failed'], file: string): CarafeError {
  const byReason = new Map<string, { readonly failure: PhotoFailure; readonly paths: string[] }>();
  for (const { path, code, reason } of failed) {
    const known = byReason.get(reason) ?? { failure: { code, reason }, paths: [] };
    known.paths.push(path);
    byReason.set(reason, known);
  }
  const reasons = [...byReason.values()].map(({ failure, paths }) => {
    const more = paths.length - examples;
    const shown = paths.slice(0, examples).join(', ');
    return more > 0 ? message`${failure} (${shown} and ${more} more)` : message`${failure} (${shown})`;
  });
  return new CarafeError(
    'ALL_IMAGES_FAILED',
    failed.length === 1
      ? message`The only photo cannot be used: ${inRow(reasons, '; ')}`
      : message`None of the ${failed.length} photos can be used: ${inRow(reasons, '; ')}`,
    failed.every(({ code }) => code === 'NOT_FOUND')
      ? message`Check the paths: those in a list are relative to the list's own folder. The first photo was expected at ${file}.`
      : 'Check that the folder or list contains photos that open in an image viewer.',
  );
}
