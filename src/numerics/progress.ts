/** How far nested parts of the work have come. */

import type { Progress } from '../runtime/platform.ts';

/**
 * Progress of part number `part` of so many. Its work goes over its data in an unknown number of passes, each of which
 * begins anew: every pass takes half of what is left, so that the whole never goes back.
 */
export function partOf(tell: Progress | undefined, part: number, parts: number): Progress | undefined {
  if (!tell) return undefined;
  let passes = 0;
  let last = 0;
  return (done, total) => {
    const share = total > 0 ? Math.min(1, done / total) : 1;
    if (share < last) passes++;
    last = share;
    tell(part + 1 - 0.5 ** passes * (1 - share / 2), parts);
  };
}
