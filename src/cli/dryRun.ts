/** `carafe train --dry-run`. */

import type { DryRunResult } from '../results/dryRunResult.ts';
import type { Terminal } from './command.ts';
import { inFlags } from './flags.ts';
import { safe } from './terminal.ts';

/** What `--dry-run` prints. */
export function sayDryRun(result: DryRunResult, json: boolean, { out, stderr }: Terminal): number {
  for (const note of result.notes) stderr.say(`warning: ${safe(inFlags(note))}\n`);
  out(json ? `${JSON.stringify(result)}\n` : `${safe(result.understood)}\n`);
  return 0;
}
