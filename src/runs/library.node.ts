/** What the library does with folders and files, a function for each verb, which loads what it needs when it is called. */

import { dirname } from 'node:path';
import { classifierIn } from '../classifier/find.node.ts';
import { abortable, throwIfAborted } from '../errors.ts';
import { usualMargin } from '../metrics/nonInferiority.ts';
import type { BackbonesResult, CheckResult, GetResult } from '../results/backbonesResult.ts';
import type { DryRunResult } from '../results/dryRunResult.ts';
import type { EditResult } from '../results/editResult.ts';
import type { ExplainResult } from '../results/explainResult.ts';
import type { InspectResult } from '../results/inspectResult.ts';
import type { NextResult } from '../results/nextResult.ts';
import type { OneClassResult } from '../results/oneClassResult.ts';
import type { StudyResult } from '../results/studyResult.ts';
import type { AnyTrainResult } from '../results/trainResult.ts';
import { availableCores } from '../runtime/cores.node.ts';
import { ensureFolder, requireEnding, writeWhole } from '../runtime/files.node.ts';
import { openSession } from '../runtime/platform.node.ts';
import { findImages, findPhoto } from '../sets/find.node.ts';
import { version } from '../version.ts';
import type { PhotoEdits } from './edit.node.ts';
import type { ExplainOptions } from './explain.ts';
import { type LoadOptions, readToOpen } from './load.node.ts';
import type { NextOptions } from './next.ts';
import type { OneClassOptions, TrainOptions } from './options.ts';
import { modelFolder, photograph, withPlatform } from './platform.node.ts';
import { requireText } from './requireOptions.ts';
import { findAnywhere } from './sourcePlatform.node.ts';
import type { StudyRunOptions } from './study.ts';
import type { DryRunOptions } from './understand.ts';

const defaults = { out: 'carafe-out', balance: false, refit: false, falsePositiveRate: 0.01 };

/**
 * Trains a classifier on a folder with one sub-folder per class, or on a .csv or .jsonl list, and writes
 * `classifier.onnx` and `report.html` into `options.out`. If photos in a list have several labels, or none, the result's
 * `task` is `multi-label`.
 * @throws CarafeError of the photos NOT_FOUND, UNREADABLE, NO_IMAGES, BAD_LIST, TOO_FEW_CLASSES, TOO_FEW_IMAGES,
 * ALL_IMAGES_FAILED; of the backbone NOT_FOUND, UNAVAILABLE, BAD_MODEL, UNSUPPORTED_MODEL, NO_PREPROCESSING, NO_CUT; of options
 * USAGE; of what it writes UNWRITABLE, CACHE_LOST; INTERRUPTED by `signal`
 */
export function train(source: string, options: Partial<TrainOptions> = {}): Promise<AnyTrainResult> {
  return withPlatform(source, options, async (platform) => {
    const { train: trainOn } = await import('./verbs.node.ts');
    return trainOn(source, { ...defaults, ...options }, platform);
  });
}

/**
 * Finds the classes, their photos, the set's own split and the files left out, without reading photos or writing anything;
 * returns what `carafe train --dry-run --json` prints.
 * @throws CarafeError NOT_FOUND, UNREADABLE, NO_IMAGES, BAD_LIST, USAGE
 */
export async function dryRun(source: string, options: DryRunOptions = {}): Promise<DryRunResult> {
  const { dryRunOn } = await import('./verbs.node.ts');
  return dryRunOn(source, options, { findImageSet: findAnywhere });
}

/**
 * Trains a one-class classifier on a folder of normal photos, or on the class `options.normal` of a set, and writes
 * `classifier.onnx` and `report.html` into `options.out`.
 * @throws CarafeError as `train` does
 */
export function trainOneClass(source: string, options: Partial<OneClassOptions> = {}): Promise<OneClassResult> {
  const { out, falsePositiveRate } = defaults;
  return withPlatform(source, options, async (platform) => {
    const { trainOneClass: trainOn } = await import('./verbs.node.ts');
    return trainOn(source, { out, falsePositiveRate, ...options }, { ...platform, photograph });
  });
}

/**
 * The embedded backbone and the catalogue, and which files of it lie here; what `carafe backbones --json` prints.
 * @throws nothing of its own
 */
export async function backbones(): Promise<BackbonesResult> {
  const { listBackbones } = await import('./verbs.node.ts');
  return { version, command: 'backbones', backbones: await listBackbones(modelFolder()) };
}

/**
 * Downloads a backbone ahead of time (named as for `train`), so that training needs no connection; returns what
 * `carafe backbones get --json` prints.
 * @throws CarafeError USAGE, NOT_FOUND, UNAVAILABLE, UNWRITABLE; INTERRUPTED by `signal`
 */
export function getBackbone(
  backbone: string,
  options: Pick<TrainOptions, 'onDownload' | 'onWarning' | 'signal'> = {},
): Promise<GetResult> {
  const { onDownload, onWarning, signal } = options;
  requireText('backbone', backbone);
  return abortable(signal, async () => {
    const { getBackbone: getOn } = await import('./verbs.node.ts');
    const where = { openSession, onDownload, onTerms: onWarning, signal, modelFolder: modelFolder() };
    return { version, command: 'backbones get', ...(await getOn(backbone, where)) };
  });
}

