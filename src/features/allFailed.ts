/** What is said where no photo can be used. */

import { CarafeError } from '../errors.ts';
import type { Extraction } from './extraction.ts';

const examples = 3;

/** The error that no photo can be used, by reason. @param file of the first photo */
export function allFailed(failed: Extraction['failed'], file: string): CarafeError {
  const byReason = new Map<string, string[]>();
  for (const { path, reason } of failed) byReason.set(reason, [...(byReason.get(reason) ?? []), path]);
  const reasons = [...byReason].map(([reason, paths]) => {
    const more = paths.length - examples;
    const shown = paths.slice(0, examples).join(', ') + (more > 0 ? ` and ${more} more` : '');
    return `${reason} (${shown})`;
  });
  return new CarafeError(
    'ALL_IMAGES_FAILED',
    `${failed.length === 1 ? 'The only photo cannot' : `None of the ${failed.length} photos can`} be used: ${reasons.join('; ')}`,
    failed.every(({ code }) => code === 'NOT_FOUND')
      ? `Check the paths: those in a list are relative to the list's own folder. The first photo was expected at ${file}.`
      : 'Check that the folder or list contains photos that open in an image viewer.',
  );
}
