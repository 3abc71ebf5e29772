import * as z from 'zod';
import { labelEvaluation } from '../evaluation/labelEvaluation.ts';
import { labelCurve } from '../evaluation/measureLabelCurve.ts';
import { changesResult, trainResult } from './trainResult.ts';

const labels = z.array(z.string());
const { compared } = changesResult.shape;

/**
 * What changed since the earlier classifier from which a run began. The figures are mean average precision over the
 * labels that both know; flipped are photos that are given others of these labels.
 */
export const labelChanges = changesResult.extend({
  compared: compared
    .unwrap()
    .extend({
      flipped: z.array(
        compared.unwrap().shape.flipped.element.omit({ label: true }).extend({ labels, before: labels, after: labels }),
      ),
    })
    .optional(),
});

/** What `carafe train --json` prints for photos with several labels, and what the report draws. */
export const labelsResult = z.object({
  ...trainResult.pick({
    version: true,
    command: true,
    images: true,
    classes: true,
    duplicates: true,
    backbone: true,
    split: true,
    head: true,
    unknown: true,
    seconds: true,
    files: true,
    again: true,
    verdict: true,
    views: true,
  }).shape,
  task: z.literal('multi-label'),
  /** Photos without any label. */
  unlabelled: z.number().int(),
  evaluation: labelEvaluation,
  shortcuts: trainResult.shape.shortcuts.optional(),
  learningCurve: labelCurve.optional(),
  changes: labelChanges.optional(),
});
export type LabelsResult = z.infer<typeof labelsResult>;
