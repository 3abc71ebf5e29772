/** What `export --json` prints. */

import * as z from 'zod';
import { failedImage } from './images.ts';

export const exportFormat = z.enum(['file', 'fixed', 'opencv', 'folder', 'page']);
export type ExportFormat = z.infer<typeof exportFormat>;
/** How weights may be stored in fewer bytes. */
export const compactType = z.enum(['float16', 'int8']);
export type CompactType = z.infer<typeof compactType>;

/** How far the answers of an export are from those of the classifier, over some photos. */
const difference = z.object({
  photos: z.number().int(),
  /** Of how many photos the answer is the same. */
  same: z.number().int(),
  /** The largest difference of a probability; of one class, of the score as a share of the threshold. */
  largest: z.number(),
});
export type Difference = z.infer<typeof difference>;

/** What `carafe export --json` prints. */
export const exportResult = z.object({
  version: z.string(),
  command: z.literal('export'),
  classifier: z.string(),
  format: exportFormat,
  /** null where the weights are as they were. */
  weights: compactType.nullable(),
  /** The file or folder that was written. */
  out: z.string(),
  bytes: z.number().int(),
  /** Size of the classifier's own file. */
  classifierBytes: z.number().int(),
  /** Files that were written; of those marked there was one before. */
  files: z.array(z.object({ path: z.string(), bytes: z.number().int(), overwritten: z.boolean() })),
  /** On the photos that the self-test draws. An export that does not pass the self-test is not written. */
  selfTest: difference,
  /** On the photos that were given; null without. */
  photos: difference.nullable(),
  failed: z.array(failedImage),
  /** What is missing, and why. */
  notes: z.array(z.string()),
});
export type ExportResult = z.infer<typeof exportResult>;
