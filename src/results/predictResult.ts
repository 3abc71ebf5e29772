/** What `predict`, `evaluate` and `verify` print with `--json`. */

import * as z from 'zod';
import { verdict } from '../doctor/verdict.ts';
import { remarks } from '../images/remarks.ts';
import { evaluation, interval } from '../metrics/evaluation.ts';
import { labelEvaluation } from '../metrics/labelEvaluation.ts';
import { failedImage } from './images.ts';

/** The answer for a photo, from a classifier of classes or labels. */
export const photoPrediction = z.object({
  path: z.string(),
  /** `unknown` where the photo is not known, `none` where it has no label: then without a probability. */
  label: z.string(),
  probability: z.number().nullable(),
  /** The likeliest classes, as many as were asked for, also of a photo that is not known. */
  classes: z.array(z.object({ label: z.string(), probability: z.number() })),
  /** Where a photo may have several labels, or none: those that it has, the likeliest first. */
  labels: z.array(z.object({ label: z.string(), probability: z.number() })).optional(),
  /** Where a photo has one class: those that it may be of, the likeliest first (`--coverage`); not from older files. */
  set: z.array(z.string()).optional(),
  /** How far from everything that was learned, and whether that is near enough; not from older files. */
  unknownScore: z.number().optional(),
  isKnown: z.boolean().optional(),
  /** What is odd about the photo: an animation of which the first frame is used (`frames`), and so on. */
  remarks: z.array(z.enum(remarks)).optional(),
});

/** The answer for a photo, from a one-class classifier. */
export const photoDetection = z.object({
  path: z.string(),
  label: z.enum(['normal', 'abnormal']),
  /** The higher, the less normal. */
  score: z.number(),
  isNormal: z.boolean(),
  /** The photo with its heatmap, where that was asked for. */
  heatmap: z.string().optional(),
  remarks: z.array(z.enum(remarks)).optional(),
});

/** The photos that the classifier learned from which are most like one, the most similar first (`--why`). */
const evidence = z
  .array(
    z.object({
      path: z.string(),
      /** Cosine of both photos' features, seen from the average photo: 1 is identical, 0 unrelated. */
      similarity: z.number(),
    }),
  )
  .optional();

/** Where the photos lie that the classifier learned from, and how many of them were found (`--why`). */
const learned = z.object({ folder: z.string(), photos: z.number().int() }).optional();

/** What `carafe predict --json` prints: one entry a photo, in the order in which the photos were found. */
export const predictResult = z.object({
  version: z.string(),
  command: z.literal('predict'),
  classifier: z.string(),
  predictions: z.array(z.union([failedImage, photoPrediction.extend({ evidence })])),
  learned,
});

/** What `carafe predict --json` prints with a one-class classifier. */
export const detectResult = z.object({
  version: z.string(),
  command: z.literal('predict'),
  classifier: z.string(),
  predictions: z.array(z.union([failedImage, photoDetection.extend({ evidence })])),
  learned,
});

export const evaluatedImages = z.object({
  found: z.number().int(),
  failed: z.array(failedImage),
  /** Photos that the classifier had learned from: figures on them flatter it. Older files do not know theirs. */
  learned: z.number().int(),
  /** What is odd about photos that were used, a sentence each. */
  notes: z.array(z.string()),
});

/** What `carafe evaluate --json` prints. */
export const evaluateResult = z.object({
  version: z.string(),
  command: z.literal('evaluate'),
  classifier: z.string(),
  images: evaluatedImages,
  /** The second where photos may have several labels. */
  evaluation: z.union([evaluation, labelEvaluation]),
  verdict,
  /** Share of these photos that it calls unknown; not by older files. */
  calledUnknown: z.optional(interval),
});

/** Of each output that the file has. */
const deviations = z.object({
  features: z.number(),
  probabilities: z.number().optional(),
  unknownScore: z.number().optional(),
  score: z.number().optional(),
  heatmap: z.number().optional(),
});

/** What `carafe verify --json` prints: deviations from the run that made the file, and what is tolerated. */
export const verifyResult = z.object({
  version: z.string(),
  command: z.literal('verify'),
  classifier: z.string(),
  passed: z.boolean(),
  images: z.array(z.object({ height: z.number().int(), width: z.number().int(), ...deviations.shape })),
  tolerance: deviations,
});

export type DetectResult = z.infer<typeof detectResult>;
export type PredictResult = z.infer<typeof predictResult>;
export type EvaluateResult = z.infer<typeof evaluateResult>;
export type VerifyResult = z.infer<typeof verifyResult>;
