import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of real photos and networks beside the repository, or undefined where it is missing: skip, and say so. */
export function sharedData(): string | undefined {
  const folder = fileURLToPath(new URL('../../shared/data', import.meta.url));
  return existsSync(folder) ? folder : undefined;
}
