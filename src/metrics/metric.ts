/** Metrics: the one figure by which classifiers of a task are compared. */

import { indexOfLargest, mean } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';
import type { LabelTargets, Targets } from '../sets/targets.ts';
import { averagePrecisions } from './averagePrecisions.ts';

/** The one figure by which classifiers of a task are compared, between 0 and 1; more is better. */
export interface Metric<T extends Targets> {
  readonly name: 'accuracy' | 'mean average precision';
  /** Whether it is the mean of one number per photo, so that two classifiers are compared photo by photo. */
  readonly isMean: boolean;
  /** Numbers per answer that it is computed from. */
  width(targets: T): number;
  /**
   * Writes these numbers.
   * @param answer [C] probabilities, or logits in the same order
   * @param into [width]
   */
  outcome(answer: Float32Array, targets: T, photo: number, into: Float32Array): void;
  /**
   * The figure of outcomes [R, width], each row counted as often as `times` says, [R].
   * @param rows [R] photo of each row
   */
  of(outcomes: Matrix, targets: T, rows: Int32Array): (times: Float64Array) => number;
}

/** Out-of-fold answers, reduced to what a metric needs. */
export interface Outcomes {
  /** [R] Photo of each row; with repeated folds a photo comes once a repeat. */
  readonly rows: Int32Array;
  /** [R, width] */
  readonly outcomes: Matrix;
  /** [R] Fold of each row, counted over all repeats; undefined where a part was held out. */
  readonly folds?: Int32Array | undefined;
  /** Rows of the first repeat, which come first. */
  readonly rowsPerRepeat: number;
}

/** What a metric makes of answers [R, C] for photos `rows` [R]. */
export function outcomesOf<T extends Targets>(
  metric: Metric<T>,
  { columns, data }: Matrix,
  targets: T,
  rows: Int32Array,
): Matrix {
  const width = metric.width(targets);
  const out = new Float32Array(rows.length * width);
  for (const [row, photo] of rows.entries())
    metric.outcome(
      data.subarray(row * columns, (row + 1) * columns),
      targets,
      photo,
      out.subarray(row * width, (row + 1) * width),
    );
  return { rows: rows.length, columns: width, data: out };
}

/** The figure of all rows. */
export function figureOf<T extends Targets>(metric: Metric<T>, outcomes: Matrix, targets: T, rows: Int32Array): number {
  return metric.of(outcomes, targets, rows)(new Float64Array(rows.length).fill(1));
}

/** Top-1 accuracy. */
export const accuracy: Metric<Targets> = {
  name: 'accuracy',
  isMean: true,
  width: () => 1,
  outcome(answer, { labels }, photo, into) {
    into[0] = Number(indexOfLargest(answer) === labels[photo]);
  },
  of:
    ({ data }) =>
    (times) => {
      let sum = 0;
      let count = 0;
      for (const [row, right] of data.entries()) {
        sum += times[row] * right;
        count += times[row];
      }
      return sum / count;
    },
};

/**
 * Mean average precision (mAP) over labels that occur: how well photos with a label rank above those without. It is the
 * usual metric of multi-label classification (PASCAL VOC, COCO, NUS-WIDE); unlike F1 it does not depend on thresholds,
 * which vary by chance.
 */
export const meanAveragePrecision: Metric<LabelTargets> = {
  name: 'mean average precision',
  isMean: false,
  width: ({ classes }) => classes.length,
  outcome(answer, _, __, into) {
    into.set(answer);
  },
  of(outcomes, targets, rows) {
    const each = averagePrecisions(outcomes, truthRows(targets, rows));
    return (times) => mean(each(times).filter(Number.isFinite));
  },
};

/** [R, C] The truth of some photos, in the given order. */
export function truthRows({ truth, classes }: Pick<LabelTargets, 'truth' | 'classes'>, rows: Int32Array): Uint8Array {
  const columns = classes.length;
  const out = new Uint8Array(rows.length * columns);
  for (const [i, row] of rows.entries()) out.set(truth.subarray(row * columns, (row + 1) * columns), i * columns);
  return out;
}
