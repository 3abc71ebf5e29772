/** What `next --json` prints. */

import * as z from 'zod';
import { seenImages } from './images.ts';

/** What `carafe next --json` prints: the photos to label first, the one that stands for most first. */
export const nextResult = z.object({
  version: z.string(),
  command: z.literal('next'),
  /** Unlabelled photos, and how many of them are separate: near-duplicates count once, and those of labelled photos not at all. */
  images: seenImages.extend({ separate: z.number().int() }),
  backbone: z.object({ name: z.string(), hash: z.string() }),
  /** Photos that have labels already. */
  labelled: z.object({ source: z.string(), photos: z.number().int(), classes: z.number().int() }).nullable(),
  classifier: z.string().nullable(),
  /** `typical`: there is no classifier, so photos stand for others like them; `unsure`: where a classifier is least sure. */
  by: z.enum(['typical', 'unsure']),
  photos: z.array(
    z.object({
      path: z.string(),
      /** How many separate photos it stands for. */
      standsFor: z.number().int(),
      /** The classes that it may be of, the likeliest first, two at most; absent without a classifier. */
      classes: z.array(z.object({ label: z.string(), probability: z.number() })).optional(),
    }),
  ),
  /** The list, or the folder of copies. */
  written: z.string(),
  seconds: z.number(),
});
export type NextResult = z.infer<typeof nextResult>;
