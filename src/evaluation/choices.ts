/** Comparisons of heads and of bottlenecks, as schemas. */

import * as z from 'zod';
import { interval } from '../metrics/evaluation.ts';

/** The heads compared for the file, and the chosen one. */
export const leaderboard = z.object({
  chosen: z.string(),
  /** Budget in seconds; null: unlimited. */
  budget: z.number().nullable(),
  /** In the order of simplicity. */
  heads: z.array(
    z.object({
      name: z.string(),
      /** Cross-validated inside the training part, after temperature scaling. */
      logLoss: z.number(),
      /** On the same photos. */
      accuracy: interval,
      /** Accuracy minus that of the best, on the same folds. */
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

/** The bottlenecks compared for the file, and the chosen one. */
export const bottleneckWidths = z.object({
  /** Null: none, since each loses too much. */
  chosen: z.number().int().nullable(),
  /** Accuracy that it may lose on average (non-inferiority margin). */
  margin: z.number(),
  /** The narrowest first; the last has all features. */
  widths: z.array(
    z.object({
      width: z.number().int(),
      /** By cross-validation inside the training part. */
      accuracy: interval,
      /** Accuracy minus that with all features, on the same folds. */
      difference: interval,
    }),
  ),
  /** What the training parts that measure took, each inside itself, and how many of them. */
  inParts: z.array(z.object({ width: z.number().int().nullable(), parts: z.number().int() })),
});
export type BottleneckWidths = z.infer<typeof bottleneckWidths>;
/** What one part compared. */
export type WidthChoice = Omit<BottleneckWidths, 'inParts'>;

/** How photos may be seen (`framing`) and read (`depths`). */
export const representationKinds = ['framing', 'depths'] as const;

/** The representations of the photos compared for the file, and the chosen one. */
export const representations = z.object({
  kind: z.enum(representationKinds),
  chosen: z.string(),
  /** Photos by which it was chosen, of the training part. */
  photos: z.number().int(),
  /** The usual one first. */
  candidates: z.array(
    z.object({
      name: z.string(),
      /** Cross-validated inside the training part, after calibration. */
      logLoss: z.number(),
      /** On the same photos; with several labels, the share of labels that are right. */
      accuracy: interval,
      /** Accuracy minus that of the usual one, on the same folds. */
      difference: interval,
    }),
  ),
  /** What the training parts that measure took, each inside itself, and how many of them. */
  inParts: z.array(z.object({ name: z.string(), parts: z.number().int() })),
});
export type Representations = z.infer<typeof representations>;
/** What one part compared. */
export type RepresentationChoice = Omit<Representations, 'inParts'>;

/** The frozen network with a head against the fine-tuned last stage, on the photos of one inner fold, which neither saw. */
export const finetuning = z.object({
  /** Whether the file's last stage is fine-tuned. */
  chosen: z.boolean(),
  /** Why it was not tried. */
  reason: z.string().optional(),
  /** The frozen head, and the depths that it chose to read. */
  frozen: z.object({ head: z.string(), depths: z.string().optional() }).optional(),
  /** Epochs after which the loss was lowest. */
  epochs: z.number().int().optional(),
  /** Photos that both were compared on. */
  photos: z.number().int().optional(),
  logLoss: z.object({ frozen: z.number(), finetuned: z.number() }).optional(),
  accuracy: z.object({ frozen: z.number(), finetuned: z.number() }).optional(),
  seconds: z.number().optional(),
  /** What the training parts that measure took, each inside itself, and how many of them. */
  inParts: z.array(z.object({ chosen: z.boolean(), parts: z.number().int() })),
});
export type Finetuning = z.infer<typeof finetuning>;

/** The frozen candidate in words. */
export function frozenName({ frozen }: Finetuning): string {
  if (!frozen) return 'frozen';
  return `frozen, ${frozen.head}${frozen.depths === 'all' ? ' on all depths' : ''}`;
}

/** What one part compared. */
export type FinetuneChoice = Omit<Finetuning, 'inParts'>;
