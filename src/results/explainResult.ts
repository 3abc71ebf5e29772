/** What `explain --json` prints and its page draws. */

import * as z from 'zod';

/** What `carafe explain --json` prints, and what its page draws. */
export const explainResult = z.object({
  version: z.string(),
  command: z.literal('explain'),
  photo: z.string(),
  classifier: z.string(),
  backbone: z.object({ name: z.string(), width: z.number().int() }),
  /** Whether `predict` takes the photo for one of the classes; absent where the classifier does not tell. */
  isKnown: z.boolean().optional(),
  /** The likeliest classes. */
  classes: z.array(
    z.object({
      label: z.string(),
      probability: z.number(),
      /**
       * The units that speak most for it. average: over the photos to compare with, null without such; effect: how much
       * lower the class's score would be with the average, without such with 0.
       */
      units: z.array(
        z.object({
          unit: z.number().int(),
          value: z.number(),
          average: z.number().nullable(),
          effect: z.number(),
          /** Where the features are those of several depths: the one that it belongs to. */
          depth: z.string().optional(),
        }),
      ),
      /** Where the features are those of several depths: how much lower its score would be with all units of one at their averages. */
      depths: z.array(z.object({ name: z.string(), effect: z.number() })).optional(),
      /** Class activation map over the part of the photo that the network sees, row by row; null where there is none. */
      map: z.object({ height: z.number().int(), width: z.number().int(), values: z.array(z.number()) }).nullable(),
    }),
  ),
  /** The photo's bottleneck values. */
  features: z.array(z.number()),
  /**
   * The most similar photos of the set that was named (`among`; null: those that the classifier learned from and that
   * the cache still finds), and how many these are besides the photo itself. label: where a set says it.
   */
  among: z.string().nullable(),
  /** Where those lie that the classifier learned from; null where others were named, or none is known. */
  folder: z.string().nullable(),
  compared: z.number().int(),
  neighbours: z.array(z.object({ path: z.string(), label: z.string().optional(), similarity: z.number() })),
});
export type ExplainResult = z.infer<typeof explainResult>;

/** Digits after the point that tell values of units apart: those of several depths are parts of a vector of length 1. */
export function unitDigits(units: readonly { readonly depth?: string | undefined }[]): number {
  return units.some(({ depth }) => depth !== undefined) ? 3 : 2;
}
