/** What a command's code is given, and what it gives. */

import type { CommandName, CommandValues } from './options.ts';
import type { Output } from './terminal.ts';

/** What a command is given besides its arguments. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly stderr: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What the next Ctrl-C does in place of ending the command; undefined: it ends it. */
  readonly onInterrupt: (action: (() => void) | undefined) => void;
  /** The command line that does the same again, with a seed. */
  readonly again: (seed: number) => string;
}

/** A command's code: prints its result and gives the exit code. */
export type Run<C extends CommandName> = (
  args: readonly string[],
  values: CommandValues<C>,
  terminal: Terminal,
) => Promise<number>;
