/** What `train --one-class --json` prints and the report draws. */

import * as z from 'zod';
import { alarms, oneClassFigures, rejection } from '../metrics/oneClass.ts';
import { evaluatedImages } from './predictResult.ts';
import { trainResult } from './trainResult.ts';

const { version, backbone, head, seconds, files, again, images, verdict, shortcuts } = trainResult.shape;

/** What `carafe train --one-class --json` prints, and what its report draws. */
export const oneClassResult = z.object({
  version,
  command: z.literal('train'),
  task: z.literal('one-class'),
  images,
  /** Normal photos, to learn from, and abnormal ones, by which it was judged only. */
  normal: z.object({ label: z.string(), count: z.number().int(), groups: z.number().int() }),
  abnormal: z.array(z.object({ label: z.string(), count: z.number().int() })),
  backbone,
  head,
  /** What scores above it is abnormal. */
  threshold: z.object({
    ...rejection.shape,
    /** The line as it would be without the suspects' scores, where it stands on one of them; null elsewhere. */
    withoutSuspects: z.object({ value: z.number(), guaranteed: z.number() }).nullable(),
  }),
  /** Heads that scored photos which they had not seen; 0: all normal photos are one group, and scored themselves. */
  folds: z.number().int(),
  /** Where the set brings its own part to test on: photos learned from and judged on, and of the former how many have nearly their equal in the latter. */
  split: z
    .object({ train: z.number().int(), test: z.number().int(), leaks: z.number().int(), reason: z.string() })
    .optional(),
  seed: z.number().int(),
  evaluation: oneClassFigures,
  verdict,
  /** What other shares of false alarms catch; empty without abnormal photos. */
  alarms,
  /** Where size, format, JPEG quality, camera or tone alone tell the abnormal photos from the normal ones. */
  shortcuts: shortcuts.optional(),
  /** Photos among the normal ones that stand apart, the most suspect first. */
  suspects: z.array(z.object({ path: z.string(), score: z.number() })),
  /** Every judged photo with the line of its fold, which was set without it; the farthest above its line first. */
  photos: z.array(
    z.object({
      path: z.string(),
      label: z.string(),
      score: z.number(),
      line: z.number(),
      isNormal: z.boolean(),
    }),
  ),
  seconds,
  files,
  again,
});
export type OneClassResult = z.infer<typeof oneClassResult>;

/** What `carafe evaluate --json` prints of a one-class classifier. */
export const oneClassEvaluateResult = z.object({
  version: z.string(),
  command: z.literal('evaluate'),
  classifier: z.string(),
  images: evaluatedImages,
  evaluation: oneClassFigures,
  verdict,
});
export type OneClassEvaluateResult = z.infer<typeof oneClassEvaluateResult>;
