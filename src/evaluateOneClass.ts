import type { Detector } from './classifier/detector.ts';
import { learnedFrom } from './classifier/trainedPhotos.ts';
import { CarafeError } from './errors.ts';
import { groupNumbers } from './evaluate.ts';
import type { OneClassFigures } from './evaluation/oneClass.ts';
import { oneClassFiguresOf } from './evaluation/oneClassFigures.ts';
import type { ImageItem, ImageSet } from './images/imageSet.ts';
import { type Remark, remarkSentences } from './images/remarks.ts';
import type { Pixels } from './platform.ts';
import { type AboutPhoto, predictEach } from './predict.ts';
import type { FailedImage } from './report/trainResult.ts';

/** Names that a normal class has where none is given. */
export const usualNormals = ['normal', 'good', 'ok'];

/**
 * Measures a one-class classifier on labelled photos; all classes but the normal one are abnormal.
 * @throws CarafeError USAGE where it is not clear which class is normal
 */
export async function evaluateOneClass(
  detector: Detector,
  set: ImageSet,
  read: (item: ImageItem) => Promise<AboutPhoto & { readonly pixels: Pixels }>,
  options: {
    readonly normal?: string | undefined;
    readonly seed?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<{ evaluation: OneClassFigures; failed: FailedImage[]; learned: number; notes: string[] }> {
  const normal = normalClass(set, options.normal);
  const failed: FailedImage[] = [];
  const judged: ImageItem[] = [];
  const looked: { path: string; remarks: readonly Remark[] | undefined }[] = [];
  const scores: number[] = [];
  const photos = set.items.map((item) => ({ path: item.path, read: () => read(item) }));
  const knew = learnedFrom(detector.card.training.photos);
  const answers = predictEach(
    async ({ pixels, sha256, remarks }) => ({
      score: (await detector.detectPixels(pixels)).score,
      ...{ wasLearned: knew(sha256), remarks },
    }),
    photos,
    options.signal,
  );
  let at = 0;
  let learned = 0;
  for await (const answer of answers) {
    const item = set.items[at++];
    if ('code' in answer) failed.push(answer);
    else {
      judged.push(item);
      looked.push({ path: item.path, remarks: answer.prediction.remarks });
      if (answer.prediction.wasLearned) learned++;
      scores.push(answer.prediction.score);
    }
  }
  const normals = Uint8Array.from(judged, ({ labels }) => Number(labels[0] === normal));
  if (!normals.includes(1))
    throw new CarafeError(
      'ALL_IMAGES_FAILED',
      `None of the normal photos of ${set.source} can be read.`,
      failed[0].reason,
    );
  const evaluation = oneClassFiguresOf(
    {
      scores: Float32Array.from(scores),
      thresholds: new Float64Array(scores.length).fill(detector.card.threshold.value),
      normal: normals,
      labels: judged.map(({ labels }) => labels[0]),
      groups: groupNumbers(judged),
      seed: options.seed ?? 0,
    },
    `${judged.length} photos, compared with the threshold in the file.`,
  );
  return { evaluation, failed, learned, notes: remarkSentences(looked) };
}

function normalClass({ classes, source }: ImageSet, wanted: string | undefined): string {
  const found = wanted === undefined ? usualNormals.find((name) => classes.includes(name)) : wanted;
  if (found !== undefined && classes.includes(found)) return found;
  throw new CarafeError(
    'USAGE',
    wanted === undefined
      ? `It is not clear which class of ${source} is normal.`
      : `--normal ${wanted}: ${source} has no such class.`,
    `Name one with --normal: ${classes.slice(0, 10).join(', ')}.`,
  );
}
