import { largestOf, mean, quantile } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import { averagePrecisions } from './averagePrecisions.ts';
import type { Interval } from './evaluation.ts';
import { foldInflation, meanOverRepeats, shareInterval, wilson } from './intervals.ts';
import { overSamples } from './labelSamples.ts';

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
  readonly photosOnce?: number | undefined;
  /** Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
}

interface Figures<T> {
  readonly meanAveragePrecision: T;
  readonly microF1: T;
  readonly macroF1: T;
  readonly averagePrecision: readonly T[];
  readonly f1: readonly T[];
}

/**
 * Average precision and F1 of each label, their means over the labels (mAP, macro F1), F1 of all answers together (micro)
 * and the share of photos that are wholly right, each with a 95% percentile bootstrap over groups. NaN where no row
 * has the label; the means leave it out.
 */
export function labelFigures(answers: LabelAnswers): Figures<Interval> & { readonly accuracy: Interval } {
  const { probabilities, groups, seed, truth } = answers;
  const { rows, columns } = probabilities;
  const weigh = weighted(answers);
  const whole = weigh(new Float64Array(rows).fill(1));
  const samples = overSamples(groups, columns, seed, weigh);
  const independentGroups = new Set(groups).size;
  const interval = (figure: (of: Figures<number>) => number, independent: number): Interval => {
    const value = figure(whole);
    const values = samples.map(figure).filter(Number.isFinite);
    const [low, high] = values.length > 0 ? [quantile(values, 0.025), quantile(values, 0.975)] : [0, 1];
    // All resamples agree (all right, all wrong): Wilson's interval of that many independent groups.
    return high > low ? { value, low, high } : { ...wilson(value * independent, independent), value };
  };
  const withLabel = Array.from({ length: columns }, (_, label) => {
    return new Set(groups.filter((_, row) => truth[row * columns + label] === 1)).size;
  });
  return {
    meanAveragePrecision: interval((of) => of.meanAveragePrecision, independentGroups),
    microF1: interval((of) => of.microF1, independentGroups),
    macroF1: interval((of) => of.macroF1, independentGroups),
    accuracy: wholeShare(answers),
    averagePrecision: withLabel.map((independent, label) => interval((of) => of.averagePrecision[label], independent)),
    f1: withLabel.map((independent, label) => interval((of) => of.f1[label], independent)),
  };
}

/** All figures, each row counted as often as told. */
function weighted({ probabilities, truth, given }: LabelAnswers): (times: Float64Array) => Figures<number> {
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
      microF1: (2 * sum(hits)) / (sum(positives) + sum(answers)),
      macroF1: mean(f1.filter(Number.isFinite)),
      averagePrecision,
      f1,
    };
  };
}

/** Share of the photos that are wholly right. */
function wholeShare({
  truth,
  given,
  groups,
  photosOnce = groups.length,
  folds,
  probabilities: { rows, columns },
}: LabelAnswers): Interval {
  const right = Float64Array.from({ length: rows }, (_, row) => {
    for (let at = row * columns; at < (row + 1) * columns; at++) if (truth[at] !== given[at]) return 0;
    return 1;
  });
  const inflation = folds ? foldInflation(((largestOf(folds) + 1) * photosOnce) / rows) : 1;
  return shareInterval(meanOverRepeats(right, photosOnce), groups.subarray(0, photosOnce), inflation);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
