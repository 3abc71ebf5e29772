/** One-class classifiers in Node: photos by path, heatmaps as files. */

import { basename, extname, join } from 'node:path';
import type { WithFeatures } from '../classifier/classifier.ts';
import { type Detection, type DetectionOptions, Detector } from '../classifier/detector.ts';
import { CarafeError, throwIfAborted } from '../errors.ts';
import { resizingFor } from '../images/framing.ts';
import { heatmapColours } from '../images/heatmapColours.ts';
import type { Limits } from '../images/limits.ts';
import { overlaid } from '../images/overlay.node.ts';
import { type Photo, pixelsOf } from '../images/photo.node.ts';
import type { OneClassEvaluateResult } from '../results/oneClassResult.ts';
import type { DetectResult } from '../results/predictResult.ts';
import { ensureFolder, writeWhole } from '../runtime/files.node.ts';
import { findImageSet, findImages } from '../sets/find.node.ts';
import { type FindOptions, type ImageItem, requireOneLabel } from '../sets/imageSet.ts';
import { version } from '../version.ts';
import { predictEach, requireSome } from './predictEach.ts';
import { readHashed } from './readFor.node.ts';

/** A one-class classifier that reads photos by itself. */
export class PhotoDetector extends Detector {
  /** How large a photo may be that it reads. */
  limits: Partial<Limits> = {};

  /** Says how normal a photo is. @throws ImageError where it cannot be read; CarafeError USAGE, INTERRUPTED */
  detect(photo: Photo, options: DetectionOptions & { readonly features: true }): Promise<WithFeatures<Detection>>;
  detect(photo: Photo, options?: DetectionOptions): Promise<Detection>;
  detect(photo: Photo, options: DetectionOptions = {}): Promise<Detection> {
    const { limits, isInThreads } = this;
    const { signal } = options;
    return this.answerTo(
      () => pixelsOf(photo, resizingFor(this.card.preprocessing), { limits, signal, aside: isInThreads }),
      options,
    );
  }
}

export interface DetectOptions {
  /** A folder for the photos with their heatmaps, as PNG. */
  readonly heatmaps?: string | undefined;
  /** Give with each answer the most similar photos that it learned from, where they still are (`evidence`). */
  readonly why?: boolean | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Says which photos are normal; what `carafe predict --json` prints with a one-class classifier.
 * @throws CarafeError as `predictPhotos` does; USAGE where heatmaps are wanted and the head has none, UNWRITABLE
 */
export async function detectPhotos(
  detector: PhotoDetector,
  paths: readonly string[],
  { heatmaps, why = false, signal }: DetectOptions = {},
): Promise<DetectResult> {
  throwIfAborted(signal);
  const photos = await findImages(paths);
  const scale = detector.card.heatmap;
  if (heatmaps !== undefined && !scale) throw noHeatmaps(detector);
  if (heatmaps !== undefined) await ensureFolder(heatmaps);
  const predictions: DetectResult['predictions'] = [];
  const { preprocessing } = detector.card;
  const sources = photos.map(({ path, file }) => ({
    path,
    read: () => readHashed(preprocessing, file, detector.limits),
  }));
  const detect = async ({ pixels, remarks }: Awaited<ReturnType<typeof readHashed>>) => ({
    ...(await detector.detectPixels(pixels)),
    remarks,
  });
  for await (const answer of predictEach(detect, sources, { parallel: detector.parallel, signal })) {
    const place = predictions.length;
    if ('code' in answer) {
      predictions.push(answer);
      continue;
    }
    const { score, isNormal, heatmap, remarks } = answer.prediction;
    const label = isNormal ? ('normal' as const) : ('abnormal' as const);
    const picture = heatmaps && heatmap && scale && overlayPath(heatmaps, place, answer.path);
    if (picture && heatmap && scale)
      await writeWhole(picture, await overlaid(photos[place].file, heatmapColours(heatmap, scale)));
    predictions.push({
      ...{ path: answer.path, label, score, isNormal },
      ...(picture ? { heatmap: picture } : {}),
      ...(remarks ? { remarks: [...remarks] } : {}),
    });
  }
  requireSome(predictions);
  const result = { version, command: 'predict', classifier: detector.source, predictions } as const;
  if (!why) return result;
  const { withEvidence } = await import('./verbs.node.ts');
  return withEvidence(result, photos, { threads: detector.parallel, signal });
}

/** Named after the photo, and numbered, since two folders may hold photos of one name. */
function overlayPath(folder: string, place: number, path: string): string {
  return join(folder, `${String(place + 1).padStart(4, '0')}-${basename(path, extname(path))}.png`);
}

function noHeatmaps({ source, card }: PhotoDetector): CarafeError {
  return new CarafeError(
    'USAGE',
    `\`heatmaps\`: ${source} has none, since its head '${card.head.name}' looks at the photo as a whole.`,
    "Train with `head: 'patchcore'` or `head: 'padim'`.",
  );
}

/**
 * Measures a one-class classifier on photos that it has not seen; all classes but `normal` are abnormal.
 * @throws CarafeError as `evaluateClassifier` does
 */
export async function evaluateDetector(
  detector: PhotoDetector,
  source: string,
  options: Omit<FindOptions, 'known'> & {
    readonly normal?: string | undefined;
    readonly seed?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<OneClassEvaluateResult> {
  throwIfAborted(options.signal);
  const { evaluateOneClass, oneClassVerdict, usualNormals } = await import('./verbs.node.ts');
  const set = await findImageSet(source, {
    ...options,
    known: options.normal === undefined ? usualNormals : [options.normal],
  });
  requireOneLabel(set);
  const read = ({ file }: ImageItem) => readHashed(detector.card.preprocessing, file, detector.limits);
  const { evaluation, failed, learned, notes } = await evaluateOneClass(detector, set, read, options);
  const images = { found: set.items.length, failed, learned, notes };
  const verdict = oneClassVerdict(evaluation);
  return { version, command: 'evaluate', classifier: detector.source, images, evaluation, verdict };
}
