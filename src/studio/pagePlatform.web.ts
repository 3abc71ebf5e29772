/** What training needs in a worker of the page. */

import { resolveBackbone } from '../backbone/resolve.web.ts';
import { extractionPlatform, type OpenNetwork } from '../features/platform.web.ts';
import { crop } from '../images/crop.ts';
import { decodePhoto } from '../images/decode.web.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import type { Pixels } from '../runtime/platform.ts';
import { openSession } from '../runtime/platform.web.ts';
import type { PageDatabase } from './pageDatabase.web.ts';
import type { PageNetwork } from './pageNetwork.web.ts';
import { pageStore } from './pageStore.web.ts';

/** Where ONNX Runtime lies beside the page's scripts. */
export const runtimeFiles = {
  script: new URL('./ort-wasm-simd-threaded.mjs', import.meta.url).href,
  wasm: new URL('./ort-wasm-simd-threaded.wasm', import.meta.url).href,
};

/**
 * A photo's file is its id in the database, whose content never changes.
 * @param session what runs photos, where it is open already
 */
export function pagePlatform(database: PageDatabase, network: PageNetwork, session?: OpenNetwork) {
  const photoAt = async (id: string) => (await database.get('contents', id)) ?? new Uint8Array(0);
  return {
    ...extractionPlatform(pageStore(database), photoAt, session),
    stamp: () => 'kept',
    openSession,
    cores: 1,
    // A page draws no heatmaps into its report; it shows them live.
    photograph: async () => undefined,
    resolveBackbone: () => resolveBackbone(network.address, network),
    prepare: async (pixels: Pixels, preprocessing: Preprocessing) =>
      crop((await decodePhoto(pixels, preprocessing)).pixels, preprocessing.crop),
  };
}
