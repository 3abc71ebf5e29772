/** The photos of a run, as results count them. */

import * as z from 'zod';

/** A photo that could not be used. */
export const failedImage = z.object({ path: z.string(), code: z.string(), reason: z.string() });
export type FailedImage = z.infer<typeof failedImage>;

/** The photos that were looked at: how many there are, from the cache or computed, and those that could not be used. */
export const seenImages = z.object({
  /** The folder or the list file, as the user named it. */
  source: z.string(),
  found: z.number().int(),
  cached: z.number().int(),
  computed: z.number().int(),
  failed: z.array(failedImage),
});
