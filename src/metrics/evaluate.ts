/** All single-label figures of a set of answers. */

import { largestOf, smallestOf } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { Targets } from '../sets/targets.ts';
import { chanceCalibrationError, expectedCalibrationError, reliabilityBins } from './calibration.ts';
import { type ClassCalibration, temperaturesOf, withBias } from './classCalibration.ts';
import { classFigures, confusionCells, confusionMatrix } from './confusion.ts';
import type { Evaluation, Interval, JudgedPhoto, SetFigures } from './evaluation.ts';
import { foldInflation, meanOverRepeats, shareInterval } from './intervals.ts';
import type { OutOfFold } from './outOfFold.ts';
import { setFiguresOf, setOf } from './predictionSets.ts';
import { logLoss, softmaxRows } from './softmaxRows.ts';

const likeliest = 5;

/** What is known of judged photos besides their labels, one entry per photo. */
export interface JudgedPhotos {
  readonly paths: readonly string[];
  readonly groups: Int32Array;
  /** Whether they are known to have been kept out of training. */
  readonly heldOut: boolean;
  readonly seed: number;
}

/** Answers as they are judged: an entry a row. */
interface Judged extends Omit<JudgedPhotos, 'seed'> {
  readonly classes: readonly string[];
  readonly truth: Int32Array;
  readonly folds?: Int32Array | undefined;
  readonly rowsPerRepeat: number;
}

/** All figures of single-label answers. Figures use all rows; counts and lists of photos use the first repeat, each photo once. */
export function evaluate(
  answers: OutOfFold<ClassCalibration>,
  { classes, labels }: Targets,
  facts: JudgedPhotos,
): Evaluation {
  const { rows, calibrations, folds, rowsPerRepeat } = answers;
  const judged: Judged = {
    classes,
    paths: Array.from(rows, (photo) => facts.paths[photo]),
    truth: rows.map((photo) => labels[photo]),
    groups: rows.map((photo) => facts.groups[photo]),
    heldOut: facts.heldOut,
    folds,
    rowsPerRepeat,
  };
  const { truth, groups } = judged;
  const logits = withBias(answers.logits, calibrations);
  const temperatures = temperaturesOf(calibrations, rows.length);
  const predicted = largest(logits);
  const correct = predicted.map((label, row) => Number(label === truth[row]));
  const probabilities = softmaxRows(logits, temperatures);
  const before = pick(softmaxRows(logits, 1), predicted);
  const after = pick(probabilities, predicted);
  const once = (all: Int32Array) => all.subarray(0, rowsPerRepeat);
  const cells = confusionCells(once(truth), once(predicted));
  const counts = confusionMatrix(cells, classes.length);
  const figures = classFigures(confusionCells(truth, predicted), classes.length);
  const photos = Array.from({ length: rowsPerRepeat }, (_, row) => photo(judged, probabilities, predicted, row));
  const { accuracy, method } = accuracyOf(judged, correct);
  const support = new Uint32Array(classes.length);
  for (const label of once(truth)) support[label]++;
  const perClass = classes.map((label, index) => ({ label, ...figures[index], support: support[index] }));
  const commonest = perClass.reduce((most, one) => (one.support > most.support ? one : most));
  const bias = meanBias(calibrations, classes.length);
  const sets = setsOf(judged, probabilities, calibrations);
  return {
    accuracy,
    baseline: { label: commonest.label, accuracy: commonest.support / rowsPerRepeat },
    logLoss: logLoss(logits, truth, temperatures),
    ece: {
      before: expectedCalibrationError(before, correct),
      after: expectedCalibrationError(after, correct),
      chance: chanceCalibrationError(after, groups, facts.seed),
    },
    temperature: geometricMean(temperatures),
    ...(bias && { bias }),
    perClass,
    confusion: { labels: [...classes], cells, ...(counts && { counts }) },
    reliability: {
      before: reliabilityBins(before, correct),
      after: reliabilityBins(after, correct),
    },
    mistakes: photos
      .filter(({ label, predicted }) => label !== predicted)
      .sort((a, b) => b.probability - a.probability || (a.path < b.path ? -1 : 1)),
    photos,
    ...(sets && { sets }),
    method,
  };
}

