/** Measures a one-class classifier. */

import type { Detector } from '../classifier/detector.ts';
import { CarafeError } from '../errors.ts';
import type { OneClassFigures } from '../metrics/oneClass.ts';
import { oneClassFiguresOf } from '../metrics/oneClassFigures.ts';
import type { FailedImage } from '../results/images.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { ImageSet } from '../sets/imageSet.ts';
import { answerEach, groupNumbers, type ReadPhoto } from './answerEach.ts';

/** Names that a normal class has where none is given. */
export const usualNormals = ['normal', 'good', 'ok'];

/**
 * Measures a one-class classifier on labelled photos; all classes but the normal one are abnormal.
 * @throws CarafeError USAGE where it is not clear which class is normal
 */
export async function evaluateOneClass(
  detector: Detector,
  set: ImageSet,
  read: ReadPhoto,
  options: {
    readonly normal?: string | undefined;
    readonly seed?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<{ evaluation: OneClassFigures; failed: FailedImage[]; learned: number; notes: string[] }> {
  const normal = normalClass(set, options.normal);
  const answer = async (pixels: Pixels) => (await detector.detectPixels(pixels)).score;
  const { photos: trained } = detector.card.training;
  const { parallel } = detector;
  const asked = await answerEach(answer, trained, set, read, { parallel, signal: options.signal });
  const { items, answers, failed, learned, notes } = asked;
  const normals = Uint8Array.from(items, ({ labels }) => Number(labels[0] === normal));
  if (!normals.includes(1))
    throw new CarafeError(
      'ALL_IMAGES_FAILED',
      `None of the normal photos of ${set.source} can be read.`,
      failed[0].reason,
    );
  const evaluation = oneClassFiguresOf(
    {
      scores: Float32Array.from(answers),
      thresholds: new Float64Array(items.length).fill(detector.card.threshold.value),
      normal: normals,
      labels: items.map(({ labels }) => labels[0]),
      groups: groupNumbers(items),
      seed: options.seed ?? 0,
    },
    `${items.length} photos, compared with the threshold in the file.`,
  );
  return { evaluation, failed, learned, notes };
}

function normalClass({ classes, source }: ImageSet, wanted: string | undefined): string {
  const found = wanted === undefined ? usualNormals.find((name) => classes.includes(name)) : wanted;
  if (found !== undefined && classes.includes(found)) return found;
  throw new CarafeError(
    'USAGE',
    wanted === undefined
      ? `It is not clear which class of ${source} is normal.`
      : `\`normal: '${wanted}'\`: ${source} has no such class.`,
    `Choose one with \`normal\`: ${classes.slice(0, 10).join(', ')}.`,
  );
}
