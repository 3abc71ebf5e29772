/** What `backbones` and `backbones check` print with `--json`. */

import * as z from 'zod';
import { listedBackbone } from '../backbone/catalogue.ts';
import { backboneCheck } from '../backbone/check.ts';

/** What `carafe backbones --json` prints. */
export const backbonesResult = z.object({
  version: z.string(),
  command: z.literal('backbones'),
  backbones: z.array(listedBackbone),
});
export type BackbonesResult = z.infer<typeof backbonesResult>;

/** What `carafe backbones check --json` prints. */
export const checkResult = z.object({
  version: z.string(),
  command: z.literal('backbones check'),
  backbone: z.object({ name: z.string(), hash: z.string() }),
  ...backboneCheck.shape,
});
export type CheckResult = z.infer<typeof checkResult>;
