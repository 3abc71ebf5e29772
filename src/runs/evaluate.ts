/** Measures a classifier on labelled photos. */

import type { Classifier, Prediction } from '../classifier/classifier.ts';
import type { Verdict } from '../doctor/verdict.ts';
import { CarafeError } from '../errors.ts';
import type { Evaluation, Interval } from '../metrics/evaluation.ts';
import { shareInterval } from '../metrics/intervals.ts';
import type { LabelEvaluation } from '../metrics/labelEvaluation.ts';
import type { FailedImage } from '../results/images.ts';
import type { Matrix } from '../runtime/platform.ts';
import { type ImageSet, isMultiLabel } from '../sets/imageSet.ts';
import { didYouMean } from '../sets/labelKey.ts';
import { taskNamed } from '../tasks/registry.ts';
import { answerEach, groupNumbers, type ReadPhoto } from './answerEach.ts';

/**
 * Measures a classifier on labelled photos, and counts those that it had learned from.
 * @throws CarafeError BAD_LIST where a label of the set is none of the classifier's, or a photo has several labels and
 * the classifier names one
 */
export async function evaluateOn(
  classifier: Classifier,
  set: ImageSet,
  read: ReadPhoto,
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
  const { card, labels, parallel } = classifier;
  const task = taskNamed(card.task);
  const measure = (pixels: Parameters<Classifier['measurePixels']>[0]) => classifier.measurePixels(pixels);
  const asked = await answerEach(measure, card.training.photos, set, read, { parallel, signal });
  const { items, answers, failed, learned, notes } = asked;
  if (items.length === 0)
    throw new CarafeError('ALL_IMAGES_FAILED', `None of the photos of ${set.source} can be read.`, failed[0].reason);
  const probabilities = matrixOf(answers.map((answer) => probabilitiesOf(answer, labels)));
  const raw = answers.flatMap(({ logits }) => (logits ? [logits] : []));
  const groups = groupNumbers(items);
  const { calibration } = card;
  const { evaluation } = task.evaluate(
    {
      rows: Int32Array.from(items.keys()),
      logits: task.calibration.logits(
        calibration,
        probabilities,
        raw.length === items.length ? matrixOf(raw) : undefined,
      ),
      probabilities,
      calibration,
      calibrations: items.map(() => calibration),
      rowsPerRepeat: items.length,
    },
    task.targets(labels, items),
    { paths: items.map(({ path }) => path), groups, heldOut: false, seed },
  );
  const unknown = answers.map(({ isKnown }) => Number(isKnown === false));
  return {
    evaluation,
    verdict: task.verdict(evaluation),
    calledUnknown: card.unknown && shareInterval(unknown, groups),
    failed,
    learned,
    notes,
  };
}

function requireLabelsOf({ labels, card, source }: Classifier, set: ImageSet): void {
  const strange = set.classes.filter((label) => !labels.includes(label));
  if (strange.length > 0)
    throw new CarafeError(
      'BAD_LIST',
      `${set.source} has classes that the classifier does not know: ${strange.slice(0, 5).join(', ')}.`,
      `${didYouMean(strange, labels)}It knows ${labels.slice(0, 10).join(', ')}. Rename the folders, or leave those classes out.`,
    );
  if (card.task === 'single-label' && isMultiLabel(set))
    throw new CarafeError(
      'BAD_LIST',
      `${set.source} has photos with several labels, or none, but ${source} gives each photo one class.`,
      'Give each photo one label, or use a classifier trained with several labels per photo.',
    );
}

function matrixOf(rows: readonly Float32Array[]): Matrix {
  const columns = rows[0].length;
  const data = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) data.set(row, i * columns);
  return { rows: rows.length, columns, data };
}

/** In the order of the labels. */
function probabilitiesOf({ classes }: Prediction, labels: readonly string[]): Float32Array {
  const row = new Float32Array(labels.length);
  for (const { label, probability } of classes) row[labels.indexOf(label)] = probability;
  return row;
}
