/** What `doctor --json` prints and its page shows. */

import * as z from 'zod';
import { correctionGain } from '../doctor/correctedLabels.ts';
import { duplicateGroups } from '../doctor/duplicateGroups.ts';
import { labelErrors } from '../doctor/labelErrors.ts';
import { photoProblems } from '../doctor/photoProblems.ts';
import { shortcuts } from '../doctor/shortcut.ts';
import { classGains } from '../evaluation/classGains.ts';
import { robustness } from '../evaluation/robustness.ts';
import { seenImages } from './images.ts';

export const doctorResult = z.object({
  version: z.string(),
  command: z.literal('doctor'),
  images: seenImages,
  /** Of the photos, their paths and labels: a review belongs to the set of this id. */
  set: z.string(),
  task: z.enum(['single-label', 'multi-label', 'unlabelled']),
  classes: z.array(z.object({ label: z.string(), count: z.number().int() })),
  backbone: z.object({ name: z.string(), hash: z.string() }),
  /** Labels that are probably wrong; null where labels have no meaning, or several are right. */
  labelErrors: labelErrors.nullable(),
  /** What taking all suggestions for the labels that are probably wrong would gain; null where none is. */
  correction: correctionGain.nullable(),
  duplicates: duplicateGroups,
  /** Photos that hurt. */
  problems: photoProblems,
  /** What tells the classes apart besides what photos show; null without classes. */
  shortcuts: shortcuts.nullable(),
  /** What ten more photos of each class would gain; null without classes, or where they are too few or too many. */
  morePhotos: classGains.nullable(),
  /** What bad photos cost; null where it was not asked for, or without classes. */
  robustness: robustness.nullable(),
  /** What could not be asked, and why. */
  skipped: z.array(z.object({ section: z.string(), reason: z.string() })),
  seconds: z.object({ total: z.number(), extraction: z.number(), checks: z.number() }),
  files: z.object({ page: z.string(), table: z.string() }),
});
export type DoctorResult = z.infer<typeof doctorResult>;

const decided = {
  path: z.string().min(1),
  /** The label that the photo had. */
  label: z.string(),
};

/** What a person decided about photos, as the page saves it (`review.json`). */
export const review = z.object({
  format: z.literal('carafe review'),
  /** The set that was reviewed: `set` of the doctor's result. */
  set: z.string(),
  decisions: z.array(
    z.discriminatedUnion('decision', [
      z.object({ ...decided, decision: z.literal('keep') }),
      z.object({ ...decided, decision: z.literal('move'), to: z.string().trim().min(1) }),
      z.object({ ...decided, decision: z.literal('drop') }),
      z.object({ ...decided, decision: z.literal('unsure') }),
    ]),
  ),
});
export type Review = z.infer<typeof review>;
export type Decision = Review['decisions'][number];

/** What `doctor --apply --json` prints. */
export const applyResult = z.object({
  version: z.string(),
  command: z.literal('doctor'),
  applied: z.object({ kept: z.number(), moved: z.number(), dropped: z.number(), unsure: z.number() }),
  /** What the new labels gain; null where nothing changed. */
  correction: correctionGain.nullable(),
  /** The new image list; null where files were moved instead. */
  list: z.string().nullable(),
  /** Where `--move` wrote what it moved; `--undo` takes it back. */
  journal: z.string().nullable(),
});
export type ApplyResult = z.infer<typeof applyResult>;

/** What `doctor --undo --json` prints. */
export const undoResult = z.object({
  version: z.string(),
  command: z.literal('doctor'),
  journal: z.string(),
  /** Files that are back in their place, and files that are not, with the reason. */
  restored: z.number(),
  failed: z.array(z.object({ path: z.string(), reason: z.string() })),
});
export type UndoResult = z.infer<typeof undoResult>;
