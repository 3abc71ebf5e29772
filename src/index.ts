/** The Node API. */

import { dirname, join } from 'node:path';
import { inspectFile } from './backbone/inspectFile.node.ts';
import { listBackbones } from './backbone/listBackbones.node.ts';
import { resolveBackbone } from './backbone/resolve.node.ts';
import type { Prediction, Verification } from './classifier/classifier.ts';
import { Classifier } from './classifier/classifier.ts';
import { classifierIn, readClassifier } from './classifier/find.node.ts';
import { abortable, CarafeError, ImageError, throwIfAborted } from './errors.ts';
import { cacheFolder } from './features/cacheFolder.node.ts';
import { openStore } from './features/lmdbStore.node.ts';
import { extractionPlatform } from './features/platform.node.ts';
import { crop } from './images/crop.ts';
import { decodePhoto, encodePicture, readPhoto } from './images/decode.node.ts';
import { overlaid } from './images/overlay.node.ts';
import { prepare } from './images/prepare.node.ts';
import { usualMargin } from './metrics/nonInferiority.ts';
import { inspectReport } from './report/inspectReport.ts';
import type { BackbonesResult, CheckResult } from './results/backbonesResult.ts';
import type { DryRunResult } from './results/dryRunResult.ts';
import type { EditResult } from './results/editResult.ts';
import type { ExplainResult } from './results/explainResult.ts';
import type { InspectResult } from './results/inspectResult.ts';
import type { OneClassResult } from './results/oneClassResult.ts';
import type { EvaluateResult, PredictResult } from './results/predictResult.ts';
import type { StudyResult } from './results/studyResult.ts';
import type { AnyTrainResult, LabelsResult, TrainResult } from './results/trainResult.ts';
import { checkOn } from './runs/checkBackbone.ts';
import { editPhotos, type PhotoEdits } from './runs/edit.node.ts';
import { evaluateOn } from './runs/evaluate.ts';
import { type ExplainOptions, explainOn } from './runs/explain.ts';
import { type LoadOptions, type PhotoClassifier, readToOpen } from './runs/load.node.ts';
import type { OneClassOptions, TrainOptions, TrainPlatform } from './runs/options.ts';
import { predictEach, requireSome } from './runs/predictEach.ts';
import { readHashed, readViews, trainedViews } from './runs/readFor.node.ts';
import { requireOptions, requireText } from './runs/requireOptions.ts';
import { runStudy, type StudyRunOptions } from './runs/study.ts';
import { train as trainOn } from './runs/train.ts';
import { trainOneClass as trainOneClassOn } from './runs/trainOneClass.ts';
import { type DryRunOptions, dryRunOn } from './runs/understand.ts';
import { availableCores } from './runtime/cores.node.ts';
import { appendTo, ensureFolder, writeWhole } from './runtime/files.node.ts';
import { openSession, requireDevice } from './runtime/platform.node.ts';
import { findImageSet, findImages, findPhoto } from './sets/find.node.ts';
import type { FindOptions, ImageItem } from './sets/imageSet.ts';
import { openMeasurers } from './study/workers.node.ts';
import { version } from './version.ts';

export type { Card } from './classifier/card.ts';
export type { PredictionOptions, WithFeatures } from './classifier/classifier.ts';
export type { Detection, DetectionOptions, Heatmap } from './classifier/detector.ts';
export { writeSampleImages } from './demo/writeSample.node.ts';
export type { ErrorCode, ImageFailureCode } from './errors.ts';
export { cacheContents, clearCache, pruneCache, verifyCache } from './features/cacheTools.node.ts';
export type { ExtractionProgress } from './features/extraction.ts';
export type { OneClassHeadName } from './heads/oneClass/registry.ts';
export type { HeadName } from './heads/registry.ts';
export type { Limits } from './images/limits.ts';
export type { Photo } from './images/photo.node.ts';
export type { Evaluation, Interval, JudgedPhoto } from './metrics/evaluation.ts';
export type { BackbonesResult, CheckResult } from './results/backbonesResult.ts';
export type { DryRunResult } from './results/dryRunResult.ts';
export type { EditResult } from './results/editResult.ts';
export type { ExplainResult } from './results/explainResult.ts';
export type { InspectResult } from './results/inspectResult.ts';
export type { OneClassEvaluateResult, OneClassResult } from './results/oneClassResult.ts';
export type { DetectResult, EvaluateResult, PredictResult, VerifyResult } from './results/predictResult.ts';
export type { StudyResult } from './results/studyResult.ts';
export { detectPhotos, evaluateDetector, PhotoDetector } from './runs/detect.node.ts';
export type { PhotoEdits } from './runs/edit.node.ts';
export type { ExplainOptions } from './runs/explain.ts';
export {
  type ClassifierSource,
  type LoadOptions,
  loadClassifier,
  loadDetector,
  loadFile,
  PhotoClassifier,
} from './runs/load.node.ts';
export type { StudyRunOptions } from './runs/study.ts';
export type { Device, Pixels } from './runtime/platform.ts';
export type { AnyTrainResult, LabelsResult, OneClassOptions, Prediction, TrainOptions, TrainResult, Verification };
export { CarafeError, Classifier, ImageError, version };

