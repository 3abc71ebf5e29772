/** Heads and bottlenecks that were compared, as schemas. */

import * as z from 'zod';
import { interval } from '../metrics/evaluation.ts';

/** Heads that were compared for the file, and which was taken. */
export const leaderboard = z.object({
  chosen: z.string(),
  /** Seconds that were allowed; null: as many as it takes. */
  budget: z.number().nullable(),
  /** In the order of simplicity. */
  heads: z.array(
    z.object({
      name: z.string(),
      /** By cross-validation inside the training part, at the temperature that suits it best. */
      logLoss: z.number(),
      /** On the same photos. */
      accuracy: interval,
      /** Accuracy less that of the best, on the same folds. */
      difference: interval,
      /** By the log-loss: the lowest, one that is hardly higher (half a standard error), or higher. */
      verdict: z.enum(['best', 'tie', 'worse']),
      seconds: z.number(),
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** What the training parts that measure took, each inside itself, and how many of them. */
  inParts: z.array(z.object({ name: z.string(), parts: z.number().int() })),
});
export type Leaderboard = z.infer<typeof leaderboard>;
/** What one part compared. */
export type HeadChoice = Omit<Leaderboard, 'inParts'>;

/** Bottlenecks that were compared for the file, and which was taken. */
export const bottleneckWidths = z.object({
  /** Null: none, since each loses too much. */
  chosen: z.number().int().nullable(),
  /** What it may lose on average. */
  margin: z.number(),
  /** The narrowest first; the last has all features. */
  widths: z.array(
    z.object({
      width: z.number().int(),
      /** By cross-validation inside the training part. */
      accuracy: interval,
      /** Accuracy less that with all features, on the same folds. */
      difference: interval,
    }),
  ),
  /** What the training parts that measure took, each inside itself, and how many of them. */
  inParts: z.array(z.object({ width: z.number().int().nullable(), parts: z.number().int() })),
});
export type BottleneckWidths = z.infer<typeof bottleneckWidths>;
/** What one part compared. */
export type WidthChoice = Omit<BottleneckWidths, 'inParts'>;
