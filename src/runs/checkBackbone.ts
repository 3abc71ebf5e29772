/** Compares preprocessings and cuts of a backbone on the user's photos. */

import type { Backbone } from '../backbone/backbone.ts';
import type { Variant } from '../backbone/check.ts';
import { checkBackbone, preprocessingVariants } from '../backbone/check.ts';
import { extractFeatures } from '../features/extract.ts';
import { resident } from '../numerics/rows.ts';
import type { CheckResult } from '../results/backbonesResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { requireClasses } from '../sets/imageSet.ts';
import { version } from '../version.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';

/** Enough to tell ways apart, few enough that many ways take seconds. */
const maxPhotos = 300;

/** Compares preprocessings and cuts of a backbone by how well its features separate the user's classes. */
export async function checkOn(source: string, options: TrainOptions, platform: TrainPlatform): Promise<CheckResult> {
  const set = await platform.findImageSet(source, options);
  requireClasses(set);
  const configured = await platform.resolveBackbone(options.backbone ?? 'embedded', options);
  const { threads, limits, signal, onProgress: progress } = options;
  const look = (items: readonly ImageItem[], backbone: Backbone) =>
    extractFeatures(items, backbone, platform, { threads, limits, signal, progress });
  // A photo that one way can read, all can; what cannot be read is left out once and for all.
  const { items } = await look(spread(set.items, set.classes.length), configured);
  const labels = Int32Array.from(items, ({ labels: [label] }) => set.classes.indexOf(label));
  const ways = await waysToUse(configured, options, platform);
  const check = await checkBackbone(ways, labels, async (backbone) => {
    const way = ways.findIndex(({ value }) => value === backbone);
    options.onStage?.(`Way ${way + 1} of ${ways.length}, ${ways[way].name}`);
    return resident((await look(items, backbone)).features);
  });
  return {
    version,
    command: 'backbones check',
    backbone: { name: configured.name, hash: configured.hash },
    ...check,
  };
}

/** The configured way first, then other preprocessings, then other cuts. */
async function waysToUse(
  configured: Backbone,
  options: TrainOptions,
  platform: TrainPlatform,
): Promise<Variant<Backbone>[]> {
  const ways = preprocessingVariants(configured.preprocessing).map(({ name, value }) => ({
    name,
    value: { ...configured, preprocessing: value },
  }));
  for (const cut of ['last', 'pool']) {
    const other = await platform
      .resolveBackbone(options.backbone ?? 'embedded', { ...options, cut })
      .catch(() => undefined);
    if (other && other.network.features !== configured.network.features)
      ways.push({ name: `--cut ${cut} (${other.network.width} features)`, value: other });
  }
  return ways;
}

/** At most `maxPhotos`, evenly from every class, in the set's order. */
function spread(items: readonly ImageItem[], classes: number): ImageItem[] {
  const each = Math.max(2, Math.floor(maxPhotos / classes));
  const byClass = new Map<string, ImageItem[]>();
  for (const item of items) byClass.set(item.labels[0], [...(byClass.get(item.labels[0]) ?? []), item]);
  return [...byClass.values()].flatMap((photos) => {
    const step = Math.max(1, photos.length / each);
    return Array.from({ length: Math.min(each, photos.length) }, (_, i) => photos[Math.floor(i * step)]);
  });
}
