import type { ClassCard, LabelCard } from './classifier/card.ts';
import type { Classifier, Prediction } from './classifier/classifier.ts';
import { learnedFrom } from './classifier/trainedPhotos.ts';
import { CarafeError } from './errors.ts';
import { evaluate } from './evaluation/evaluate.ts';
import { evaluateLabels } from './evaluation/evaluateLabels.ts';
import type { Evaluation, Interval } from './evaluation/evaluation.ts';
import { shareInterval } from './evaluation/intervals.ts';
import type { LabelEvaluation } from './evaluation/labelEvaluation.ts';
import { classVerdict, labelVerdict, type Verdict } from './evaluation/verdict.ts';
import { type ImageItem, type ImageSet, isMultiLabel } from './images/imageSet.ts';
import type { Matrix, Pixels } from './platform.ts';
import { predictEach } from './predict.ts';
import type { FailedImage } from './report/trainResult.ts';

/**
 * Measures a classifier on labelled photos, and counts those that it had learned from.
 * @throws CarafeError BAD_LIST where a label of the set is none of the classifier's, or a photo has several labels and
 * the classifier names one
 */
export async function evaluateOn(
  classifier: Classifier,
  set: ImageSet,
  read: (item: ImageItem) => Promise<{ readonly pixels: Pixels; readonly sha256: string }>,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<{
  evaluation: Evaluation | LabelEvaluation;
  verdict: Verdict;
  calledUnknown: Interval | undefined;
  failed: FailedImage[];
  learned: number;
}> {
  requireLabelsOf(classifier, set);
  const failed: FailedImage[] = [];
  const judged: ImageItem[] = [];
  const rows: Float32Array[] = [];
  const photos = set.items.map((item) => ({ path: item.path, read: () => read(item) }));
  const knew = learnedFrom(classifier.card.training.photos);
  const answers = predictEach(
    async ({ pixels, sha256 }) => ({ ...(await classifier.predictPixels(pixels)), wasLearned: knew(sha256) }),
    photos,
    signal,
  );
  let learned = 0;
  let at = 0;
  const unknown: number[] = [];
  for await (const answer of answers) {
    const item = set.items[at++];
    if ('code' in answer) failed.push(answer);
    else {
      judged.push(item);
      if (answer.prediction.wasLearned) learned++;
      rows.push(probabilitiesOf(answer.prediction, classifier.labels));
      unknown.push(Number(answer.prediction.isKnown === false));
    }
  }
  if (judged.length === 0)
    throw new CarafeError('ALL_IMAGES_FAILED', `None of the photos of ${set.source} can be read.`, failed[0].reason);
  const columns = classifier.labels.length;
  const data = new Float32Array(judged.length * columns);
  rows.forEach((row, i) => {
    data.set(row, i * columns);
  });
  const probabilities = { rows: judged.length, columns, data };
  const { card } = classifier;
  const evaluation =
    card.task === 'single-label'
      ? evaluateClasses(card, judged, probabilities)
      : evaluateEachLabel(card, judged, probabilities, seed);
  const verdict = 'perLabel' in evaluation ? labelVerdict(evaluation) : classVerdict(evaluation);
  return {
    evaluation,
    verdict,
    calledUnknown: card.unknown && shareInterval(unknown, groupNumbers(judged)),
    failed,
    learned,
  };
}

function requireLabelsOf({ labels, card, source }: Classifier, set: ImageSet): void {
  const strange = set.classes.filter((label) => !labels.includes(label));
  if (strange.length > 0)
    throw new CarafeError(
      'BAD_LIST',
      `${set.source} has classes that the classifier does not know: ${strange.slice(0, 5).join(', ')}.`,
      `It knows ${labels.slice(0, 10).join(', ')}. Rename the folders, or leave these out.`,
    );
  if (card.task === 'single-label' && isMultiLabel(set))
    throw new CarafeError(
      'BAD_LIST',
      `${set.source} has photos with several labels, or none, and ${source} names one class a photo.`,
      'Give each photo the one class that it shows, or a classifier that was trained on several labels.',
    );
}

function evaluateClasses(
  { labels, calibration: { temperature } }: ClassCard,
  items: readonly ImageItem[],
  { rows, columns, data }: Matrix,
): Evaluation {
  // Logits up to a constant: softmax(logits / T) = p, so logits = T log p. Zero probabilities stay finite.
  const logits = { rows, columns, data: data.map((p) => temperature * Math.log(Math.max(p, 1e-30))) };
  return evaluate({
    classes: labels,
    paths: items.map(({ path }) => path),
    truth: Int32Array.from(items, ({ labels: [label] }) => labels.indexOf(label)),
    groups: groupNumbers(items),
    heldOut: false,
    logits,
    temperature,
    photosOnce: rows,
  });
}

function evaluateEachLabel(
  { labels, calibration: { scale, shift, thresholds } }: LabelCard,
  items: readonly ImageItem[],
  probabilities: Matrix,
  seed: number,
): LabelEvaluation {
  const { rows, columns, data } = probabilities;
  // Back through the calibration. Certainty stays finite.
  const uncalibrated = data.map((p, at) => {
    const label = at % columns;
    const kept = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
    return 1 / (1 + Math.exp(-(Math.log(kept / (1 - kept)) - shift[label]) / scale[label]));
  });
  return evaluateLabels({
    labels,
    paths: items.map(({ path }) => path),
    truth: Uint8Array.from(data, (_, at) =>
      Number(items[Math.floor(at / columns)].labels.includes(labels[at % columns])),
    ),
    probabilities,
    uncalibrated: { rows, columns, data: uncalibrated },
    thresholds: () => thresholds,
    fileThresholds: thresholds,
    groups: groupNumbers(items),
    photosOnce: rows,
    seed,
  });
}

/** In the order of the labels. */
function probabilitiesOf({ classes }: Prediction, labels: readonly string[]): Float32Array {
  const row = new Float32Array(labels.length);
  for (const { label, probability } of classes) row[labels.indexOf(label)] = probability;
  return row;
}

/** Photos without a group of their own stand alone. */
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
