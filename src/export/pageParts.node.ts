/** What an exported page is made of, from the package's own files. */

import { readFile } from 'node:fs/promises';
import type { PageParts } from './htmlPage.ts';

/** The package's own folder, from src/export as from dist/chunks. */
const packageFolder = new URL('../../', import.meta.url);

export async function packagedParts(): Promise<PageParts> {
  const read = (path: string) => readFile(new URL(path, packageFolder));
  return {
    script: (await read('dist/pages/export.js')).toString('utf8'),
    runtime: await read('web/ort-wasm-simd-threaded.wasm'),
    licences: (await read('dist/pages/third-party-licences.txt')).toString('utf8'),
  };
}
