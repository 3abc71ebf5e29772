/** What an open classifier says of many photos, and how good that is. */

import { throwIfAborted } from '../errors.ts';
import type { EvaluateResult, PredictResult } from '../results/predictResult.ts';
import { findImageSet, findImages } from '../sets/find.node.ts';
import type { FindOptions, ImageItem } from '../sets/imageSet.ts';
import { version } from '../version.ts';
import type { PhotoClassifier } from './load.node.ts';
import { predictEach, requireSome } from './predictEach.ts';
import { readHashed, readViews, trainedViews } from './readFor.node.ts';
import { requireOptions, requireText } from './requireOptions.ts';

export interface PredictOptions {
  /** Number of classes to return for each photo, the likeliest first (1 by default). */
  readonly top?: number;
  /** Test-time augmentation: average over as many distorted views as in training. Slower, sometimes better. */
  readonly averageViews?: boolean;
  /**
   * Give with each answer the most similar photos that the classifier learned from, where they still are (`evidence`). The
   * classifier must have been opened from a file.
   */
  readonly why?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Classifies photos, given as files, folders or patterns; returns what `carafe predict --json` prints. A photo that cannot be read has
 * an error in place of an answer.
 * @throws CarafeError NOT_FOUND, NO_IMAGES, ALL_IMAGES_FAILED, USAGE; INTERRUPTED by `signal`
 */
export async function predictPhotos(
  classifier: PhotoClassifier,
  paths: readonly string[],
  { top = 1, averageViews = false, why = false, signal }: PredictOptions = {},
): Promise<PredictResult> {
  requireOptions({ top, averageViews, why });
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
      const { label, probability, classes, labels, set, unknownScore, isKnown, remarks } = answer.prediction;
      const several = labels && { labels: [...labels] };
      const unknown = unknownScore === undefined ? {} : { unknownScore, isKnown };
      predictions.push({
        path: answer.path,
        label,
        probability,
        classes: classes.slice(0, top),
        ...several,
        ...(set && { set: [...set] }),
        ...unknown,
        ...(remarks ? { remarks: [...remarks] } : {}),
      });
    }
  }
  requireSome(predictions);
  const result = { version, command: 'predict', classifier: classifier.source, predictions } as const;
  if (!why) return result;
  const { withEvidence } = await import('./verbs.node.ts');
  return withEvidence(result, photos, { threads: classifier.parallel, signal });
}

export interface EvaluateOptions
  extends Pick<FindOptions, 'groupBy' | 'pathColumn' | 'labelColumn' | 'splitColumn' | 'encoding'> {
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a classifier on labelled photos that it has not seen; returns what `carafe evaluate --json` prints.
 * @throws CarafeError NOT_FOUND, UNREADABLE, NO_IMAGES, BAD_LIST, ALL_IMAGES_FAILED, USAGE; INTERRUPTED by `signal`
 */
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
  const { evaluateOn } = await import('./verbs.node.ts');
  const { failed, learned, notes, ...figures } = await evaluateOn(classifier, set, read, { seed, signal });
  const images = { found: set.items.length, failed, learned, notes };
  return { version, command: 'evaluate', classifier: classifier.source, images, ...figures };
}
