/** Explains the answer for a photo. */

import { requireTask } from '../classifier/card.ts';
import { backboneFor, readPrevious } from '../classifier/previous.ts';
import { extractLooks } from '../features/looks.ts';
import { thumbnails } from '../features/thumbnails.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { gather } from '../numerics/rows.ts';
import { explainReport } from '../report/explainReport.ts';
import type { ExplainResult } from '../results/explainResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { explainPhoto } from '../study/explain.ts';
import { version } from '../version.ts';
import { learnedPhotos } from './learnedPhotos.ts';
import type { TrainOptions, TrainPlatform } from './options.ts';

export interface ExplainOptions
  extends Pick<
    TrainOptions,
    'backbone' | 'cut' | 'device' | 'threads' | 'signal' | 'onProgress' | 'onDownload' | 'onWarning'
  > {
  /** The classifier.onnx to be explained, or its folder. */
  readonly classifier: string;
  /**
   * Photos among which the most similar ones are looked up, as for training. Unless told, those that the classifier
   * learned from, as far as the cache knows where they are.
   */
  readonly photos?: string | undefined;
}

/** The platform that explaining needs. */
export interface ExplainPlatform extends TrainPlatform {
  readonly findPhoto: (path: string) => Promise<ImageItem>;
  /** The part of a photo that the network sees, as WebP. */
  readonly picture: (file: string, preprocessing: Preprocessing) => Promise<Uint8Array>;
}

/**
 * Why a classifier says what it says of one photo: its bottleneck values, the units that speak for each class and where
 * they fire, and the most similar photos.
 * @returns the result, and the page that draws it
 */
export async function explainOn(
  path: string,
  options: ExplainOptions,
  platform: ExplainPlatform,
): Promise<{ result: ExplainResult; page: string }> {
  const { file, bytes } = await platform.readClassifier(options.classifier, options.classifier);
  const classifier = readPrevious(bytes, file, (card, named) => requireTask(card, named, 'single-label'));
  const backbone = await backboneFor(classifier, options, (spec) => platform.resolveBackbone(spec, options));
  const { threads, signal, onProgress: progress } = options;
  const item = await platform.findPhoto(path);
  const { stage } = classifier.card.backbone;
  const needs = { spatial: true, stage };
  const photo = await extractLooks([item], backbone, platform, { needs, threads, signal });
  const learned = options.photos === undefined ? await learnedPhotos(classifier.card, platform) : undefined;
  const items =
    learned?.items ??
    (await platform.findImageSet(options.photos ?? '', { flat: true, known: classifier.card.labels })).items;
  const found =
    items.length > 0 ? await extractLooks(items, backbone, platform, { threads, signal, progress }) : undefined;
  // The photo itself is no news.
  const rows = [...(found?.photos.keys() ?? [])].filter((row) => found?.photos[row].sha256 !== photo.photos[0].sha256);
  const others = found && rows.length > 0 ? gather(found.features, rows) : undefined;
  const { classes, isKnown, features, neighbours } = await explainPhoto(
    classifier,
    backbone,
    photo,
    others,
    platform.openSession,
  );
  const shown = neighbours.flatMap(({ row, similarity }) =>
    found ? [{ ...found.items[rows[row]], sha256: found.photos[rows[row]].sha256, similarity }] : [],
  );
  const result: ExplainResult = {
    version,
    command: 'explain',
    photo: path,
    classifier: file,
    backbone: { name: backbone.name, width: backbone.network.width },
    ...(isKnown === undefined ? {} : { isKnown }),
    classes: classes.map(({ map, units, depths, ...one }) => ({
      ...one,
      units: [...units],
      ...(depths ? { depths: [...depths] } : {}),
      map: map ? { ...map, values: [...map.values] } : null,
    })),
    features: [...features],
    among: options.photos ?? null,
    folder: learned?.folder || null,
    compared: rows.length,
    neighbours: shown.map(({ path: neighbour, labels: [label], similarity }) => ({
      path: neighbour,
      ...(label === undefined ? {} : { label }),
      similarity,
    })),
  };
  const picture = await platform.picture(item.file, backbone.preprocessing);
  return { result, page: explainReport(result, picture, await thumbnails(shown, platform)) };
}
