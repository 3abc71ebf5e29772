/** The figures of a one-class classifier, as a schema. */

import * as z from 'zod';
import { interval } from './evaluation.ts';

/** A threshold for false rejects: of normal photos like those that set it, at most the guaranteed share lies above. */
export const rejection = z.object({
  value: z.number(),
  falsePositiveRate: z.object({ target: z.number(), guaranteed: z.number() }),
});

/** What a one-class classifier is worth, on photos that neither its head nor its threshold had seen. */
export const oneClassFigures = z.object({
  /** Share of the normal photos that is called abnormal. */
  falsePositiveRate: interval,
  /** Where abnormal photos were given. */
  detection: z
    .object({
      auroc: interval,
      averagePrecision: interval,
      f1: interval,
      /** Share of the abnormal photos that is called normal. */
      falseNegativeRate: interval,
      perKind: z.array(
        z.object({ label: z.string(), count: z.number().int(), auroc: interval, falseNegativeRate: interval }),
      ),
    })
    .nullable(),
  /** In words: how it was measured. */
  method: z.string(),
});
/** What shares of false alarms catch: a row for each threshold, the highest threshold first. */
export const alarms = z.array(
  z.object({
    /** Share of false alarms that was wanted, and what so many photos can promise. */
    target: z.number(),
    guaranteed: z.number(),
    /** A photo that scores above it is called abnormal. */
    threshold: z.number(),
    /** On photos that neither head nor threshold had seen. */
    falsePositiveRate: interval,
    caught: interval,
  }),
);
export type Alarms = z.infer<typeof alarms>;
export type OneClassFigures = z.infer<typeof oneClassFigures>;
