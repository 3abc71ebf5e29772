import { Random } from '../numerics/random.ts';
import { mean, quantile } from '../numerics/statistics.ts';
import type { Matrix } from '../platform.ts';
import type { Interval } from './evaluation.ts';
import { blocksOf, wilson } from './intervals.ts';

/** Answers to several yes or no questions a photo. */
export interface LabelAnswers {
  /** [rows, labels] */
  readonly probabilities: Matrix;
  /** [rows, labels]: 1 where the photo has the label, and where it was given. */
  readonly truth: Uint8Array;
  readonly given: Uint8Array;
  readonly groups: Int32Array;
  readonly seed: number;
}

interface Figures<T> {
  readonly meanAveragePrecision: T;
  readonly microF1: T;
  readonly macroF1: T;
  readonly accuracy: T;
  readonly averagePrecision: readonly T[];
  readonly f1: readonly T[];
}

/** The bootstrap's samples: as many as this much work allows. */
const mostSamples = 2000;
const fewestSamples = 200;
const work = 4e8;

/**
 * Average precision and F1 of each label, their means over the labels (mAP, macro F1), F1 of all answers together (micro)
 * and the share of photos that are wholly right, each with a 95% percentile bootstrap over groups. NaN where no row
 * has the label; the means leave it out.
 */
export function labelFigures(answers: LabelAnswers): Figures<Interval> {
  const { probabilities, groups, seed, truth } = answers;
  const { rows, columns } = probabilities;
  const weigh = weighted(answers);
  const whole = weigh(new Float64Array(rows).fill(1));
  const blocks = blocksOf(groups);
  const random = new Random(`${seed}/label bootstrap`);
  const count = Math.min(mostSamples, Math.max(fewestSamples, Math.floor(work / (rows * columns))));
  const samples = Array.from({ length: count }, () => {
    const times = new Float64Array(rows);
    for (let draw = 0; draw < blocks.length; draw++) for (const row of blocks[random.int(blocks.length)]) times[row]++;
    return weigh(times);
  });
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
    meanAveragePrecision: interval((of) => of.meanAveragePrecision, blocks.length),
    microF1: interval((of) => of.microF1, blocks.length),
    macroF1: interval((of) => of.macroF1, blocks.length),
    accuracy: interval((of) => of.accuracy, blocks.length),
    averagePrecision: withLabel.map((independent, label) => interval((of) => of.averagePrecision[label], independent)),
    f1: withLabel.map((independent, label) => interval((of) => of.f1[label], independent)),
  };
}

/** All figures, each row counted as often as told. Rows are sorted once. */
function weighted({ probabilities, truth, given }: LabelAnswers): (times: Float64Array) => Figures<number> {
  const { rows, columns, data } = probabilities;
  const orders = Array.from({ length: columns }, (_, label) =>
    Uint32Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => data[b * columns + label] - data[a * columns + label],
    ),
  );
  const isRight = Uint8Array.from({ length: rows }, (_, row) => {
    for (let at = row * columns; at < (row + 1) * columns; at++) if (truth[at] !== given[at]) return 0;
    return 1;
  });
  return (times) => {
    const averagePrecision: number[] = [];
    const f1: number[] = [];
    let [allHits, allGiven] = [0, 0];
    for (const [label, order] of orders.entries()) {
      let [found, seen, sum, newFound, hits, answers] = [0, 0, 0, 0, 0, 0];
      for (let place = 0; place < rows; place++) {
        const row = order[place];
        const at = row * columns + label;
        const count = times[row];
        const positive = count * truth[at];
        seen += count;
        newFound += positive;
        hits += positive * given[at];
        answers += count * (truth[at] + given[at]);
        // Equal probabilities stand on one step, as scikit-learn has it.
        if (place + 1 < rows && data[order[place + 1] * columns + label] === data[at]) continue;
        if (newFound > 0) {
          found += newFound;
          sum += (newFound * found) / seen;
          newFound = 0;
        }
      }
      averagePrecision.push(sum / found);
      f1.push(found > 0 ? (2 * hits) / answers : Number.NaN);
      allHits += hits;
      allGiven += answers;
    }
    let [right, total] = [0, 0];
    for (let row = 0; row < rows; row++) {
      right += times[row] * isRight[row];
      total += times[row];
    }
    return {
      meanAveragePrecision: mean(averagePrecision.filter(Number.isFinite)),
      microF1: (2 * allHits) / allGiven,
      macroF1: mean(f1.filter(Number.isFinite)),
      accuracy: right / total,
      averagePrecision,
      f1,
    };
  };
}
