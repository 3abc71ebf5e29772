/** What `edit --json` prints. */

import * as z from 'zod';
import { failedImage } from './images.ts';

/** What `carafe edit --json` prints. */
export const editResult = z.object({
  version: z.string(),
  command: z.literal('edit'),
  /** The file that was written. */
  classifier: z.string(),
  labels: z.array(z.string()),
  /** Classes that were taken out, and a sentence on what becomes of photos of them; null where none was. */
  removed: z.object({ labels: z.array(z.string()), note: z.string() }).nullable(),
  added: z.array(
    z.object({
      label: z.string(),
      /** Whether there was no such class before. */
      isNew: z.boolean(),
      photos: z.number().int(),
      /** Photos that had been learned before, or were given twice: these are left out. */
      alreadyLearned: z.number().int(),
      /** Of photos like these at most this share is called unknown, on average; null where no photo is. */
      unknownAtMost: z.number().nullable(),
    }),
  ),
  failed: z.array(failedImage),
});
export type EditResult = z.infer<typeof editResult>;
