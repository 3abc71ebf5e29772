import type { Classifier } from './classifier/classifier.ts';
import { CarafeError } from './errors.ts';
import { evaluate } from './evaluation/evaluate.ts';
import type { Evaluation } from './evaluation/evaluation.ts';
import type { ImageItem, ImageSet } from './images/imageSet.ts';
import type { Pixels } from './platform.ts';
import { predictEach } from './predict.ts';
import type { FailedImage } from './report/trainResult.ts';

/**
 * Measures a classifier on labelled photos.
 * @throws CarafeError TOO_FEW_CLASSES where a label of the set is none of the classifier's
 */
export async function evaluateOn(
  classifier: Classifier,
  set: ImageSet,
  read: (item: ImageItem) => Promise<Pixels>,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<{ evaluation: Evaluation; failed: FailedImage[] }> {
  const strange = set.classes.filter((label) => !classifier.labels.includes(label));
  if (strange.length > 0)
    throw new CarafeError(
      'BAD_LIST',
      `${set.source} has classes that the classifier does not know: ${strange.slice(0, 5).join(', ')}.`,
      `It knows ${classifier.labels.slice(0, 10).join(', ')}. Rename the folders, or leave these out.`,
    );
  const failed: FailedImage[] = [];
  const judged: ImageItem[] = [];
  const rows: Float32Array[] = [];
  const { temperature } = classifier.card.calibration;
  const photos = set.items.map((item) => ({ path: item.path, read: () => read(item) }));
  let at = 0;
  for await (const answer of predictEach(classifier, photos, signal)) {
    const item = set.items[at++];
    if ('code' in answer) failed.push(answer);
    else {
      judged.push(item);
      rows.push(logitsOf(answer.prediction.classes, classifier.labels, temperature));
    }
  }
  if (judged.length === 0)
    throw new CarafeError('ALL_IMAGES_FAILED', `None of the photos of ${set.source} can be read.`, failed[0].reason);
  const columns = classifier.labels.length;
  const data = new Float32Array(judged.length * columns);
  rows.forEach((row, i) => {
    data.set(row, i * columns);
  });
  const evaluation = evaluate({
    classes: classifier.labels,
    paths: judged.map(({ path }) => path),
    truth: Int32Array.from(judged, ({ labels: [label] }) => classifier.labels.indexOf(label)),
    groups: groupNumbers(judged),
    logits: { rows: judged.length, columns, data },
    temperature,
    photosOnce: judged.length,
    seed,
  });
  return { evaluation, failed };
}

/** Logits up to a constant: softmax(logits / T) = p, so logits = T log p. Zero probabilities stay finite. */
function logitsOf(
  classes: readonly { label: string; probability: number }[],
  labels: readonly string[],
  temperature: number,
): Float32Array {
  const row = new Float32Array(labels.length);
  for (const { label, probability } of classes)
    row[labels.indexOf(label)] = temperature * Math.log(Math.max(probability, 1e-30));
  return row;
}

/** Photos without a group of their own stand alone. */
function groupNumbers(items: readonly ImageItem[]): Int32Array {
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
