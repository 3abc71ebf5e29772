/** What `study --json` prints and its page draws. */

import * as z from 'zod';
import { interval } from '../metrics/evaluation.ts';
import { seenImages } from './images.ts';
import { trainResult } from './trainResult.ts';

const answer = z.object({
  /**
   * enough: `width` will do; none: none of those measured will. So few photos cannot tell, chance: since all units are not
   * measurably better than naming the most frequent class every time; few: since a collapse could pass for a tie.
   */
  verdict: z.enum(['enough', 'none', 'chance', 'few']),
  /** The smallest width that loses no more than the margin and is not measurably worse than all units; null unless enough. */
  width: z.number().int().nullable(),
  accuracy: z.number().nullable(),
  /** Accuracy with all units. */
  full: z.number(),
  margin: z.number(),
  /**
   * `width` held against all units; where that is all units, or null, the widest below them that was measured. The
   * difference is paired, its interval no narrower than so few photos allow.
   */
  compared: z.object({ width: z.number().int(), accuracy: z.number(), difference: interval }),
  /** The largest width at which accuracy is more than ten points lower; null: none is. */
  collapsed: z.object({ width: z.number().int(), accuracy: z.number() }).nullable(),
});

export const studyPoint = z.object({
  kind: z.enum(['all', 'depths', 'pca', 'random', 'linear', 'relu', 'conv']),
  width: z.number().int(),
  precision: z.enum(['float32', 'float16', 'int8', 'binary']),
  /** Rounds of folds that judged it; all kinds share the folds of the first rounds. */
  rounds: z.number().int(),
  accuracy: interval,
  logLoss: interval,
  /** Accuracy less that of all units, on the same folds of as many rounds. */
  difference: interval,
  verdict: z.enum(['better', 'worse', 'tie']),
  /** Of bottleneck and last layer, without the backbone. */
  parameters: z.number().int(),
  macs: z.number().int(),
  /** Of one photo's stored features. */
  bytes: z.number().int(),
  /** Median milliseconds for one photo; null where it was not timed. */
  latency: z.number().nullable(),
});

/** What `carafe study --json` prints, and what its page draws. */
export const studyResult = z.object({
  version: z.string(),
  command: z.literal('study'),
  images: seenImages,
  classes: trainResult.shape.classes,
  backbone: z.object({ name: z.string(), width: z.number().int() }),
  /** Folds of a round, rounds of the kind that was judged most often, and why; null where nothing could be judged. */
  folds: z.object({ folds: z.number().int(), repeats: z.number().int(), reason: z.string() }).nullable(),
  seed: z.number().int(),
  /** The study's answer in one sentence. */
  sentence: z.string(),
  /** How narrow it may be, for each kind of bottleneck; principal components are what `train --bottleneck` uses. */
  answers: z.array(answer.extend({ kind: z.string() })),
  points: z.array(studyPoint),
  portrait: z.object({
    participationRatio: z.number(),
    explained: z.array(z.object({ components: z.number().int(), share: z.number() })),
    silent: z.number().int(),
    /** Null where photos are so few that units which have nothing in common would correlate, too. */
    redundant: z.number().int().nullable(),
    medianCorrelation: z.number().nullable(),
    /** Absent with one class. */
    leaning: z
      .object({ units: z.array(z.object({ unit: z.number().int(), share: z.number() })), half: z.number().int() })
      .optional(),
  }),
  /** How well each class is told from the others with all units: area under the ROC curve. */
  separability: z.array(z.object({ label: z.string(), auroc: z.number() })),
  /** The photos along the first two principal components. */
  plane: z.array(z.object({ path: z.string(), label: z.string(), x: z.number(), y: z.number() })),
  /** What could not be measured, and why. */
  notes: z.array(z.string()),
  seconds: z.object({ total: z.number(), extraction: z.number(), study: z.number() }),
  files: z.object({ report: z.string(), pictures: z.array(z.string()) }),
});
export type StudyResult = z.infer<typeof studyResult>;
