// Real photos as benches draw from them: features, labels and groups, once and for all.
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { resolveBackbone } from '../dist/backbone/resolve.node.js';
import { extractFeatures } from '../dist/features/extract.js';
import { openStore } from '../dist/features/lmdbStore.node.js';
import { extractionPlatform } from '../dist/features/platform.node.js';
import { openSession } from '../dist/runtime/platform.node.js';
import { findImageSet } from '../dist/sets/find.node.js';
import { groupPhotos } from '../dist/split/groupPhotos.js';
import { neededShared } from './run.mjs';

/** The bench's cache; CARAFE_CACHE names another. */
export const openCache = () => openStore({ folder: process.env.CARAFE_CACHE ?? join(tmpdir(), 'carafe-bench-cache') });

/**
 * Photos through a network: `embedded`, or a file's name among the shared ones.
 * @param name of a shared set, or the path of a folder
 */
export async function loadSet(name, network, store) {
  const shared = neededShared(`the set ${name}`);
  const found = await findImageSet(resolve(shared, 'images', name));
  const file = network === 'embedded' ? network : join(shared, `backbones/${network}.onnx`);
  const backbone = await resolveBackbone(file, { openSession });
  const extraction = await extractFeatures(found.items, backbone, extractionPlatform(store), { needs: {} });
  const labels = Int32Array.from(extraction.items, (item) => found.classes.indexOf(item.labels[0]));
  const context = { openSession, threads: availableParallelism(), seed: 0 };
  const { ids, groups } = await groupPhotos(extraction, labels, context);
  return { classes: found.classes, features: extraction.features, labels, ids, groups };
}
