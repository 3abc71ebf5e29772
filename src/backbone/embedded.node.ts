/** Loads the embedded network. */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CarafeError } from '../errors.ts';
import { readModel } from '../onnx/read.ts';
import type { OpenSession } from '../runtime/platform.ts';
import { bundled } from '../runtime/thread.node.ts';
import type { Backbone } from './backbone.ts';
import { cutNetwork } from './cut.ts';
import { embedded } from './embedded.ts';

/** The package's own folder, from src/backbone as from dist/backbone. */
const packageFolder = new URL('../../', import.meta.url);

/** Where it lies. */
export const embeddedFile = fileURLToPath(new URL(embedded.file, packageFolder));

/**
 * The backbone that comes with the package.
 * @throws CarafeError BAD_MODEL where the package is damaged, UNAVAILABLE where it was bundled
 */
export async function embeddedBackbone(openSession: OpenSession): Promise<Backbone> {
  const { name, hash, licence, preprocessing, file } = embedded;
  const bytes = await readFile(new URL(file, packageFolder)).catch((error: unknown) => {
    throw bundled(file, error);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== hash)
    throw damaged(`${file} is not the file of this release`);
  const model = readModel(bytes, file);
  // Its hash is known, so its cut is: nothing to try out.
  const { network, cut } = await cutNetwork(model, { openSession, source: file, preprocessing, check: false });
  return { name, hash, licence, preprocessing, network, cut };
}

function damaged(what: string): CarafeError {
  return new CarafeError('BAD_MODEL', `The embedded backbone cannot be used: ${what}.`, 'Install carafe-vision again.');
}
