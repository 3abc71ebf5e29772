/** The versions of a classifier, as `watch` writes them into its journal and `versions --json` prints them. */

import * as z from 'zod';

const figure = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** A line of the journal. */
export const versionRow = z.object({
  /** Versions are counted from 1. */
  version: z.number().int().positive(),
  at: z.iso.datetime(),
  /** `trained`, or `chosen`: somebody went back to it, or forward. */
  event: z.enum(['trained', 'chosen']),
  /** Whether it answers from then on. */
  isTaken: z.boolean(),
  /** Why, in a sentence. */
  reason: z.string(),
  /** Of its classifier.onnx. */
  sha256: z.string(),
  photos: z.number().int(),
  classes: z.number().int(),
  /** Accuracy with its 95% interval; with several labels the exact match ratio; absent with one class. */
  accuracy: figure.optional(),
  /** With one class: share of normal photos that are called abnormal. */
  falsePositiveRate: figure.optional(),
  /** With one class, where there are abnormal photos: share of them that is called abnormal. */
  caught: figure.optional(),
  /** Answers for photos that neither had seen, against the version before; absent where there is nothing to compare. */
  compared: z.object({ changed: z.number().int(), better: z.number().int(), worse: z.number().int() }).optional(),
});
export type VersionRow = z.infer<typeof versionRow>;

/** What `carafe versions --json` prints. */
export const versionsResult = z.object({
  version: z.string(),
  command: z.literal('versions'),
  versions: z.array(
    versionRow.extend({
      /** Whether its files are still there. */
      isKept: z.boolean(),
      /** Whether it is the one that answers. */
      isCurrent: z.boolean(),
    }),
  ),
});
export type VersionsResult = z.infer<typeof versionsResult>;
