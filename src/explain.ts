import { backboneOf, readEarlier, requireSameBackbone } from './classifier/earlier.ts';
import { extractFeatures } from './features/extract.ts';
import { gather } from './features/mapTable.ts';
import { thumbnails } from './features/thumbnails.ts';
import type { ImageItem } from './images/imageSet.ts';
import type { Preprocessing } from './images/preprocessing.ts';
import { explainReport } from './report/explainReport.ts';
import type { ExplainResult } from './report/explainResult.ts';
import { explainPhoto } from './study/explain.ts';
import type { TrainOptions, TrainPlatform } from './trainOptions.ts';
import { version } from './version.ts';

export interface ExplainOptions
  extends Pick<
    TrainOptions,
    'backbone' | 'cut' | 'device' | 'threads' | 'signal' | 'onProgress' | 'onDownload' | 'onWarning'
  > {
  /** The classifier.onnx to be explained. */
  readonly classifier: string;
  /** Photos among which the most similar ones are looked up, as for training. */
  readonly photos?: string | undefined;
}

/** What explaining needs besides. */
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
  const classifier = readEarlier(await platform.read(options.classifier), options.classifier);
  const network = options.backbone ?? backboneOf(classifier);
  const backbone = requireSameBackbone(await platform.resolveBackbone(network, options), classifier);
  const { threads, signal, onProgress: progress } = options;
  const item = await platform.findPhoto(path);
  const photo = await extractFeatures([item], backbone, platform, { needs: { spatial: true }, threads, signal });
  const set = options.photos === undefined ? undefined : await platform.findImageSet(options.photos, { flat: true });
  const found = set && (await extractFeatures(set.items, backbone, platform, { threads, signal, progress }));
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
    classifier: options.classifier,
    backbone: { name: backbone.name, width: backbone.network.width },
    ...(isKnown === undefined ? {} : { isKnown }),
    classes: classes.map(({ map, units, ...one }) => ({
      ...one,
      units: [...units],
      map: map ? { ...map, values: [...map.values] } : null,
    })),
    features: [...features],
    compared: rows.length,
    neighbours: shown.map(({ path: neighbour, labels: [label], similarity }) => ({
      path: neighbour,
      label,
      similarity,
    })),
  };
  const picture = await platform.picture(item.file, backbone.preprocessing);
  return { result, page: explainReport(result, picture, await thumbnails(shown, platform)) };
}
