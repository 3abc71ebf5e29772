/** The figures of a one-class classifier, as a schema. */

import * as z from 'zod/mini';
import { interval } from './evaluation.ts';

/** Target and guaranteed false-positive rate of a threshold, for normal photos like those that set it. */
export const rejection = z.object({
  value: z.number(),
  falsePositiveRate: z.object({ target: z.number(), guaranteed: z.number() }),
});

/** Figures of a one-class classifier, on photos that neither its head nor its threshold had seen. */
export const oneClassFigures = z.object({
  /** Share of the normal photos that is called abnormal. */
  falsePositiveRate: interval,
  /** Where abnormal photos were given. */
  detection: z.nullable(
    z.object({
      auroc: interval,
      averagePrecision: interval,
      f1: interval,
      /** Share of the abnormal photos that is called normal. */
      falseNegativeRate: interval,
      perKind: z.array(z.object({ label: z.string(), count: z.int(), auroc: interval, falseNegativeRate: interval })),
    }),
  ),
  /** In words: how it was measured. */
  method: z.string(),
});
/** What shares of false alarms catch: a row for each threshold, the highest threshold first. */
export const alarms = z.array(
  z.object({
    /** Target false-positive rate, and the rate that so many photos can guarantee. */
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
