/** The single-label figures, as a schema. */

import * as z from 'zod/mini';

/** A figure with its 95% interval, as fractions of 1. */
export const interval = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** A mean with the lowest and highest value (not an interval). */
export const range = z.object({ value: z.number(), lowest: z.number(), highest: z.number() });

const share = z.object({ label: z.string(), probability: z.number() });

const reliabilityBin = z.object({
  /** Mean confidence and accuracy of the photos in this bin. */
  confidence: z.number(),
  accuracy: z.number(),
  count: z.int(),
});

/** A held-out photo and its prediction. */
export const judgedPhoto = z.object({
  path: z.string(),
  label: z.string(),
  predicted: z.string(),
  /** Of the predicted class. */
  probability: z.number(),
  /** The likeliest classes, at most five, and the true one. */
  classes: z.array(share),
});

/** How prediction sets did on judged photos. */
const setFigures = z.object({
  /** Share of photos whose set was to hold the right class, and the same as far as so few photos can guarantee it. */
  coverage: z.number(),
  guaranteed: z.number(),
  /** Share of photos whose set did; a group of near-duplicates counts as one photo. */
  covered: interval,
  /** Mean number of classes in a set. */
  size: z.number(),
  /** How many photos had a set of each size; each photo counts once. */
  sizes: z.array(z.object({ size: z.int(), photos: z.int() })),
  /** The share of each class: sets keep their promise over all photos, not class by class. Null without judged photos. */
  perClass: z.array(z.object({ label: z.string(), covered: z.nullable(z.number()) })),
});

/** Figures of a classifier on photos it had not seen. */
export const evaluation = z.object({
  accuracy: interval,
  /** Baseline: always answering the most frequent class, on the same photos. */
  baseline: z.object({ label: z.string(), accuracy: z.number() }),
  logLoss: z.number(),
  /**
   * Expected calibration error, 15 bins of equal mass, before and after temperature scaling, and what chance alone would
   * make of perfect probabilities on as many photos (not in older files).
   */
  ece: z.object({ before: z.number(), after: z.number(), chance: z.optional(z.number()) }),
  temperature: z.number(),
  /** What calibration added to each class's score besides; absent where nothing. With folds its mean. */
  bias: z.optional(z.array(z.number())),
  /** null where nothing can be said: of a class without judged photos, or the precision of one that was never the answer. */
  perClass: z.array(
    z.object({
      label: z.string(),
      precision: z.nullable(z.number()),
      recall: z.nullable(z.number()),
      f1: z.nullable(z.number()),
      support: z.int(),
    }),
  ),
  /** Each photo counts once; with repeated folds by its answer of the first repeat. */
  confusion: z.object({
    labels: z.array(z.string()),
    /** The cells that are not empty, row by row; `truth` and `predicted` are places in `labels`. */
    cells: z.array(z.object({ truth: z.int(), predicted: z.int(), count: z.int() })),
    /** The same as counts[truth][predicted]; absent where there are more than 100 classes. */
    counts: z.optional(z.array(z.array(z.int()))),
  }),
  reliability: z.object({ before: z.array(reliabilityBin), after: z.array(reliabilityBin) }),
  /** Wrong answers, the surest first. */
  mistakes: z.array(judgedPhoto),
  /** Every judged photo, in the order of the image set (of the first repeat, with folds). */
  photos: z.array(judgedPhoto),
  /** Sets of classes; absent where the classifier gives none. */
  sets: z.optional(setFigures),
  /** In words: how the interval was made and from what. */
  method: z.string(),
});

export type Interval = z.infer<typeof interval>;
export type Range = z.infer<typeof range>;
export type JudgedPhoto = z.infer<typeof judgedPhoto>;
export type SetFigures = z.infer<typeof setFigures>;
export type Evaluation = z.infer<typeof evaluation>;
