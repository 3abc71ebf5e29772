/** All multi-label figures of a set of answers. */

import { largestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { LabelTargets } from '../sets/targets.ts';
import { chanceCalibrationError, expectedCalibrationError, reliabilityBins } from './calibration.ts';
import type { JudgedPhotos } from './evaluate.ts';
import type { Interval } from './evaluation.ts';
import { givenLabels, type LabelCalibration, labelProbabilities } from './labelCalibration.ts';
import type { LabelEvaluation } from './labelEvaluation.ts';
import { labelFigures } from './labelFigures.ts';
import { truthRows } from './metric.ts';
import type { OutOfFold } from './outOfFold.ts';

/** Answers as they are judged: an entry a row. */
interface Judged {
  readonly labels: readonly string[];
  readonly paths: readonly string[];
  /** [R, C] 1 where the photo has the label. */
  readonly truth: Uint8Array;
  /** [R, C] Calibrated. */
  readonly probabilities: Matrix;
}

/**
 * All figures of multi-label answers. Figures use all rows; lists of photos use the first repeat.
 * @param answers with the calibration in the file, and the probabilities if the file itself gave them
 */
export function evaluateLabels(
  answers: OutOfFold<LabelCalibration> & {
    readonly calibration: LabelCalibration;
    readonly probabilities?: Matrix | undefined;
  },
  targets: LabelTargets,
  facts: JudgedPhotos,
): LabelEvaluation {
  const { rows, logits, calibrations, calibration, folds, rowsPerRepeat } = answers;
  const { classes: labels } = targets;
  const { seed } = facts;
  const truth = truthRows(targets, rows);
  const groups = rows.map((photo) => facts.groups[photo]);
  const probabilities = answers.probabilities ?? labelProbabilities(logits, calibrations);
  const judged: Judged = { labels, paths: Array.from(rows, (photo) => facts.paths[photo]), truth, probabilities };
  const uncalibrated = logits.data.map((logit) => 1 / (1 + Math.exp(-logit)));
  const { columns, data } = probabilities;
  const given = givenLabels(probabilities, (row) => calibrations[row].thresholds);
  const { averagePrecision, f1, ...figures } = labelFigures({
    probabilities,
    truth,
    given,
    groups,
    seed,
    rowsPerRepeat,
    folds,
  });
  const photos = judged.paths.slice(0, rowsPerRepeat).map((path, row) => answerFor(path, row, judged, given));
  return {
    ...figures,
    baseline: truth.reduce((sum, value) => sum + value, 0) / truth.length,
    logLoss: logLoss(data, truth),
    ece: {
      before: expectedCalibrationError(uncalibrated, truth),
      after: expectedCalibrationError(data, truth),
      chance: chanceCalibrationError(
        data,
        Int32Array.from(data, (_, at) => groups[Math.floor(at / columns)] * columns + (at % columns)),
        seed,
      ),
    },
    perLabel: labels.map((label, c) => ({
      label,
      support: truth.subarray(0, rowsPerRepeat * columns).filter((value, at) => at % columns === c && value === 1)
        .length,
      threshold: calibration.thresholds[c],
      averagePrecision: finite(averagePrecision[c]),
      f1: finite(f1[c]),
      ...precisionAndRecall(truth, given, columns, c),
    })),
    reliability: { before: reliabilityBins(uncalibrated, truth), after: reliabilityBins(data, truth) },
    mistakes: photos
      .filter(({ missed, extra }) => missed.length + extra.length > 0)
      .sort((a, b) => surest(b) - surest(a) || (a.path < b.path ? -1 : 1))
      .map(({ path, missed, extra }) => ({ path, missed, extra })),
    photos: photos.map(({ path, labels: own, predicted }) => ({ path, labels: own, predicted })),
    method:
      'Test photos are resampled many times, in whole groups, and the interval contains 95% of these samples (bootstrap). It does not include how training on other photos would have varied.',
  };
}

function answerFor(path: string, row: number, { labels, truth, probabilities }: Judged, given: Uint8Array) {
  const { columns, data } = probabilities;
  const all = labels.map((label, c) => {
    const at = row * columns + c;
    return { label, probability: data[at], has: truth[at] === 1, given: given[at] === 1 };
  });
  const likely = (wanted: (one: (typeof all)[number]) => boolean) =>
    all
      .filter(wanted)
      .map(({ label, probability }) => ({ label, probability }))
      .sort((a, b) => b.probability - a.probability);
  return {
    path,
    labels: all.filter(({ has }) => has).map(({ label }) => label),
    predicted: likely((one) => one.given),
    missed: likely((one) => one.has && !one.given),
    extra: likely((one) => one.given && !one.has),
  };
}

type Mistake = Pick<ReturnType<typeof answerFor>, 'missed' | 'extra'>;

/** How sure the surest wrong answer was. */
function surest({ missed, extra }: Mistake): number {
  return Math.max(
    largestOf(missed.map(({ probability }) => 1 - probability)),
    largestOf(extra.map(({ probability }) => probability)),
  );
}

function precisionAndRecall(truth: Uint8Array, given: Uint8Array, columns: number, label: number) {
  let [hits, positives, answers] = [0, 0, 0];
  for (let at = label; at < truth.length; at += columns) {
    hits += truth[at] * given[at];
    positives += truth[at];
    answers += given[at];
  }
  if (positives === 0) return { precision: null, recall: null };
  return { precision: answers > 0 ? hits / answers : null, recall: hits / positives };
}

/** Probabilities of nothing and of certainty count as a little off, so that one wrong answer is not infinitely bad. */
function logLoss(probabilities: Float32Array, truth: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < truth.length; at++) {
    const p = truth[at] ? probabilities[at] : 1 - probabilities[at];
    sum -= Math.log(Math.max(p, 1e-7));
  }
  return sum / truth.length;
}

function finite(interval: Interval): Interval | null {
  return Number.isFinite(interval.value) ? interval : null;
}
