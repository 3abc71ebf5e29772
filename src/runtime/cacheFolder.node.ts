/** The folder of the cache: features, downloaded networks, unpacked zips. */

import { resolve } from 'node:path';
import envPaths from 'env-paths';

/** The folder of the cache: the one that is asked for, else `$CARAFE_CACHE`, else the platform's place for caches. */
export function cacheFolder(folder?: string): string {
  return resolve(folder || process.env.CARAFE_CACHE || envPaths('carafe', { suffix: '' }).cache);
}