/**
 * Compares preprocessings and cuts of a backbone on the user's photos; returns what `carafe backbones check --json` prints.
 * @throws CarafeError as `train` does
 */
export function checkBackbone(
  backbone: string,
  source: string,
  options: Partial<TrainOptions> = {},
): Promise<CheckResult> {
  return withPlatform(source, options, async (platform) => {
    const { checkOn } = await import('./verbs.node.ts');
    return checkOn(source, { ...defaults, ...options, backbone }, platform);
  });
}

/**
 * Inspects the layers of a backbone (named as for `train`) or a classifier; returns what `carafe inspect --json` prints.
 * @throws CarafeError NOT_FOUND, UNREADABLE, UNAVAILABLE, BAD_MODEL, NO_CUT; INTERRUPTED by `signal`
 */
export async function inspect(
  network: string,
  options: Pick<TrainOptions, 'cut' | 'onDownload' | 'onWarning' | 'signal'> = {},
): Promise<InspectResult> {
  const { cut, onDownload, onWarning, signal } = options;
  throwIfAborted(signal);
  const file = await classifierIn(network);
  const where = { modelFolder: modelFolder(), onDownload, onTerms: onWarning, signal };
  const { inspectFile } = await import('./verbs.node.ts');
  return {
    version,
    command: 'inspect',
    file,
    ...(await inspectFile(file, { openSession, cut, ...where })),
  };
}

/** The page that draws an inspected network. @throws CarafeError USAGE where the path does not end in .html; UNWRITABLE */
export async function writeInspectReport(result: InspectResult, path: string): Promise<void> {
  requireEnding('html', path, '.html');
  const { inspectReport } = await import('./verbs.node.ts');
  await writeWhole(path, inspectReport(result));
}

/**
 * Measures how narrow a bottleneck may be on the user's photos; returns what `carafe study --json` prints. Writes
 * `study.html` and its pictures into `options.out`.
 * @throws CarafeError as `train` does
 */
export function study(source: string, options: Partial<StudyRunOptions> = {}): Promise<StudyResult> {
  return withPlatform(source, options, async (platform) => {
    const { openMeasurers, runStudy } = await import('./verbs.node.ts');
    const usual = { out: 'carafe-study', depth: 'usual', margin: usualMargin } as const;
    return runStudy(source, { ...usual, ...options }, { ...platform, openMeasurers });
  });
}

/**
 * Explains a classifier's answer for one photo; returns what `carafe explain --json` prints. Writes a page to
 * `options.html`, if given.
 * @throws ImageError where the photo cannot be decoded; CarafeError NOT_FOUND, UNREADABLE, NOT_A_CLASSIFIER, BAD_MODEL, USAGE,
 * UNWRITABLE; INTERRUPTED by `signal`
 */
export function explain(
  photo: string,
  { html, ...options }: ExplainOptions & { readonly html?: string | undefined },
): Promise<ExplainResult> {
  if (html) requireEnding('html', html, '.html');
  return withPlatform(photo, { ...options, ...(html !== undefined && { html }) }, async (platform) => {
    if (html) await ensureFolder(dirname(html));
    const { explainOn, pictureSeen: picture } = await import('./verbs.node.ts');
    const { result, page } = await explainOn(photo, options, { ...platform, findPhoto, picture });
    if (html) await writeWhole(html, page);
    return result;
  });
}

/**
 * Chooses the photos of an unlabelled folder to label first; returns what `carafe next --json` prints. Writes them to
 * `options.out`, a list (.csv) or a folder of copies (`carafe-next.csv` by default).
 * @throws CarafeError as `train` does
 */
export function nextPhotos(source: string, options: NextOptions = {}): Promise<NextResult> {
  const { out = 'carafe-next.csv' } = options;
  return withPlatform(source, options, async (platform) => {
    const { nextOn, requireRoom, writeChosen } = await import('./verbs.node.ts');
    await requireRoom(out);
    const { result, files } = await nextOn(source, options, { ...platform, findImages });
    await writeChosen(out, result.photos, files);
    return { ...result, written: out };
  });
}

/**
 * Removes, merges or renames classes of a classifier.onnx with any head, without photos; adds photos if the head learns
 * without training (knn, prototype). Writes the result to `to` (by default next to the old file, -edited.onnx); returns what
 * `carafe edit --json` prints.
 * @throws CarafeError NOT_FOUND, UNREADABLE, NOT_A_CLASSIFIER, BAD_MODEL, USAGE where the head or the classes do not allow the edit,
 * UNWRITABLE; INTERRUPTED by `signal`
 */
export async function editClassifier(
  path: string,
  edits: PhotoEdits,
  to: string | undefined,
  options: Omit<LoadOptions, 'workers'> = {},
): Promise<EditResult> {
  requireText('path', path);
  const { signal } = options;
  if (to !== undefined) requireEnding('to', to, '.onnx');
  return abortable(signal, async () => {
    const { file, bytes } = await readToOpen(path, options);
    const context = { openSession, threads: options.threads ?? availableCores(), seed: 0, signal };
    const { editPhotos } = await import('./verbs.node.ts');
    return editPhotos(bytes, file, edits, to ?? file.replace(/(\.onnx)?$/, '-edited.onnx'), context);
  });
}
