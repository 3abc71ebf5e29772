/** What `train --dry-run --json` prints. */

import * as z from 'zod';
import { imageGroups, leftOutFiles } from './trainResult.ts';

const number = z.number().int();

/** What `carafe train --dry-run --json` prints: what a run would learn from. */
export const dryRunResult = z.object({
  version: z.string(),
  command: z.literal('train'),
  dryRun: z.literal(true),
  task: z.enum(['single-label', 'multi-label', 'one-class']),
  images: z.object({
    source: z.string(),
    found: number,
    /** The folder inside `source` that holds the classes, where it is not `source` itself. */
    inside: z.string().optional(),
    leftOut: leftOutFiles,
    groups: imageGroups.optional(),
  }),
  classes: z.array(z.object({ label: z.string(), count: number })),
  /** The class that is normal, with --one-class. */
  normal: z.string().optional(),
  /** Photos of each side that the set names, and of none; null where it brings no split. */
  split: z.object({ train: number, val: number, test: number, none: number }).nullable(),
  /** The same in one sentence. */
  understood: z.string(),
  /** What looks wrong, a sentence each. */
  notes: z.array(z.string()),
});
export type DryRunResult = z.infer<typeof dryRunResult>;
