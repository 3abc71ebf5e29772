import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** What the build is made from, and the file that it writes last. */
const sources = ['src', 'scripts/build.mjs', 'tsconfig.json', 'tsconfig.build.json'];
const written = 'web/third-party-licences.txt';

/**
 * Worker threads and child processes run the built files: no test may run while these are older than the sources, so
 * they are built anew. Also on each change in watch mode.
 */
export default function setup(project: TestProject): void {
  buildIfStale();
  project.onTestsRerun(async () => buildIfStale());
}

function buildIfStale(): void {
  if (!isStale(sources, written)) return;
  console.log('The sources are newer than dist/: building.');
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}

/** Was anything under these paths changed, added or taken away since the file was written? */
export function isStale(paths: readonly string[], file: string): boolean {
  if (!existsSync(file)) return true;
  const since = statSync(file).mtimeMs;
  return paths.some((path) => changedAt(path) > since);
}

/** The last change of a file, or of a folder or anything in it: a folder changes when a name in it comes or goes. */
function changedAt(path: string): number {
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, changedAt(join(path, name))), own.mtimeMs);
}
