/** What a run needs of Node: sessions, cache, files and networks, wired. */

import { join } from 'node:path';
import { resolveBackbone } from '../backbone/resolve.node.ts';
import { readClassifier } from '../classifier/find.node.ts';
import { abortable, CarafeError, ImageError } from '../errors.ts';
import { openStore } from '../features/lmdbStore.node.ts';
import { extractionPlatform } from '../features/platform.node.ts';
import type { Overlay } from '../images/heatmapColours.ts';
import { overlaid } from '../images/overlay.node.ts';
import { prepare } from '../images/prepare.node.ts';
import { cacheFolder } from '../runtime/cacheFolder.node.ts';
import { availableCores } from '../runtime/cores.node.ts';
import {
  appendTo,
  ensureFolder,
  freeBytes,
  isSameFile,
  mostTextBytes,
  readRegular,
  writeWhole,
} from '../runtime/files.node.ts';
import { openSession, requireDevice } from '../runtime/platform.node.ts';
import { findImageSet } from '../sets/find.node.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';
import { requireOptions, requireText } from './requireOptions.ts';
import { platformFor } from './sourcePlatform.node.ts';

/** Hands in what only Node has, with the cache open as long as the work takes. */
export async function withPlatform<T>(
  source: string,
  options: Pick<TrainOptions, 'device' | 'onStage' | 'onWarning' | 'signal'>,
  work: (platform: TrainPlatform) => Promise<T>,
): Promise<T> {
  requireText('source', source);
  requireOptions(options);
  const { device = 'cpu', onWarning, signal } = options;
  requireDevice(device);
  return abortable(signal, async () => {
    const store = openStore({ onWarning });
    try {
      const platform: TrainPlatform = {
        ...extractionPlatform(store, device),
        openSession,
        cores: availableCores(),
        freeBytes: () => freeBytes(cacheFolder()),
        findImageSet,
        resolveBackbone: (spec, { cut, preprocessing, onDownload, signal }) =>
          resolveBackbone(spec, {
            ...{ openSession, cut, preprocessing, onDownload, signal },
            onTerms: onWarning,
            modelFolder: modelFolder(),
          }),
        prepare,
        ensureFolder,
        readClassifier,
        readOwn: async (path) => {
          try {
            return (await readRegular(path, mostTextBytes)).toString();
          } catch {
            return undefined;
          }
        },
        write: async (path, content) => {
          if (isSameFile(path, source)) throw overItself(source);
          await writeWhole(path, content);
        },
        append: appendTo,
      };
      return await work(await platformFor(source, platform, options));
    } finally {
      await store.close();
    }
  });
}

function overItself(source: string): CarafeError {
  return new CarafeError(
    'USAGE',
    `This would be written over ${source} itself.`,
    'Choose another folder as `out`, or another name.',
  );
}

/** Where downloaded networks are kept, for all projects. */
export function modelFolder(): string {
  return join(cacheFolder(), 'models');
}

/** Long edge of the photos in a one-class report: large enough for small defects. */
const reportEdge = 320;

/** A photo for the report, with its heatmap over it; undefined where it cannot be read any more. */
export async function photograph(file: string, overlay: Overlay | undefined): Promise<Uint8Array | undefined> {
  try {
    return await overlaid(file, overlay, reportEdge, 'webp');
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