/** Figures of the sets that each row's own rule makes; undefined where some row has none. */
function setsOf(
  judged: Judged,
  { columns, data }: Matrix,
  calibrations: readonly ClassCalibration[],
): SetFigures | undefined {
  const { truth, folds, rowsPerRepeat } = judged;
  const rules = calibrations.flatMap(({ set }) => (set ? [set] : []));
  if (rules.length < truth.length || truth.length === 0) return undefined;
  const [covered, sizes] = [new Uint8Array(truth.length), new Int32Array(truth.length)];
  for (const [row, rule] of rules.entries()) {
    const own = setOf(data.subarray(row * columns, (row + 1) * columns), rule);
    covered[row] = Number(own.includes(truth[row]));
    sizes[row] = own.length;
  }
  const guaranteed = smallestOf(rules.map((rule) => rule.guaranteed));
  return setFiguresOf(
    { coverage: rules[0].coverage, guaranteed },
    { ...judged, covered, sizes, folds: folds && foldsOf(folds, truth.length / rowsPerRepeat) },
  );
}

/** Folds of one repeat. */
function foldsOf(folds: Int32Array, repeats: number): number {
  return (largestOf(folds) + 1) / repeats;
}

/** [C] The mean over the rows of the biases that they were given; undefined where none was given any. */
function meanBias(calibrations: readonly ClassCalibration[], classes: number): number[] | undefined {
  if (calibrations.every(({ bias }) => bias === undefined)) return undefined;
  const sums = new Float64Array(classes);
  for (const { bias = [] } of calibrations)
    for (const [label, value] of bias.entries()) sums[label] += value / calibrations.length;
  return [...sums];
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
  const order = likeliestOf(p);
  const shown = order.includes(truth[row]) ? order : [...order, truth[row]];
  return {
    path: paths[row],
    label: classes[truth[row]],
    predicted: classes[predicted[row]],
    probability: p[predicted[row]],
    classes: shown.map((label) => ({ label: classes[label], probability: p[label] })),
  };
}

/** The likeliest classes, the first of equals first; without sorting them all, since there may be thousands. */
function likeliestOf(p: Float32Array): number[] {
  const order: number[] = [];
  for (const [label, value] of p.entries()) {
    if (order.length === likeliest && !(value > p[order[likeliest - 1]])) continue;
    const place = order.findIndex((other) => value > p[other]);
    order.splice(place < 0 ? order.length : place, 0, label);
    if (order.length > likeliest) order.pop();
  }
  return order;
}

function accuracyOf(
  { groups, heldOut, folds, rowsPerRepeat }: Judged,
  correct: Int32Array,
): { accuracy: Interval; method: string } {
  const total = correct.length;
  const own = groups.subarray(0, rowsPerRepeat);
  const independent = new Set(own).size;
  const grouped = independent < rowsPerRepeat;
  const within = grouped ? ` in ${independent} groups` : '';
  const made = grouped ? 'mid-P interval for the effective number of photos in these groups' : 'mid-P interval';
  if (!folds)
    return {
      accuracy: shareInterval(correct, own),
      method: `${total} ${heldOut ? 'held-out photos' : 'photos'}${within}; ${made}.`,
    };
  const repeats = total / rowsPerRepeat;
  const size = foldsOf(folds, repeats);
  return {
    accuracy: shareInterval(meanOverRepeats(correct, rowsPerRepeat), own, foldInflation(size)),
    method: `${size}-fold cross-validation${repeats < 2 ? '' : repeats === 2 ? ', run twice' : `, run ${repeats} times`}, ${rowsPerRepeat} photos${within}; ${made}, with ${foldInflation(size).toFixed(2)} times the variance, since each classifier learned from fewer photos (Nadeau and Bengio 2003).`,
  };
}

function geometricMean(values: Float32Array): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