const defaults = { out: 'carafe-out', balance: false, refit: false, falsePositiveRate: 0.01 };

/**
 * Trains a classifier on a folder with one sub-folder per class, or on a .csv or .jsonl list, and writes
 * `classifier.onnx` and `report.html` into `options.out`. If photos in a list have several labels, or none, the result's
 * `task` is `multi-label`.
 */
export function train(source: string, options: Partial<TrainOptions> = {}): Promise<AnyTrainResult> {
  return withPlatform(source, options, (platform) => trainOn(source, { ...defaults, ...options }, platform));
}

/**
 * Finds the classes, their photos, the set's own split and the files left out, without reading photos or writing anything;
 * returns what `carafe train --dry-run --json` prints.
 */
export function dryRun(source: string, options: DryRunOptions = {}): Promise<DryRunResult> {
  return dryRunOn(source, options, { findImageSet });
}

/**
 * Trains a one-class classifier on a folder of normal photos, or on the class `options.normal` of a set, and writes
 * `classifier.onnx` and `report.html` into `options.out`.
 */
export function trainOneClass(source: string, options: Partial<OneClassOptions> = {}): Promise<OneClassResult> {
  return withPlatform(source, options, (platform) =>
    trainOneClassOn(
      source,
      { out: defaults.out, falsePositiveRate: defaults.falsePositiveRate, ...options },
      {
        ...platform,
        photograph: (file, overlay) =>
          overlaid(file, overlay, reportEdge, 'webp').catch((error: unknown) => {
            if (error instanceof ImageError) return undefined;
            throw error;
          }),
      },
    ),
  );
}

/** Long edge of the photos in a one-class report: large enough for small defects. */
const reportEdge = 320;

/** Hands in what only Node has, with the cache open as long as the work takes. */
async function withPlatform<T>(
  source: string,
  options: Pick<TrainOptions, 'device' | 'onWarning' | 'signal'>,
  work: (platform: TrainPlatform) => Promise<T>,
): Promise<T> {
  requireText('source', source);
  requireOptions(options);
  const { device = 'cpu', onWarning, signal } = options;
  requireDevice(device);
  return abortable(signal, async () => {
    const store = openStore({ onWarning });
    try {
      return await work({
        ...extractionPlatform(store, device),
        openSession,
        cores: availableCores(),
        findImageSet,
        resolveBackbone: (spec, { cut, preprocessing, onDownload, signal }) =>
          resolveBackbone(spec, { openSession, cut, preprocessing, onDownload, signal, modelFolder: modelFolder() }),
        prepare,
        ensureFolder,
        readClassifier,
        write: writeWhole,
        append: appendTo,
      });
    } finally {
      await store.close();
    }
  });
}

/** Where downloaded networks are kept, for all projects. */
function modelFolder(): string {
  return join(cacheFolder(), 'models');
}

/** The embedded backbone and the catalogue; what `carafe backbones --json` prints. */
export async function backbones(): Promise<BackbonesResult> {
  return { version, command: 'backbones', backbones: await listBackbones(modelFolder()) };
}

/** Compares preprocessings and cuts of a backbone on the user's photos; returns what `carafe backbones check --json` prints. */
export function checkBackbone(
  backbone: string,
  source: string,
  options: Partial<TrainOptions> = {},
): Promise<CheckResult> {
  return withPlatform(source, options, (platform) => checkOn(source, { ...defaults, ...options, backbone }, platform));
}

/**
 * Inspects the layers of a backbone (named as for `train`) or a classifier; returns what `carafe inspect --json` prints.
 */
export async function inspect(
  network: string,
  options: Pick<TrainOptions, 'cut' | 'onDownload' | 'signal'> = {},
): Promise<InspectResult> {
  const { cut, onDownload, signal } = options;
  throwIfAborted(signal);
  const file = await classifierIn(network);
  const where = { modelFolder: modelFolder(), onDownload, signal };
  return {
    version,
    command: 'inspect',
    file,
    ...(await inspectFile(file, { openSession, cut, ...where })),
  };
}

/** The page that draws an inspected network. */
export async function writeInspectReport(result: InspectResult, path: string): Promise<void> {
  await writeWhole(path, inspectReport(result));
}

/**
 * Measures how narrow a bottleneck may be on the user's photos; returns what `carafe study --json` prints. Writes
 * `study.html` and its pictures into `options.out`.
 */
