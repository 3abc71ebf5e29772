/** The studio as static files: the same page, its engine in a worker, hostable anywhere. */

import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CarafeError } from '../errors.ts';
import { fileReason } from '../runtime/files.node.ts';
import { shell } from '../ui/shell.ts';
import { rules } from './style.ts';

/** The package's own folder, from src/studio as from dist/chunks. */
const packageFolder = new URL('../../', import.meta.url);
/** Where each file lies in the package. */
const files = {
  'studio.js': 'dist/pages/studio.js',
  'german.js': 'dist/pages/german.js',
  'worker.js': 'dist/pages/studio/worker.js',
  'measurer.js': 'dist/pages/studio/measurer.js',
  'exporter.js': 'dist/pages/studio/exporter.js',
  'export.js': 'dist/pages/export.js',
  'service.js': 'dist/pages/studio/service.js',
  'ort-wasm-simd-threaded.wasm': 'web/ort-wasm-simd-threaded.wasm',
  'ort-wasm-simd-threaded.mjs': 'dist/pages/studio/ort-wasm-simd-threaded.mjs',
  'carafe-s.onnx': 'backbone/carafe-s.onnx',
  'third-party-licences.txt': 'dist/pages/studio/third-party-licences.txt',
} as const;

/**
 * Writes the page into a folder that any web server can serve; after the first load it works offline.
 * @throws CarafeError UNWRITABLE
 */
export async function writeStaticStudio(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, place] of Object.entries(files))
      await copyFile(fileURLToPath(new URL(place, packageFolder)), join(folder, name));
    await writeFile(
      join(folder, 'index.html'),
      shell({ title: 'Carafe studio', script: 'studio.js', rules, behind: 'worker' }),
    );
  } catch (error) {
    throw new CarafeError(
      'UNWRITABLE',
      `${folder} cannot be written: ${fileReason(error)}.`,
      'Choose another folder.',
      {
        cause: error,
      },
    );
  }
}
