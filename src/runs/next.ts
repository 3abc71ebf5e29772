/** Which photos of an unlabelled folder to label first. */

import type { Backbone } from '../backbone/backbone.ts';
import { requireNamedCard } from '../classifier/card.ts';
import { backboneFor, type PreviousClassifier, previousProbabilities, readPrevious } from '../classifier/previous.ts';
import { learnedFrom } from '../classifier/trainedPhotos.ts';
import { choosePhotos } from '../doctor/choosePhotos.ts';
import { CarafeError } from '../errors.ts';
import { fitChosen } from '../evaluation/fitChosen.ts';
import type { Extraction } from '../features/extraction.ts';
import { extractLooks } from '../features/looks.ts';
import { type FitContext, problemOf } from '../heads/head.ts';
import { predictLogits } from '../heads/predictLogits.ts';
import { gather } from '../numerics/rows.ts';
import type { NextResult } from '../results/nextResult.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { FindOptions, ImageItem, ImageSet } from '../sets/imageSet.ts';
import { groupPhotos } from '../split/groupPhotos.ts';
import { taskNamed, taskOf } from '../tasks/registry.ts';
import type { AnyTask } from '../tasks/task.ts';
import { version } from '../version.ts';
import type { SeeingOptions, TrainPlatform } from './options.ts';
import { imagesSeen } from './runFacts.ts';

export interface NextOptions
  extends SeeingOptions,
    Pick<FindOptions, 'pathColumn' | 'labelColumn' | 'splitColumn' | 'encoding' | 'asClasses'> {
  /** How many photos to choose (20 by default). */
  readonly count?: number | undefined;
  /** Photos that have labels already, as for training. */
  readonly labelled?: string | undefined;
  /** A classifier.onnx that says how sure it is; by default one is trained on `labelled`, if there are two classes. */
  readonly classifier?: string | undefined;
  /** A list (.csv) of the chosen photos, or a folder for copies of them (`carafe-next.csv` by default). */
  readonly out?: string | undefined;
}

export interface NextPlatform extends TrainPlatform {
  readonly findImages: (paths: readonly string[]) => Promise<readonly Pick<ImageItem, 'path' | 'file'>[]>;
}

/** What a classifier says of all photos. */
interface Said {
  readonly task: AnyTask;
  readonly labels: readonly string[];
  /** [N, labels] */
  readonly probabilities: Matrix;
}

/**
 * The photos to label first: without labels, typical ones that differ from each other; with labels or a classifier, those
 * that it is least sure of, spread out. Near-duplicates are chosen once, and those of labelled photos never.
 * @throws CarafeError for everything that a user can fix
 */
export async function nextOn(
  source: string,
  options: NextOptions,
  platform: NextPlatform,
): Promise<{ readonly result: Omit<NextResult, 'written'>; readonly files: readonly string[] }> {
  const began = performance.now();
  const { count = 20, labelled, seed = 0, threads = platform.cores, signal, onStage } = options;
  const found = await platform.findImages([source]);
  const set = labelled === undefined ? undefined : await platform.findImageSet(labelled, options);
  const previous = options.classifier === undefined ? undefined : await classifierFrom(options.classifier, platform);
  const resolve = (spec: string) => platform.resolveBackbone(spec, options);
  const backbone = previous
    ? await backboneFor(previous, options, resolve)
    : await resolve(options.backbone ?? 'embedded');
  const isLabelled = new Set(set?.items.map(({ file }) => file));
  const open = found.filter(({ file }) => !isLabelled.has(file)).map((photo) => ({ ...photo, labels: [] }));
  if (open.length === 0) throw allLabelled(source);
  const context: FitContext = { openSession: platform.openSession, threads, seed, signal };
  const extraction = await extractLooks([...open, ...(set?.items ?? [])], backbone, platform, {
    ...{ threads, signal, limits: options.limits, progress: options.onProgress, onWarning: options.onWarning },
  });
  onStage?.('Choosing photos');
  const { items, photos } = extraction;
  const { groups } = await groupPhotos(extraction, new Int32Array(items.length), context);
  const isKnown = learnedFrom(previous?.card.training.photos);
  const rows = [...items.keys()];
  const known = rows.filter((row) => isLabelled.has(items[row].file) || isKnown(photos[row].sha256));
  const said = previous
    ? await askedOf(previous, backbone, extraction, platform)
    : set && (await learned(set, extraction, context));
  const sureness = said && surenessOf(said.probabilities, said.task.kind);
  const { features } = extraction;
  const chosen = await choosePhotos({ features, groups, labelled: known, sureness, count, seed }, context);
  if (chosen.length === 0) throw allLabelled(source);
  const knownGroups = new Set(known.map((row) => groups[row]));
  return {
    result: {
      version,
      command: 'next',
      images: {
        ...imagesSeen(source, extraction),
        found: open.length,
        separate: new Set(groups.filter((group) => !knownGroups.has(group))).size,
      },
      backbone: { name: backbone.name, hash: backbone.hash },
      labelled: set ? { source: set.source, photos: set.items.length, classes: set.classes.length } : null,
      classifier: previous?.source ?? null,
      by: sureness ? 'unsure' : 'typical',
      photos: chosen.map(({ row, standsFor }) => ({
        path: items[row].path,
        standsFor,
        ...(said && { classes: likeliest(said, row) }),
      })),
      seconds: (performance.now() - began) / 1000,
    },
    files: chosen.map(({ row }) => items[row].file),
  };
}

