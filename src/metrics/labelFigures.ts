/** Mean average precision and F1 of multi-label answers, with intervals. */

import { largestOf, mean, normalQuantile, studentQuantile, variance } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import { averagePrecisions } from './averagePrecisions.ts';
import { overSamples } from './bootstrap.ts';
import type { Interval } from './evaluation.ts';
import { figureInterval, foldInflation, meanOverRepeats, shareInterval } from './intervals.ts';
import { f1Interval } from './ranking.ts';

/** Answers to several yes or no questions a photo. */
export interface LabelAnswers {
  /** [rows, labels] */
  readonly probabilities: Matrix;
  /** [rows, labels]: 1 where the photo has the label, and where it was given. */
  readonly truth: Uint8Array;
  readonly given: Uint8Array;
  readonly groups: Int32Array;
  readonly seed: number;
  /** Rows of the first repeat, which come first; all unless told. */
  readonly rowsPerRepeat?: number | undefined;
  /** Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
}

interface Figures {
  readonly meanAveragePrecision: Interval;
  readonly microF1: Interval;
  readonly macroF1: Interval;
  readonly exactMatch: Interval;
  readonly averagePrecision: readonly Interval[];
  readonly f1: readonly Interval[];
}

interface Means {
  readonly meanAveragePrecision: number;
  readonly macroF1: number;
  readonly averagePrecision: readonly number[];
}

/**
 * Average precision and F1 of each label, their means over the labels (mAP, macro F1), F1 of all answers together (micro)
 * and the share of photos that are wholly right, each with its 95% interval. NaN where no row has the label; the means
 * leave it out, and their intervals come from the variance over samples of whole groups.
 */
export function labelFigures(answers: LabelAnswers): Figures {
  const { probabilities, groups, seed, truth, given } = answers;
  const { rows, columns } = probabilities;
  const inflation = inflationOf(answers);
  const weigh = weighted(answers);
  const whole = weigh(new Float64Array(rows).fill(1));
  const samples = overSamples(groups, columns, seed, weigh);
  const each = Array.from({ length: columns }, (_, label) => column(answers, label));
  const fewness = fewPositives(each.map(({ has }) => new Set(groups.filter((_, row) => has[row] === 1)).size));
  const overLabels = (figure: (of: Means) => number) => {
    const values = samples.map(figure).filter(Number.isFinite);
    const isKnown = values.length > 1 && Number.isFinite(fewness);
    return figureInterval(figure(whole), groups, isKnown ? variance(values) * inflation * fewness : 1);
  };
  return {
    meanAveragePrecision: overLabels((of) => of.meanAveragePrecision),
    microF1: f1Interval(
      given,
      truth,
      Int32Array.from(truth, (_, at) => groups[Math.floor(at / columns)]),
      inflation,
    ),
    macroF1: overLabels((of) => of.macroF1),
    exactMatch: wholeShare(answers, inflation),
    averagePrecision: each.map(({ has }, label) => {
      const positives = groups.filter((_, row) => has[row] === 1);
      return figureInterval(whole.averagePrecision[label], positives);
    }),
    f1: each.map(({ has, was }) => (has.includes(1) ? f1Interval(was, has, groups, inflation) : undefinedFigure)),
  };
}

/**
 * By how much the bootstrap's variance of a mean over labels is to be larger, so that the interval is as wide as Student's t
 * makes it. What varies is mostly the figure of the rarest labels, and their few positives say how: there are as many degrees
 * of freedom as the harmonic mean of the labels' positives, less one, and the bootstrap of n has (n - 1) / n of the variance.
 * @param positives of each label, a group once
 */
function fewPositives(positives: readonly number[]): number {
  const some = positives.filter((count) => count > 0);
  const freedom = 1 / mean(some.map((count) => 1 / count)) - 1;
  // With one positive a label nothing is known of how the figure varies.
  if (!(freedom > 0)) return Number.POSITIVE_INFINITY;
  const wider = (studentQuantile(0.975, freedom) / normalQuantile(0.975)) ** 2;
  return wider * mean(some.map((count) => count / Math.max(1, count - 1)));
}

const undefinedFigure: Interval = { value: Number.NaN, low: 0, high: 1 };

/** Truth and answers of one label. */
function column({ truth, given, probabilities: { rows, columns } }: LabelAnswers, label: number) {
  const of = (all: Uint8Array) => Uint8Array.from({ length: rows }, (_, row) => all[row * columns + label]);
  return { has: of(truth), was: of(given) };
}

/** All figures, each row counted as often as told. */
function weighted({ probabilities, truth, given }: LabelAnswers): (times: Float64Array) => Means {
  const { rows, columns } = probabilities;
  const rank = averagePrecisions(probabilities, truth);
  return (times) => {
    const hits = new Float64Array(columns);
    const positives = new Float64Array(columns);
    const answers = new Float64Array(columns);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let label = 0; label < columns; label++, at++) {
        hits[label] += times[row] * truth[at] * given[at];
        positives[label] += times[row] * truth[at];
        answers[label] += times[row] * given[at];
      }
    }
    const averagePrecision = rank(times);
    const f1 = Array.from(hits, (hit, label) =>
      positives[label] > 0 ? (2 * hit) / (positives[label] + answers[label]) : Number.NaN,
    );
    return {
      meanAveragePrecision: mean(averagePrecision.filter(Number.isFinite)),
      macroF1: mean(f1.filter(Number.isFinite)),
      averagePrecision,
    };
  };
}

/** Share of the photos that are wholly right. */
function wholeShare(
  { truth, given, groups, rowsPerRepeat = groups.length, probabilities: { rows, columns } }: LabelAnswers,
  inflation: number,
): Interval {
  const right = Float64Array.from({ length: rows }, (_, row) => {
    for (let at = row * columns; at < (row + 1) * columns; at++) if (truth[at] !== given[at]) return 0;
    return 1;
  });
  return shareInterval(meanOverRepeats(right, rowsPerRepeat), groups.subarray(0, rowsPerRepeat), inflation);
}

/** Of the variance, where folds judge. */
function inflationOf({ folds, groups, rowsPerRepeat = groups.length }: LabelAnswers): number {
  return folds ? foldInflation(((largestOf(folds) + 1) * rowsPerRepeat) / groups.length) : 1;
}
