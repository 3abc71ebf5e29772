/** The figures of several labels, as a schema. */

import * as z from 'zod/mini';
import { evaluation, interval } from './evaluation.ts';

const likely = z.object({ label: z.string(), probability: z.number() });

/** Figures of a classifier that gives each photo several labels or none, on photos kept out of its training. */
export const labelEvaluation = z.object({
  /** Mean over the labels of their average precision: how well photos with a label rank above those without. */
  meanAveragePrecision: interval,
  /** The same of answers without looking: the labels' mean share of the photos. */
  baseline: z.number(),
  /** F1 of all answers together, and the mean over the labels of their F1. */
  microF1: interval,
  macroF1: interval,
  /** Share of the photos of which every label is right. */
  exactMatch: interval,
  /** Mean over photos and labels. */
  logLoss: z.number(),
  /** Expected calibration error over photos and labels, before and after calibration, and what chance alone would give. */
  ece: evaluation.shape.ece,
  perLabel: z.array(
    z.object({
      label: z.string(),
      /** Photos with it. */
      support: z.int(),
      /** From this probability on the file gives the label. */
      threshold: z.number(),
      /** null where no judged photo has the label. */
      averagePrecision: z.nullable(interval),
      f1: z.nullable(interval),
      /** null where it was never given, or no judged photo has it. */
      precision: z.nullable(z.number()),
      recall: z.nullable(z.number()),
    }),
  ),
  reliability: evaluation.shape.reliability,
  /** Photos with a wrong label, the surest first. */
  mistakes: z.array(
    z.object({
      path: z.string(),
      /** Labels that it has and was not given. */
      missed: z.array(likely),
      /** Labels that it was given and does not have. */
      extra: z.array(likely),
    }),
  ),
  photos: z.array(z.object({ path: z.string(), labels: z.array(z.string()), predicted: z.array(likely) })),
  /** How the intervals came about. */
  method: z.string(),
});
export type LabelEvaluation = z.infer<typeof labelEvaluation>;
