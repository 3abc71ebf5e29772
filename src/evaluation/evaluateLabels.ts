import { largestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import { chanceCalibrationError, expectedCalibrationError, reliabilityBins } from './calibration.ts';
import type { Interval } from './evaluation.ts';
import { givenLabels } from './labelCalibration.ts';
import type { LabelEvaluation } from './labelEvaluation.ts';
import { labelFigures } from './labelFigures.ts';

/** Answers for photos that were kept out of training: one entry a row, with folds repeat after repeat. */
export interface JudgedLabels {
  readonly labels: readonly string[];
  readonly paths: readonly string[];
  /** [rows, labels], 1 where the photo has the label. */
  readonly truth: Uint8Array;
  /** [rows, labels], calibrated, and as they were before. */
  readonly probabilities: Matrix;
  readonly uncalibrated: Matrix;
  /** Of each row, [labels]; never found with the row itself. */
  readonly thresholds: (row: number) => readonly number[];
  /** Those in the file. */
  readonly fileThresholds: readonly number[];
  readonly groups: Int32Array;
  readonly seed: number;
  /** Rows of the first repeat, which come first. */
  readonly photosOnce: number;
  /** Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
}

/** What the answers are worth. Figures are of all rows, lists of photos are of the first repeat. */
export function evaluateLabels(judged: JudgedLabels): LabelEvaluation {
  const { labels, truth, probabilities, uncalibrated, thresholds, photosOnce } = judged;
  const { columns, data } = probabilities;
  const given = givenLabels(probabilities, thresholds);
  const { averagePrecision, f1, ...figures } = labelFigures({ ...judged, given });
  const photos = judged.paths.slice(0, photosOnce).map((path, row) => answerFor(path, row, judged, given));
  return {
    ...figures,
    blind: truth.reduce((sum, value) => sum + value, 0) / truth.length,
    logLoss: logLoss(data, truth),
    ece: {
      before: expectedCalibrationError(uncalibrated.data, truth),
      after: expectedCalibrationError(data, truth),
      chance: chanceCalibrationError(
        data,
        Int32Array.from(data, (_, at) => judged.groups[Math.floor(at / columns)] * columns + (at % columns)),
        judged.seed,
      ),
    },
    perLabel: labels.map((label, c) => ({
      label,
      support: truth.subarray(0, photosOnce * columns).filter((value, at) => at % columns === c && value === 1).length,
      threshold: judged.fileThresholds[c],
      averagePrecision: finite(averagePrecision[c]),
      f1: finite(f1[c]),
      ...precisionAndRecall(truth, given, columns, c),
    })),
    reliability: { before: reliabilityBins(uncalibrated.data, truth), after: reliabilityBins(data, truth) },
    mistakes: photos
      .filter(({ missed, extra }) => missed.length + extra.length > 0)
      .sort((a, b) => surest(b) - surest(a) || (a.path < b.path ? -1 : 1))
      .map(({ path, missed, extra }) => ({ path, missed, extra })),
    photos: photos.map(({ path, labels: own, predicted }) => ({ path, labels: own, predicted })),
    method:
      'Judged photos are drawn anew many times over, whole groups at a time, and 95% of these samples lie in the interval; it does not count how training on other photos would have gone.',
  };
}

function answerFor(path: string, row: number, { labels, truth, probabilities }: JudgedLabels, given: Uint8Array) {
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
