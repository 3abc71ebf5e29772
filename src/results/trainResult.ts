/** What `train --json` prints and the report draws. */

import * as z from 'zod';
import { labelErrors } from '../doctor/labelErrors.ts';
import { shortcuts } from '../doctor/shortcut.ts';
import { verdict } from '../doctor/verdict.ts';
import { bottleneckWidths, finetuning, leaderboard, representations } from '../evaluation/choices.ts';
import { classGains } from '../evaluation/classGains.ts';
import { learningCurve } from '../evaluation/learningCurve.ts';
import { robustness } from '../evaluation/robustness.ts';
import { unknownCard } from '../evaluation/unknown.ts';
import { framings } from '../images/framing.ts';
import { distortions } from '../images/view.ts';
import { evaluation, interval } from '../metrics/evaluation.ts';
import { labelEvaluation } from '../metrics/labelEvaluation.ts';
import { seenImages } from './images.ts';

/** Files that are no photos by their names: `.ppm`, `without extension`. */
export const leftOutFiles = z.array(z.object({ kind: z.string(), count: z.number().int() }));

/** Photos that were to be kept together: what names the group, how many there are, and photos of none. */
export const imageGroups = z.object({ by: z.string(), groups: z.number().int(), unmatched: z.number().int() });

/** The one figure by which classifiers of a task are compared. */
const metric = z.enum(['accuracy', 'mean average precision']);

/** What a choice gained, on photos that had no say in it. */
const gain = z.object({
  metric,
  /** The metric with it less that without, on the same photos in the same split. */
  gain: interval,
  /** How often a difference at least as large would come by chance alone. */
  p: z.number(),
  verdict: z.enum(['better', 'worse', 'tie']),
});
export type Gain = z.infer<typeof gain>;

/** How photos are seen or read: what was compared, what was taken, and what that gained. */
const chosenRepresentation = representations.extend({
  /** Where some part took another than the usual one: what the choice gained over the usual one. */
  gain: gain.optional(),
  /** Photos that went through the network for it, again and for choosing, and seconds. */
  cost: z.object({ cached: z.number().int(), computed: z.number().int(), seconds: z.number() }).optional(),
});
export type ChosenRepresentation = z.infer<typeof chosenRepresentation>;

/** Several looks at each photo, and what they did. */
const looksResult = gain.extend({
  /** Looks at each photo. */
  count: z.number().int(),
  cached: z.number().int(),
  computed: z.number().int(),
  /** What they took: seconds of extraction beyond that of one look. */
  seconds: z.number(),
});

/** Views, and what they did. */
export const viewsResult = z.object({
  ...distortions.shape,
  /** Views of each photo. */
  count: z.number().int(),
  cached: z.number().int(),
  computed: z.number().int(),
  ...gain.shape,
  /** What they cost: their share of the extraction, and what fitting took more. */
  seconds: z.object({ extraction: z.number(), fitting: z.number() }),
});

/** What changed since an earlier classifier. */
export const changesResult = z.object({
  /** The earlier classifier's file. */
  previous: z.string(),
  /** Classes that are new, and classes that are gone. */
  added: z.array(z.string()),
  removed: z.array(z.string()),
  /** The kind of head that was trained again in its place; `auto`: chosen anew, in each training part. */
  head: z.string().optional(),
  /** Photos of this set that the earlier classifier had learned from. */
  known: z.number().int(),
  /** Why there is nothing to compare, if so. */
  notCompared: z.string().optional(),
  /**
   * On photos kept out of this training, of classes that both know: the new head against the earlier one, trained again
   * in the same split on the photos that it had. Absent where there is nothing to compare.
   */
  compared: z
    .object({
      metric,
      photos: z.number().int(),
      /** The metric of the earlier head, trained again, and of the new one. */
      before: z.number(),
      after: z.number(),
      difference: interval,
      /** How often a difference at least as large would come by chance alone. */
      p: z.number(),
      verdict: z.enum(['better', 'worse', 'tie']),
      /** Photos that are now answered differently. */
      flipped: z.array(
        z.object({
          path: z.string(),
          /** What the photo is, and what both gave it: one class, or any number of labels. */
          labels: z.array(z.string()),
          before: z.array(z.string()),
          after: z.array(z.string()),
          became: z.enum(['right', 'wrong', 'other']),
        }),
      ),
    })
    .optional(),
});