async function classifierFrom(path: string, { readClassifier }: NextPlatform): Promise<PreviousClassifier> {
  const { file, bytes } = await readClassifier(path, `\`classifier: '${path}'\``);
  return readPrevious(bytes, file, (card, named) =>
    requireNamedCard(
      card,
      named,
      'A one-class classifier is sure or not of normality alone. Leave `classifier` out to choose typical photos.',
    ),
  );
}

async function askedOf(
  previous: PreviousClassifier,
  backbone: Backbone,
  extraction: Extraction,
  { openSession }: NextPlatform,
): Promise<Said> {
  const probabilities = await previousProbabilities(previous, backbone, extraction, openSession);
  if (probabilities) return { task: taskNamed(previous.card.task), labels: previous.card.labels, probabilities };
  throw new CarafeError(
    'USAGE',
    `The head of ${previous.named} reads feature maps, which are not computed here.`,
    'Give the photos it learned from as `labelled` instead.',
  );
}

/** The usual head of the task, fitted on the photos that have labels; undefined for fewer than two classes. */
async function learned(set: ImageSet, { items, features }: Extraction, context: FitContext): Promise<Said | undefined> {
  const rows = [...items.keys()].filter((row) => items[row].labels.length > 0);
  const classes = set.classes.filter((label) => rows.some((row) => items[row].labels.includes(label)));
  const task = taskOf(set);
  if (classes.length < 2) return undefined;
  const targets = task.targets(
    classes,
    rows.map((row) => items[row]),
  );
  const { usual: head, calibration } = task;
  const weights = new Float32Array(rows.length).fill(1);
  const problem = problemOf({ features: gather(features, rows) }, targets);
  const [fitted] = await fitChosen(head, problem, [{ settings: head.defaults, weights }], context);
  const [logits] = await predictLogits(head, [fitted], { features }, context);
  // So few photos calibrate nothing, and the order of the photos is all that is asked for.
  const none = { logits, targets, rows: new Int32Array(), folds: new Int32Array(rows.length), weights };
  return { task, labels: classes, probabilities: calibration.probabilities(logits, await calibration.fit(none)) };
}

/**
 * [N] How sure a classifier is, 0 to 1. One class a photo: the probability of the likeliest less that of the second. Several
 * labels: that of the label that is least clear, from 0 at a half.
 * @param probabilities [N, C]
 */
export function surenessOf({ rows, columns, data }: Matrix, kind: AnyTask['kind']): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const own = data.subarray(row * columns, (row + 1) * columns);
    if (kind === 'labels') return own.reduce((least, value) => Math.min(least, Math.abs(2 * value - 1)), 1);
    let [first, second] = [0, 0];
    for (const value of own) {
      if (value > first) [first, second] = [value, first];
      else if (value > second) second = value;
    }
    return first - second;
  });
}

function likeliest({ labels, probabilities: { columns, data } }: Said, row: number) {
  return labels
    .map((label, column) => ({ label, probability: data[row * columns + column] }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 2);
}

function allLabelled(source: string): CarafeError {
  return new CarafeError(
    'NO_IMAGES',
    `All photos in '${source}' have labels already, or are nearly the same as photos that have.`,
    'Give a folder with photos that have no labels yet.',
  );
}