export function study(source: string, options: Partial<StudyRunOptions> = {}): Promise<StudyResult> {
  return withPlatform(source, options, (platform) =>
    runStudy(
      source,
      { out: 'carafe-study', depth: 'usual', margin: usualMargin, ...options },
      { ...platform, openMeasurers },
    ),
  );
}

/**
 * Explains a classifier's answer for one photo; returns what `carafe explain --json` prints. Writes a page to
 * `options.html`, if given.
 */
export function explain(
  photo: string,
  { html, ...options }: ExplainOptions & { readonly html?: string | undefined },
): Promise<ExplainResult> {
  return withPlatform(photo, { ...options, ...(html !== undefined && { html }) }, async (platform) => {
    if (html) await ensureFolder(dirname(html));
    const { result, page } = await explainOn(photo, options, {
      ...platform,
      findPhoto,
      picture: async (file, { crop: size, ...preprocessing }) =>
        encodePicture(crop((await decodePhoto(await readPhoto(file), preprocessing)).pixels, size)),
    });
    if (html) await writeWhole(html, page);
    return result;
  });
}

/**
 * Removes, merges or renames classes of a classifier.onnx with any head, without photos; adds photos if the head learns
 * without training (knn, prototype). Writes the result to `to` (by default next to the old file, -edited.onnx); returns what
 * `carafe edit --json` prints.
 */
export async function editClassifier(
  path: string,
  edits: PhotoEdits,
  to: string | undefined,
  options: Omit<LoadOptions, 'workers'> = {},
): Promise<EditResult> {
  requireText('path', path);
  const { signal } = options;
  return abortable(signal, async () => {
    const { file, bytes } = await readToOpen(path, options);
    const context = { openSession, threads: options.threads ?? availableCores(), seed: 0, signal };
    return editPhotos(bytes, file, edits, to ?? file.replace(/(\.onnx)?$/, '-edited.onnx'), context);
  });
}

export interface PredictOptions {
  /** Number of classes to return for each photo, the likeliest first (1 by default). */
  readonly top?: number;
  /** Test-time augmentation: average over as many distorted views as in training. Slower, sometimes better. */
  readonly averageViews?: boolean;
  readonly signal?: AbortSignal;
}

/** Classifies photos, given as files, folders or patterns; returns what `carafe predict --json` prints. */
export async function predictPhotos(
  classifier: PhotoClassifier,
  paths: readonly string[],
  { top = 1, averageViews = false, signal }: PredictOptions = {},
): Promise<PredictResult> {
  requireOptions({ top, averageViews });
  throwIfAborted(signal);
  const views = averageViews ? trainedViews(classifier) : [];
  const photos = await findImages(paths);
  const predictions: PredictResult['predictions'] = [];
  const { preprocessing } = classifier.card;
  const sources = photos.map(({ path, file }) => ({
    path,
    read: () => readViews(preprocessing, file, views, classifier.limits),
  }));
  const predict = async ({ all: [pixels, ...others], remarks }: Awaited<ReturnType<typeof readViews>>) => ({
    ...(await classifier.predictPixels(pixels, others)),
    remarks,
  });
  for await (const answer of predictEach(predict, sources, { parallel: classifier.parallel, signal })) {
    if ('code' in answer) predictions.push(answer);
    else {
      const { label, probability, classes, labels, unknownScore, isKnown, remarks } = answer.prediction;
      const several = labels && { labels: [...labels] };
      const unknown = unknownScore === undefined ? {} : { unknownScore, isKnown };
      predictions.push({
        path: answer.path,
        label,
        probability,
        classes: classes.slice(0, top),
        ...several,
        ...unknown,
        ...(remarks ? { remarks: [...remarks] } : {}),
      });
    }
  }
  requireSome(predictions);
  return { version, command: 'predict', classifier: classifier.source, predictions };
}

export interface EvaluateOptions
  extends Pick<FindOptions, 'groupBy' | 'pathColumn' | 'labelColumn' | 'splitColumn' | 'encoding'> {
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal;
}

/** Evaluates a classifier on labelled photos that it has not seen; returns what `carafe evaluate --json` prints. */
export async function evaluateClassifier(
  classifier: PhotoClassifier,
  source: string,
  { seed = 0, signal, ...find }: EvaluateOptions = {},
): Promise<EvaluateResult> {
  requireText('source', source);
  requireOptions({ ...find, seed });
  throwIfAborted(signal);
  const set = await findImageSet(source, { ...find, known: classifier.labels });
  const { preprocessing } = classifier.card;
  const read = ({ file }: ImageItem) => readHashed(preprocessing, file, classifier.limits);
  const { failed, learned, notes, ...figures } = await evaluateOn(classifier, set, read, { seed, signal });
  const images = { found: set.items.length, failed, learned, notes };
  return { version, command: 'evaluate', classifier: classifier.source, images, ...figures };
}
