/** The catalogue, and what of it is on this machine. */

import type { ListedBackbone } from './catalogue.ts';
import { catalogue } from './catalogue.ts';
import { embedded } from './embedded.ts';
import { downloaded } from './hub.node.ts';

/** The embedded backbone and the catalogue, with what of it is on this machine. */
export async function listBackbones(modelFolder: string): Promise<ListedBackbone[]> {
  const { name, licence, width, inputSize, parameters, macs } = embedded;
  const own = { name, source: null, licence, width, inputSize, parameters, macs, megabytes: 0, downloaded: true };
  const others = catalogue.map(
    async (entry): Promise<ListedBackbone> => ({
      name: entry.name,
      source: `${entry.repo}@${entry.revision}`,
      licence: entry.licence,
      width: entry.width,
      inputSize: entry.inputSize,
      parameters: entry.parameters,
      macs: entry.macs,
      megabytes: entry.megabytes,
      downloaded: (await downloaded(entry, modelFolder)) !== undefined,
    }),
  );
  return [{ ...own, name: 'embedded' }, ...(await Promise.all(others))];
}
