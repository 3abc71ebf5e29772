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
import { type Remark, remarkSentences } from './images/remarks.ts';
import type { Matrix, Pixels } from './platform.ts';
import { type AboutPhoto, predictEach } from './predict.ts';
import type { FailedImage } from './report/trainResult.ts';

/** The smallest float32 above 0. */
const smallestFloat = 2 ** -149;

/**
 * Measures a classifier on labelled photos, and counts those that it had learned from.
 * @throws CarafeError BAD_LIST where a label of the set is none of the classifier's, or a photo has several labels and
 * the classifier names one
 */
export async function evaluateOn(
  classifier: Classifier,
  set: ImageSet,
  read: (item: ImageItem) => Promise<AboutPhoto & { readonly pixels: Pixels }>,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<{
  evaluation: Evaluation | LabelEvaluation;
  verdict: Verdict;
  calledUnknown: Interval | undefined;
  failed: FailedImage[];
  learned: number;
  notes: string[];
}> {
  requireLabelsOf(classifier, set);
  const failed: FailedImage[] = [];
  const judged: ImageItem[] = [];
  const looked: { path: string; remarks: readonly Remark[] | undefined }[] = [];
  const rows: Float32Array[] = [];
  const raw: Float32Array[] = [];
  const photos = set.items.map((item) => ({ path: item.path, read: () => read(item) }));
  const knew = learnedFrom(classifier.card.training.photos);
  const answers = predictEach(
    async ({ pixels, sha256, remarks }) => ({
      ...(await classifier.measurePixels(pixels)),
      ...{ wasLearned: knew(sha256), remarks },
    }),
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
      looked.push({ path: item.path, remarks: answer.prediction.remarks });
      if (answer.prediction.wasLearned) learned++;
      rows.push(probabilitiesOf(answer.prediction, classifier.labels));
      if (answer.prediction.logits) raw.push(answer.prediction.logits);
      unknown.push(Number(answer.prediction.isKnown === false));
    }
  }
  if (judged.length === 0)
    throw new CarafeError('ALL_IMAGES_FAILED', `None of the photos of ${set.source} can be read.`, failed[0].reason);
  const answered = {
    probabilities: matrixOf(rows),
    logits: raw.length === rows.length ? matrixOf(raw) : undefined,
  };
  const { card } = classifier;
  const evaluation =
    card.task === 'single-label'
      ? evaluateClasses(card, judged, answered, seed)
      : evaluateEachLabel(card, judged, answered, seed);
  const verdict = 'perLabel' in evaluation ? labelVerdict(evaluation) : classVerdict(evaluation);
  return {
    evaluation,
    verdict,
    calledUnknown: card.unknown && shareInterval(unknown, groupNumbers(judged)),
    failed,
    learned,
    notes: remarkSentences(looked),
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

/** What the file gave for the photos, [photos, classes]. */
interface Answered {
  readonly probabilities: Matrix;
  /** Calibrated. */
  readonly logits: Matrix | undefined;
}

function matrixOf(rows: readonly Float32Array[]): Matrix {
  const columns = rows[0].length;
  const data = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) data.set(row, i * columns);
  return { rows: rows.length, columns, data };
}

/** For a file that gives none: logits up to a constant, as far as float32 holds what they became. */
function logsOf({ rows, columns, data }: Matrix): Matrix {
  return { rows, columns, data: data.map((p) => Math.log(Math.max(p, smallestFloat))) };
}

function evaluateClasses(
  { labels, calibration: { temperature, bias } }: ClassCard,
  items: readonly ImageItem[],
  { probabilities, logits = logsOf(probabilities) }: Answered,
  seed: number,
): Evaluation {
  return evaluate({
    classes: labels,
    paths: items.map(({ path }) => path),
    truth: Int32Array.from(items, ({ labels: [label] }) => labels.indexOf(label)),
    groups: groupNumbers(items),
    heldOut: false,
    logits: { ...logits, data: logits.data.map((value) => temperature * value) },
    temperature,
    bias,
    photosOnce: logits.rows,
    seed,
  });
}

function evaluateEachLabel(
  { labels, calibration: { scale, shift, thresholds } }: LabelCard,
  items: readonly ImageItem[],
  { probabilities, logits }: Answered,
  seed: number,
): LabelEvaluation {
  const { rows, columns, data } = probabilities;
  const uncalibrated = data.map((p, at) => {
    // Back through the calibration. Without logits certainty stays finite.
    const label = at % columns;
    const kept = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
    const logit = logits?.data[at] ?? Math.log(kept / (1 - kept));
    return 1 / (1 + Math.exp(-(logit - shift[label]) / scale[label]));
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
