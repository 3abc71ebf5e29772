/** AUROC, average precision, F1 of scores. */

import { aurocInterval } from './aurocInterval.ts';
import type { Interval } from './evaluation.ts';
import { figureInterval, shareInterval } from './intervals.ts';

/** Scores of photos that are abnormal (positive, 1) or normal (0); a higher score means more abnormal. */
export interface Scored {
  readonly scores: ArrayLike<number>;
  readonly positive: ArrayLike<number>;
  /** Photos scoring above it are called abnormal. */
  readonly threshold: number;
  readonly groups: Int32Array;
}

/** Each figure with its 95% interval. */
export interface DetectionFigures {
  readonly auroc: Interval;
  readonly averagePrecision: Interval;
  readonly f1: Interval;
  /** Share of the normal photos that is called abnormal. */
  readonly falsePositiveRate: Interval;
  /** Share of the abnormal photos that is called normal. */
  readonly falseNegativeRate: Interval;
}

/** Detection figures with intervals that allow for groups; needs photos of both kinds. */
export function detectionFigures(scored: Scored): DetectionFigures {
  const { auroc, averagePrecision, f1, falsePositiveRate, falseNegativeRate } = figuresOf(scored);
  return {
    auroc: auroc(),
    averagePrecision: averagePrecision(),
    f1: f1(),
    falsePositiveRate: falsePositiveRate(),
    falseNegativeRate: falseNegativeRate(),
  };
}

/** AUROC and false-negative rate for one kind of abnormal photos. */
export function kindFigures(scored: Scored): Pick<DetectionFigures, 'auroc' | 'falseNegativeRate'> {
  const { auroc, falseNegativeRate } = figuresOf(scored);
  return { auroc: auroc(), falseNegativeRate: falseNegativeRate() };
}

/** Each figure when it is asked for. */
function figuresOf({ scores, positive, threshold, groups }: Scored): {
  readonly [K in keyof DetectionFigures]: () => Interval;
} {
  const flagged = Uint8Array.from(scores, (score) => Number(score > threshold));
  const positives = () => Int32Array.from(groups.keys()).filter((row) => positive[row] === 1);
  const share = (wanted: number, called: number) => {
    const rows = Int32Array.from(groups.keys()).filter((row) => positive[row] === wanted);
    return shareInterval(
      rows.map((row) => Number(flagged[row] === called)),
      rows.map((row) => groups[row]),
    );
  };
  return {
    auroc: () => aurocInterval(auroc(scores, positive), scores, positive, groups),
    averagePrecision: () =>
      figureInterval(
        averagePrecision(scores, positive),
        positives().map((row) => groups[row]),
      ),
    f1: () => f1Interval(flagged, positive, groups),
    falsePositiveRate: () => share(0, 1),
    falseNegativeRate: () => share(1, 0),
  };
}

/**
 * F1 with its interval. Of the photos that are positive or called so, the share of those that are both is a share like any
 * other (Jaccard's index J), and F1 is 2 J / (1 + J).
 * @param inflation as for `shareInterval`
 */
export function f1Interval(
  flagged: ArrayLike<number>,
  positive: ArrayLike<number>,
  groups: Int32Array,
  inflation = 1,
): Interval {
  const rows = Int32Array.from(groups.keys()).filter((row) => flagged[row] > 0 || positive[row] > 0);
  if (rows.length === 0) return { value: Number.NaN, low: 0, high: 1 };
  const { low, high } = shareInterval(
    rows.map((row) => flagged[row] * positive[row]),
    rows.map((row) => groups[row]),
    inflation,
  );
  const toF1 = (jaccard: number) => (2 * jaccard) / (1 + jaccard);
  return { value: f1(flagged, positive), low: toF1(low), high: toF1(high) };
}

/**
 * Area under the ROC curve (Mann-Whitney U): probability that a positive scores above a negative, with ties counting half.
 * NaN if either kind is missing.
 */
export function auroc(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  const { hits, others } = runs(scores, positive);
  let above = 0;
  let positives = 0;
  let negatives = 0;
  // From the lowest score up: each positive beats the negatives below it.
  for (let k = 0; k < hits.length; k++) {
    above += hits[k] * (negatives + others[k] / 2);
    positives += hits[k];
    negatives += others[k];
  }
  return above / (positives * negatives);
}

/** Average precision, as in scikit-learn; NaN without positives. */
export function averagePrecision(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  const { hits, others } = runs(scores, positive);
  let found = 0;
  let seen = 0;
  let sum = 0;
  for (let k = hits.length - 1; k >= 0; k--) {
    found += hits[k];
    seen += hits[k] + others[k];
    if (hits[k] > 0) sum += (hits[k] * found) / seen;
  }
  return sum / found;
}

/** F1 of 0/1 answers; NaN where there are neither positives nor positive answers. */
export function f1(flagged: ArrayLike<number>, positive: ArrayLike<number>): number {
  let hits = 0;
  let all = 0;
  for (let i = 0; i < flagged.length; i++) {
    hits += flagged[i] * positive[i];
    all += flagged[i] + positive[i];
  }
  return (2 * hits) / all;
}

/** How many positives and others there are at each distinct score, ascending. */
interface Runs {
  readonly hits: Uint32Array;
  readonly others: Uint32Array;
}

function runs(scores: ArrayLike<number>, positive: ArrayLike<number>): Runs {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  const hits = new Uint32Array(order.length);
  const others = new Uint32Array(order.length);
  let last = -1;
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    if (place === 0 || scores[row] !== scores[order[place - 1]]) last++;
    const counts = positive[row] ? hits : others;
    counts[last]++;
  }
  return { hits: hits.subarray(0, last + 1), others: others.subarray(0, last + 1) };
}
