#!/usr/bin/env node
/** The entry: says what went wrong. */

import { CarafeError, tooManyFiles } from '../errors.ts';
import { complain, minding, stderr, stdout } from './terminal.ts';

// All else is loaded from here, so that what fails while it loads (its files may be too many) is told like all errors.

function fail(error: unknown): void {
  const shown = described(error);
  process.exitCode = shown.exitCode;
  if (process.argv.includes('--json')) {
    const { code, what, hint } = shown;
    stdout.write(`${JSON.stringify({ error: { code, what, hint } })}\n`);
  } else complain(shown);
  if (process.argv.includes('--debug') && error instanceof Error) stderr.write(`${error.stack}\n`);
}

function described(error: unknown): CarafeError {
  if (error instanceof CarafeError) return error;
  return (
    tooManyFiles(error) ??
    new CarafeError(
      'INTERNAL',
      `Carafe failed: ${error instanceof Error ? error.message : String(error)}`,
      'This is a bug in Carafe. Run the command again with --debug and report what it prints.',
    )
  );
}

minding(process);
try {
  const { carafe } = await import('./carafe.ts');
  await carafe();
} catch (error) {
  fail(error);
}
