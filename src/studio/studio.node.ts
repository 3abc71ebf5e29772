/** The studio's engine in Node: the command's network, cache and folders. */

import { join, resolve } from 'node:path';
import { resolveBackbone } from '../backbone/resolve.node.ts';
import { openStore } from '../features/lmdbStore.node.ts';
import { extractionModel } from '../features/network.ts';
import { extractionPlatform } from '../features/platform.node.ts';
import { decodePhoto, resizeDecoded } from '../images/decode.node.ts';
import { modelFolder } from '../runs/platform.node.ts';
import { lockFolder } from '../runtime/lock.node.ts';
import { openSession } from '../runtime/platform.node.ts';
import { sessionsInThreads } from '../runtime/sessionPool.node.ts';
import { labelListName } from '../sets/imageList.ts';
import { keptOpen } from './keptOpen.ts';
import { measureApart } from './measureApart.node.ts';
import { photoFolder } from './photoFolder.node.ts';
import type { PhotoFolder } from './photoFolder.ts';
import { Studio } from './studio.ts';

export interface LocalOptions {
  /** As for training; the embedded one unless told. */
  readonly backbone?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** Opens the project in a folder. @throws CarafeError */
export async function openLocal(folder: string, options: LocalOptions = {}): Promise<Studio> {
  const photos = await photoFolder(folder);
  const unlock = await lockFolder(resolve(folder), '.carafe-studio', 'has a studio open on');
  try {
    return await openLocked(folder, photos, unlock, options);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openLocked(
  folder: string,
  photos: PhotoFolder,
  unlock: () => Promise<void>,
  { backbone: spec = 'embedded', signal, onWarning }: LocalOptions,
): Promise<Studio> {
  const backbone = await resolveBackbone(spec, { openSession, modelFolder: modelFolder(), signal });
  const store = openStore({ onWarning });
  const extraction = keptOpen(extractionPlatform(store));
  // In a thread of its own: a run would block the server.
  const openNetwork = sessionsInThreads(1);
  const network = await openNetwork(extractionModel(backbone, { spatial: true }));
  const fileOf = (path: string) => resolve(join(folder, path));
  const listed = [...((await photos.readLabels())?.keys() ?? [])];
  const there = new Set(listed.length > 0 ? (await photos.list()).photos : []);
  const [first, ...rest] = listed.filter((path) => !there.has(path));
  if (first !== undefined)
    onWarning?.(
      rest.length === 0
        ? `${labelListName} names ${first}, where no photo is. Its row stays as it is.`
        : `${labelListName} names ${rest.length + 1} photos that are not there, such as ${first}. Their rows stay as they are.`,
    );
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
      await unlock();
    },
  });
}
