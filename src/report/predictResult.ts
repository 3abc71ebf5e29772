import * as z from 'zod';
import { evaluation } from '../evaluation/evaluation.ts';
import { failedImage } from './trainResult.ts';

/** What `carafe predict --json` prints: one entry a photo, in the order in which the photos were found. */
export const predictResult = z.object({
  version: z.string(),
  command: z.literal('predict'),
  classifier: z.string(),
  predictions: z.array(
    z.union([
      failedImage,
      z.object({
        path: z.string(),
        label: z.string(),
        probability: z.number(),
        /** The likeliest classes, as many as were asked for. */
        classes: z.array(z.object({ label: z.string(), probability: z.number() })),
      }),
    ]),
  ),
});

/** What `carafe evaluate --json` prints. */
export const evaluateResult = z.object({
  version: z.string(),
  command: z.literal('evaluate'),
  classifier: z.string(),
  images: z.object({ found: z.number().int(), failed: z.array(failedImage) }),
  evaluation,
});

/** What `carafe verify --json` prints: deviations from the run that made the file, and what is tolerated. */
export const verifyResult = z.object({
  version: z.string(),
  command: z.literal('verify'),
  classifier: z.string(),
  passed: z.boolean(),
  images: z.array(
    z.object({ height: z.number().int(), width: z.number().int(), features: z.number(), probabilities: z.number() }),
  ),
  tolerance: z.object({ features: z.number(), probabilities: z.number() }),
});

export type PredictResult = z.infer<typeof predictResult>;
export type EvaluateResult = z.infer<typeof evaluateResult>;
export type VerifyResult = z.infer<typeof verifyResult>;
