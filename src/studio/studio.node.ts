/** The studio's engine in Node: the command's network, cache and folders. */

import { join, resolve } from 'node:path';
import { resolveBackbone } from '../backbone/resolve.node.ts';
import { openStore } from '../features/lmdbStore.node.ts';
import { extractionModel } from '../features/network.ts';
import { extractionPlatform } from '../features/platform.node.ts';
import { decodePhoto, resizeDecoded } from '../images/decode.node.ts';
import { modelFolder } from '../runs/platform.node.ts';
import { openSession } from '../runtime/platform.node.ts';
import { sessionsInThreads } from '../runtime/sessionPool.node.ts';
import { keptOpen } from './keptOpen.ts';
import { measureApart } from './measureApart.node.ts';
import { photoFolder } from './photoFolder.node.ts';
import { Studio } from './studio.ts';

export interface LocalOptions {
  /** As for training; the embedded one unless told. */
  readonly backbone?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Opens the project in a folder. @throws CarafeError */
export async function openLocal(
  folder: string,
  { backbone: spec = 'embedded', signal, onWarning }: LocalOptions = {},
): Promise<Studio> {
  const photos = await photoFolder(folder);
  const backbone = await resolveBackbone(spec, { openSession, modelFolder: modelFolder(), signal });
  const store = openStore({ onWarning });
  const extraction = keptOpen(extractionPlatform(store));
  // In a thread of its own: a run would block the server.
  const openNetwork = sessionsInThreads(1);
  const network = await openNetwork(extractionModel(backbone, { spatial: true }));
  const fileOf = (path: string) => resolve(join(folder, path));
  return Studio.open({
    folder: photos,
    extraction,
    openSession,
    network,
    openNetwork,
    backbone,
    backboneAddress: spec,
    fileOf,
    decode: async (photo, resizing) =>
      photo instanceof Blob
        ? (await decodePhoto(new Uint8Array(await photo.arrayBuffer()), resizing)).pixels
        : resizeDecoded(photo, resizing),
    async exportOne(task) {
      const [{ exportOne }, { packagedParts }] = await Promise.all([
        import('./exportOne.ts'),
        import('../export/pageParts.node.ts'),
      ]);
      return exportOne(task, { openSession: openNetwork, pageParts: packagedParts });
    },
    measure: (task, say, abort) => measureApart({ ...task, folder: resolve(folder) }, say, abort),
    async close() {
      await network.release();
      await extraction.close();
      await store.close();
    },
  });
}
