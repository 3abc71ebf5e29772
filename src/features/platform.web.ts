/** The platform that extraction needs, in a browser. */

import type { Backbone } from '../backbone/backbone.ts';
import { decodePhoto, decodeRevision, encodeThumbnail, photoBytes, type WebPhoto } from '../images/decode.web.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { sha256 } from '../numerics/sha256.ts';
import type { Session } from '../runtime/platform.ts';
import { openSession, runtime } from '../runtime/platform.web.ts';
import type { ExtractionPlatform } from './extraction.ts';
import { extractionModel, type MapNeeds } from './network.ts';
import type { PhotoTools } from './processPhoto.ts';
import { processPhoto } from './processPhoto.ts';
import type { FeatureStore } from './store.ts';
import type { ThumbnailPlatform } from './thumbnails.ts';
import { thumbnailOf } from './thumbnails.ts';
import type { WorkerPool } from './workerPool.ts';

/**
 * What extraction needs, in a page, around the given store; `photoAt` gives the photo behind an item's `file`.
 * @param network opens what runs photos; it may give at least the maps that are needed, and stay open for others
 */
export function extractionPlatform(
  store: FeatureStore,
  photoAt: (file: string) => WebPhoto | Promise<WebPhoto>,
  network: OpenNetwork = (backbone, needs) => openSession(extractionModel(backbone, needs)),
): ExtractionPlatform & ThumbnailPlatform {
  const tools = {
    read: async (file: string) => photoBytes(await photoAt(file)),
    sha256,
    decode: (bytes: Uint8Array, preprocessing: Pick<Preprocessing, 'resize' | 'kernel'>) =>
      decodePhoto(new Blob([new Uint8Array(bytes)]), preprocessing),
    encode: encodeThumbnail,
  };
  return {
    store,
    computer: { decoder: `carafe ${decodeRevision}, ${navigator.userAgent}`, runtime, device: 'cpu' },
    sha256,
    // Nothing tells whether a page's photo has changed but its bytes, which are at hand.
    stamp: () => undefined,
    openWorkers: (backbone, needs) => inlineWorker(backbone, needs, tools, network),
    makeThumbnail: (file, digest) => thumbnailOf(file, digest, tools),
  };
}

/** Opens the network of network.ts. */
export type OpenNetwork = (backbone: Backbone, needs: MapNeeds) => Promise<Session>;

/** One photo after the other, in the thread that asks. */
function inlineWorker(
  backbone: Backbone,
  needs: MapNeeds,
  tools: Omit<PhotoTools, 'session'>,
  network: OpenNetwork,
): WorkerPool {
  const { preprocessing } = backbone;
  let session: Promise<Session> | undefined;
  const allTools = { ...tools, session: () => (session ??= network(backbone, needs)) };
  return {
    capacity: 1,
    process: (file, view, isWanted) => processPhoto({ file, view, preprocessing }, isWanted, allTools),
    async close() {
      // One that could not be opened was reported with its photo, and holds nothing.
      await (await session?.catch(() => undefined))?.release();
    },
  };
}