/** What `carafe doctor` found in the same photos, where its page lies beside the report. */
export const doctorSummary = z.object({
  /** The page, relative to the report. */
  page: z.string(),
  /** How many labels are wrong; null where that is not known. */
  labels: z.nullable(interval),
  /** Photos that hurt, groups of equal or nearly equal photos, and shortcuts. */
  problems: z.number().int(),
  duplicates: z.number().int(),
  shortcuts: z.number().int(),
});
export type DoctorSummary = z.infer<typeof doctorSummary>;

/** What is said of every training run on classes or labels. */
const common = z.object({
  version: z.string(),
  command: z.literal('train'),
  images: seenImages.extend({
    /** Files of the folder that were left out, by kind. */
    leftOut: leftOutFiles.optional(),
    /** With --group-by, or a column group. */
    groups: imageGroups.optional(),
  }),
  classes: z.array(z.object({ label: z.string(), count: z.number().int() })),
  duplicates: z.object({
    /** Groups of two or more photos that are equal or nearly so, as paths. */
    groups: z.array(z.array(z.string())),
    /** Equal photos under different labels. */
    conflicts: z.array(z.array(z.object({ path: z.string(), label: z.string() }))),
    /** Classes whose photos all look the same though they count as separate: one burst, or one pose. */
    series: z.object({ labels: z.array(z.string()), sentence: z.string() }).optional(),
  }),
  backbone: z.object({
    name: z.string(),
    hash: z.string(),
    licence: z.string().optional(),
    width: z.number().int(),
    inputSize: z.object({ height: z.number().int(), width: z.number().int() }),
    /** What of a photo it sees, and how often. */
    framing: z.enum(framings),
    looks: z.number().int(),
  }),
  split: z.object({
    kind: z.enum(['holdout', 'folds']),
    /** Photos to train on and to test on; with folds, all photos and the photos of one fold on average. */
    train: z.number().int(),
    test: z.number().int(),
    folds: z.number().int(),
    repeats: z.number().int(),
    seed: z.number().int(),
    /** Photos trained on that are equal, or nearly so, to one tested on; 0 but where the user's own split has such. */
    leaks: z.number().int(),
    reason: z.string(),
    /** Whether the classifier in the file is the one that was measured, or was fitted again on all photos. */
    file: z.enum(['measured', 'refitted']),
  }),
  head: z.object({ name: z.string(), settings: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])) }),
  /** What it comes to, in words, and what to do next. */
  verdict,
  /** Where photos may have several labels: photos without any. */
  unlabelled: z.number().int().optional(),
  /** The metric (accuracy, or mean average precision) that a random split would print, which tears groups apart; absent where there are none. */
  withoutGroups: z.optional(interval),
  /** Where size, format, JPEG quality, camera or tone of the photos alone tell their classes apart. */
  shortcuts,
  /** Labels that are probably wrong, among all photos. */
  labelErrors: labelErrors.optional(),
  /** How photos of none of the classes are told. */
  unknown: unknownCard,
  /** Where heads were compared. */
  leaderboard: leaderboard.optional(),
  learningCurve: learningCurve.optional(),
  /** What ten more photos of each class would gain; absent where photos have several labels, or are too few or too many. */
  morePhotos: classGains.optional(),
  /** How photos are seen and read, where that was chosen. */
  representations: z.array(chosenRepresentation).optional(),
  /** Where each photo was looked at several times. */
  looks: looksResult.optional(),
  /** Where distorted views were trained on, too. */
  views: viewsResult.optional(),
  /** What bad photos cost, with --robustness. */
  robustness: robustness.optional(),
  /** With --bottleneck auto. */
  widths: bottleneckWidths.optional(),
  /** Where the network's last stage was fine-tuned, or that was tried. */
  finetuning: finetuning.optional(),
  /** Where an earlier classifier was compared with. */
  changes: changesResult.optional(),
  seconds: z.object({ total: z.number(), extraction: z.number(), fitting: z.number(), evaluation: z.number() }),
  doctor: doctorSummary.optional(),
  files: z.object({
    classifier: z.string(),
    classifierBytes: z.number().int(),
    report: z.string(),
    /** The event file, where one was asked for. */
    tensorboard: z.string().optional(),
  }),
  /** The command that makes the same file again from the same photos; absent where a program trained. */
  again: z.string().optional(),
});

/** What `carafe train --json` prints, and what the report draws. Later versions add keys; none changes meaning. */
export const trainResult = common.extend({ task: z.literal('single-label'), evaluation });

/** The same for photos with several labels. */
export const labelsResult = common.extend({ task: z.literal('multi-label'), evaluation: labelEvaluation });

export type TrainResult = z.infer<typeof trainResult>;
export type LabelsResult = z.infer<typeof labelsResult>;
export type AnyTrainResult = TrainResult | LabelsResult;
