/** Extracts features of all photos in order, from the cache or the network. */

import type { Backbone } from '../backbone/backbone.ts';
import { withoutDepths } from '../backbone/depths.ts';
import { remarkSentences } from '../images/remarks.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import type { Extraction, ExtractionOptions, ExtractionPlatform } from './extraction.ts';
import { ExtractionRun } from './extractionRun.ts';

/**
 * The features of all photos: from the store where they are there, else computed by workers and stored.
 * A photo that cannot be used is listed and left out.
 * @throws CarafeError ALL_IMAGES_FAILED; INTERRUPTED after the signal, when what was done is stored
 */
export async function extractFeatures(
  items: readonly ImageItem[],
  backbone: Backbone,
  platform: ExtractionPlatform,
  options: ExtractionOptions = {},
): Promise<Extraction> {
  if (backbone.network.own) return extractDepths(items, backbone, platform, options);
  const run = new ExtractionRun(items, backbone, platform, options);
  const missing = await run.lookUp();
  if (missing.length > 0) await run.compute(missing);
  const extraction = await run.result();
  const { photos, items: usable } = extraction;
  for (const sentence of remarkSentences(usable.map(({ path }, row) => ({ path, remarks: photos[row].remarks }))))
    options.onWarning?.(sentence);
  return extraction;
}

/** The same of a network whose features are those of several depths: the cache keeps its own features and the pooled maps. */
async function extractDepths(
  items: readonly ImageItem[],
  backbone: Backbone,
  platform: ExtractionPlatform,
  options: ExtractionOptions,
): Promise<Extraction> {
  const plain = { ...backbone, network: withoutDepths(backbone.network) };
  const needs = { ...options.needs, depths: true };
  const extraction = await extractFeatures(items, plain, platform, { ...options, needs });
  const all = extraction.representations?.get('all');
  if (!all) throw new TypeError('this network has no maps to pool');
  return { ...extraction, ...all, representations: undefined };
}
