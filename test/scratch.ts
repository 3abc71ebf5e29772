import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder for the temporary files of a whole run, so that nothing stays, whatever was killed on the way. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'carafe-suite-'));
  // Tests that run as another user look into it.
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
