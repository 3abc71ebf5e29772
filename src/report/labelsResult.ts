import * as z from 'zod';
import { labelEvaluation } from '../evaluation/labelEvaluation.ts';
import { trainResult } from './trainResult.ts';

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
  }).shape,
  task: z.literal('multi-label'),
  /** Photos without any label. */
  unlabelled: z.number().int(),
  evaluation: labelEvaluation,
});
export type LabelsResult = z.infer<typeof labelsResult>;
