/** Runs a classifier file on each photo of a labelled set. */

import { learnedFrom } from '../classifier/trainedPhotos.ts';
import { type Remark, remarkSentences } from '../images/remarks.ts';
import type { FailedImage } from '../results/images.ts';
import type { Pixels } from '../runtime/platform.ts';
import type { ImageItem, ImageSet } from '../sets/imageSet.ts';
import { type AboutPhoto, type AtOnce, predictEach } from './predictEach.ts';

/** How an evaluation reads a photo: upright pixels, and the SHA-256 of its bytes. */
export type ReadPhoto = (item: ImageItem) => Promise<AboutPhoto & { readonly pixels: Pixels }>;

/** A file's answers for labelled photos. */
export interface EachAnswered<Answer> {
  /** Photos that could be read, and the answer for each. */
  readonly items: readonly ImageItem[];
  readonly answers: readonly Answer[];
  readonly failed: FailedImage[];
  /** How many of these photos the file had learned from. */
  readonly learned: number;
  /** What is odd about these photos, in sentences. */
  readonly notes: string[];
}

/**
 * Asks a file for each photo of a set.
 * @param trained the photos that it learned from, as its card has them
 */
export async function answerEach<Answer>(
  answer: (pixels: Pixels) => Promise<Answer>,
  trained: string | undefined,
  set: ImageSet,
  read: ReadPhoto,
  atOnce: AtOnce,
): Promise<EachAnswered<Answer>> {
  const knew = learnedFrom(trained);
  const photos = set.items.map((item) => ({ path: item.path, read: () => read(item) }));
  const items: ImageItem[] = [];
  const answers: Answer[] = [];
  const failed: FailedImage[] = [];
  const looked: { path: string; remarks: readonly Remark[] | undefined }[] = [];
  let learned = 0;
  let at = 0;
  const ask = async ({ pixels, sha256, remarks }: Awaited<ReturnType<ReadPhoto>>) => ({
    answer: await answer(pixels),
    wasLearned: knew(sha256),
    remarks,
  });
  for await (const found of predictEach(ask, photos, atOnce)) {
    const item = set.items[at++];
    if ('code' in found) failed.push(found);
    else {
      items.push(item);
      answers.push(found.prediction.answer);
      looked.push({ path: item.path, remarks: found.prediction.remarks });
      if (found.prediction.wasLearned) learned++;
    }
  }
  return { items, answers, failed, learned, notes: remarkSentences(looked) };
}

/** [N] Group of each photo; photos without a group of their own stand alone. */
export function groupNumbers(items: readonly ImageItem[]): Int32Array {
  const numbers = new Map<string, number>();
  let next = 0;
  return Int32Array.from(items, ({ group }) => {
    if (group === undefined) return next++;
    const known = numbers.get(group);
    if (known !== undefined) return known;
    numbers.set(group, next);
    return next++;
  });
}
