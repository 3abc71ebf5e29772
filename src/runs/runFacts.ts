/** Facts that cards and results record about every run. */

import { type Backbone, describe } from '../backbone/backbone.ts';
import { settingsSchema } from '../classifier/card.ts';
import type { Extraction } from '../features/extraction.ts';
import { framingOf, singleLooks } from '../images/framing.ts';
import type { ImageSet } from '../sets/imageSet.ts';
import { version } from '../version.ts';

/** What a card says of every classifier. */
export function cardFacts(backbone: Backbone, head: string, settings: unknown) {
  const { own, pooled } = backbone.network;
  return {
    version,
    backbone: {
      ...describe(backbone),
      cut: backbone.cut,
      spatial: backbone.network.spatial,
      depths: own && pooled && { ...own, pooled },
    },
    preprocessing: backbone.preprocessing,
    head: { name: head, settings: settingsSchema.parse(settings) },
  };
}

/** The photos of a run, as its result counts them. */
export function imagesSeen(source: string, { found, cached, computed, failed }: Extraction) {
  return { source, found, cached, computed, failed: [...failed] };
}

/** What a result says of every training run. */
export function resultFacts({ source, leftOut = [], groups }: ImageSet, extraction: Extraction, backbone: Backbone) {
  return {
    version,
    command: 'train' as const,
    images: { ...imagesSeen(source, extraction), leftOut: [...leftOut], groups },
    backbone: {
      ...describe(backbone),
      inputSize: backbone.preprocessing.crop,
      framing: framingOf(backbone.preprocessing),
      looks: singleLooks(backbone.preprocessing).length,
    },
  };
}

/** Where a run's files go. */
export function filesIn(folder: string) {
  return { classifier: `${folder}/classifier.onnx`, report: `${folder}/report.html` };
}
