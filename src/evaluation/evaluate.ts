import { largestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import { expectedCalibrationError, reliabilityBins } from './calibration.ts';
import { classFigures, confusionMatrix } from './confusion.ts';
import type { Evaluation, Interval, JudgedPhoto } from './evaluation.ts';
import { correctedFolds, groupBootstrap, wilson } from './intervals.ts';
import { logLoss, softmaxRows } from './softmaxRows.ts';

const likeliest = 5;

/** Answers for photos: one entry a row of logits, with folds repeat after repeat. */
export interface Judged {
  readonly classes: readonly string[];
  readonly paths: readonly string[];
  readonly truth: Int32Array;
  /** [rows, classes], uncalibrated. */
  readonly logits: Matrix;
  /** One for all rows, or of each row; never found with the row itself. */
  readonly temperature: number | Float32Array;
  readonly groups: Int32Array;
  /** Whether they are known to have been kept out of training. */
  readonly heldOut: boolean;
  /** Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
  readonly seed: number;
  /** Rows of the first repeat, which come first. */
  readonly photosOnce: number;
}

/** What the answers are worth. Figures are of all rows, lists of photos are of the first repeat. */
export function evaluate(judged: Judged): Evaluation {
  const { classes, truth, logits, temperature, photosOnce } = judged;
  const predicted = largest(logits);
  const correct = predicted.map((label, row) => Number(label === truth[row]));
  const probabilities = softmaxRows(logits, temperature);
  const before = pick(softmaxRows(logits, 1), predicted);
  const after = pick(probabilities, predicted);
  const counts = confusionMatrix(truth, predicted, classes.length);
  const figures = classFigures(counts);
  const photos = Array.from({ length: photosOnce }, (_, row) => photo(judged, probabilities, predicted, row));
  const { accuracy, method } = accuracyOf(judged, correct);
  const perClass = classes.map((label, index) => ({
    label,
    ...figures[index],
    support: truth.subarray(0, photosOnce).filter((value) => value === index).length,
  }));
  const commonest = perClass.reduce((most, one) => (one.support > most.support ? one : most));
  return {
    accuracy,
    baseline: { label: commonest.label, accuracy: commonest.support / photosOnce },
    logLoss: logLoss(logits, truth, temperature),
    ece: {
      before: expectedCalibrationError(before, correct),
      after: expectedCalibrationError(after, correct),
    },
    temperature: typeof temperature === 'number' ? temperature : geometricMean(temperature),
    perClass,
    confusion: { labels: [...classes], counts },
    reliability: {
      before: reliabilityBins(before, correct),
      after: reliabilityBins(after, correct),
    },
    mistakes: photos
      .filter(({ label, predicted }) => label !== predicted)
      .sort((a, b) => b.probability - a.probability || (a.path < b.path ? -1 : 1)),
    photos,
    method,
  };
}

/** The class of the largest value in each row; the first of equals. */
function largest({ rows, columns, data }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let c = 1; c < columns; c++) if (data[row * columns + c] > data[row * columns + best]) best = c;
    return best;
  });
}

function pick({ columns, data }: Matrix, chosen: Int32Array): Float32Array {
  return Float32Array.from(chosen, (column, row) => data[row * columns + column]);
}

function photo(
  { classes, paths, truth }: Judged,
  { columns, data }: Matrix,
  predicted: Int32Array,
  row: number,
): JudgedPhoto {
  const p = data.subarray(row * columns, (row + 1) * columns);
  const order = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b);
  const shown = order.filter((label, place) => place < likeliest || label === truth[row]);
  return {
    path: paths[row],
    label: classes[truth[row]],
    predicted: classes[predicted[row]],
    probability: p[predicted[row]],
    classes: shown.map((label) => ({ label: classes[label], probability: p[label] })),
  };
}

function accuracyOf(
  { groups, heldOut, folds, photosOnce, seed }: Judged,
  correct: Int32Array,
): { accuracy: Interval; method: string } {
  const share = (rows: Int32Array) => rows.reduce((sum, row) => sum + correct[row], 0) / rows.length;
  const total = correct.length;
  const value = share(Int32Array.from(correct.keys()));
  const independent = new Set(groups).size;
  const judged = `${total} ${heldOut ? 'held-out photos' : 'photos'}`;
  const units = independent === photosOnce ? 'photos' : 'groups';
  let interval: Interval;
  let how: string;
  let made: string;
  if (folds) {
    const answers: number[][] = Array.from({ length: largestOf(folds) + 1 }, () => []);
    folds.forEach((fold, row) => {
      answers[fold].push(row);
    });
    const repeats = total / photosOnce;
    const size = answers.length / repeats;
    const spread = correctedFolds(
      answers.map((rows) => share(Int32Array.from(rows))),
      1 / (size - 1),
    );
    const shift = value - spread.value;
    interval = { value, low: Math.max(0, spread.low + shift), high: Math.min(1, spread.high + shift) };
    how = `${size}-fold cross-validation${repeats > 1 ? `, ${repeats} times over` : ''}, ${photosOnce} photos`;
    made =
      'interval from the spread between folds, corrected for their common training photos (Nadeau and Bengio 2003)';
  } else if (independent === total) {
    interval = wilson(value * total, total);
    how = judged;
    made = "Wilson's interval";
  } else {
    interval = groupBootstrap(groups, share, seed);
    how = `${judged} in ${independent} groups`;
    made = 'interval by resampling whole groups 2,000 times';
  }
  if (interval.high > interval.low) return { accuracy: interval, method: `${how}; ${made}.` };
  return {
    accuracy: { ...wilson(value * independent, independent), value },
    method: `${how}; without any spread, so the interval is Wilson's for ${independent} independent ${units}.`,
  };
}

function geometricMean(values: Float32Array): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
