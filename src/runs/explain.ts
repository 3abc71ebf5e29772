/** Explains the answer for a photo. */

import { requireTask } from '../classifier/card.ts';
import { backboneFor, type PreviousClassifier, readPrevious } from '../classifier/previous.ts';
import { learnedFrom } from '../classifier/trainedPhotos.ts';
import { extractFeatures } from '../features/extract.ts';
import { gather } from '../features/mapTable.ts';
import { thumbnails } from '../features/thumbnails.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { explainReport } from '../report/explainReport.ts';
import type { ExplainResult } from '../results/explainResult.ts';
import type { ImageItem } from '../sets/imageSet.ts';
import { explainPhoto } from '../study/explain.ts';
import { version } from '../version.ts';
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
  const photo = await extractFeatures([item], backbone, platform, { needs: { spatial: true }, threads, signal });
  const learned = options.photos === undefined ? await learnedPhotos(classifier, platform) : undefined;
  const items =
    learned?.items ??
    (await platform.findImageSet(options.photos ?? '', { flat: true, known: classifier.card.labels })).items;
  const found =
    items.length > 0 ? await extractFeatures(items, backbone, platform, { threads, signal, progress }) : undefined;
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
    classes: classes.map(({ map, units, ...one }) => ({
      ...one,
      units: [...units],
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

/** What the classifier learned from and is still where the cache saw it, unchanged; without labels, which no card has. */
async function learnedPhotos(
  { card }: PreviousClassifier,
  { store, stamp }: ExplainPlatform,
): Promise<{ readonly folder: string; readonly items: ImageItem[] }> {
  const isLearned = learnedFrom(card.training.photos);
  const photos = new Map<string, string[]>();
  for await (const file of store.files()) {
    const now = stamp(file);
    const sha256 = now && (await store.sha256At(file, now));
    if (sha256 && isLearned(sha256)) photos.set(sha256, [...(photos.get(sha256) ?? []), file]);
  }
  const files = likeliestPlaces([...photos.values()]).sort();
  const folder = sharedFolder(files);
  return {
    folder,
    items: files.map((file) => ({ path: file.slice(folder.length).replaceAll('\\', '/'), file, labels: [] })),
  };
}

/**
 * Of copies of a photo, the one in the folder that holds most of the photos that were learned, folder by folder from the
 * top: other projects hold copies of some, the set itself all.
 */
export function likeliestPlaces(photos: readonly (readonly string[])[]): string[] {
  const learned = new Map<string, number>();
  for (const files of photos)
    for (const folder of new Set(files.flatMap(foldersOf))) learned.set(folder, (learned.get(folder) ?? 0) + 1);
  const isLikelier = (a: string, b: string): boolean => {
    const [ours, theirs] = [foldersOf(a), foldersOf(b)];
    const apart = ours.findIndex((folder, depth) => folder !== theirs[depth]);
    if (apart < 0) return a < b;
    const more = (learned.get(ours[apart]) ?? 0) - (learned.get(theirs[apart] ?? '') ?? 0);
    return more === 0 ? ours[apart] < (theirs[apart] ?? '') : more > 0;
  };
  return photos.map((files) => files.reduce((best, file) => (isLikelier(file, best) ? file : best)));
}

/** The folders in which a file lies, the highest first. */
function foldersOf(file: string): string[] {
  return [...file.matchAll(/[/\\]/g)].map(({ index }) => file.slice(0, index + 1));
}

/** The folder, with its separator, in which all of the sorted files lie; empty where there is none. */
function sharedFolder(files: readonly string[]): string {
  const [first = '', last = ''] = [files[0], files.at(-1)];
  let same = 0;
  while (same < first.length && first[same] === last[same]) same++;
  return first.slice(0, Math.max(first.lastIndexOf('/', same - 1), first.lastIndexOf('\\', same - 1)) + 1);
}
