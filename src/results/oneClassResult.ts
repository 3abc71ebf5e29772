/** What `train --one-class --json` prints and the report draws. */

import * as z from 'zod';
import { interval } from '../metrics/evaluation.ts';
import { alarms, oneClassFigures, rejection } from '../metrics/oneClass.ts';
import { evaluatedImages } from './predictResult.ts';
import { changesResult, trainResult } from './trainResult.ts';

const { version, backbone, head, seconds, files, again, images, verdict, shortcuts } = trainResult.shape;

const { previous, known, notCompared, compared } = changesResult.shape;
const { photos, p, verdict: better, flipped } = compared.unwrap().shape;

/** What changed since an earlier one-class classifier. */
export const oneClassChanges = z.object({
  ...{ previous, known, notCompared },
  /** The head that was trained again in its place. */
  head: z.string(),
  /** On photos kept out: each head under its own threshold. Absent where there is nothing to compare. */
  compared: z
    .object({
      photos,
      /** Each figure of the earlier head, trained again, and of the new one; the last two where there are abnormal photos. */
      figures: z.array(
        z.object({
          metric: z.enum(['false-positive rate', 'abnormal photos caught', 'AUROC']),
          before: z.number(),
          after: z.number(),
          difference: interval,
          /** Multiplied by the number of figures (Bonferroni): three looks find no more by chance than one. */
          p,
          verdict: better,
        }),
      ),
      /** Worse where one figure is; better where one is and none is worse. */
      verdict: better,
      /** `normal` or `abnormal`, before and after; the label is the set's own. */
      flipped,
    })
    .optional(),
});
export type OneClassChanges = z.infer<typeof oneClassChanges>;

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
  /** Where an earlier classifier was compared with. */
  changes: oneClassChanges.optional(),
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
