/** What `inspect --json` prints and its page draws. */

import * as z from 'zod';
import { inspection } from '../backbone/inspection.ts';

/** What `carafe inspect --json` prints, and what its page draws. */
export const inspectResult = z.object({
  version: z.string(),
  command: z.literal('inspect'),
  /** As the user named it. */
  file: z.string(),
  bytes: z.number().int(),
  ...inspection.shape,
});
export type InspectResult = z.infer<typeof inspectResult>;
