/** How long it takes to look at more pictures, in words. */

import type { Extraction } from '../features/extraction.ts';

/** @param seconds that the photos took, of which `computed` were looked at */
export function pictureTime(pictures: number, { computed }: Pick<Extraction, 'computed'>, seconds: number): string {
  return computed > 0
    ? `about ${Math.ceil((seconds / computed) * pictures)} s`
    : `which takes as long as ${pictures.toLocaleString('en-US')} new photos`;
}
