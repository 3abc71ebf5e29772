/** What `backbones`, `backbones check` and `backbones get` print with `--json`. */

import * as z from 'zod';
import { listedBackbone } from '../backbone/catalogue.ts';
import { backboneCheck } from '../backbone/check.ts';
import { gotBackbone } from '../backbone/got.ts';

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

/** What `carafe backbones get --json` prints. */
export const getResult = z.object({
  version: z.string(),
  command: z.literal('backbones get'),
  ...gotBackbone.shape,
});
export type GetResult = z.infer<typeof getResult>;
