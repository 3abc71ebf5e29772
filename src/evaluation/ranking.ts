import type { Interval } from './evaluation.ts';
import { groupBootstrap, shareInterval, wilson } from './intervals.ts';

/** Scores of photos that are abnormal (positive, 1) or normal (0); a higher score means more abnormal. */
export interface Scored {
  readonly scores: ArrayLike<number>;
  readonly positive: ArrayLike<number>;
  /** Abnormal is what scores above it. */
  readonly threshold: number;
  readonly groups: Int32Array;
  readonly seed: number;
}

/** Each figure with its 95% interval. */
export interface DetectionFigures {
  readonly auroc: Interval;
  readonly averagePrecision: Interval;
  readonly f1: Interval;
  /** Share of the normal photos that is called abnormal. */
  readonly falseReject: Interval;
  /** Share of the abnormal photos that is called normal. */
  readonly miss: Interval;
}

/** How well scores tell abnormal from normal; needs photos of both kinds. Intervals: whole groups are resampled. */
export function detectionFigures(scored: Scored): DetectionFigures {
  const { auroc, averagePrecision, f1, falseReject, miss } = figuresOf(scored);
  return {
    auroc: auroc(),
    averagePrecision: averagePrecision(),
    f1: f1(),
    falseReject: falseReject(),
    miss: miss(),
  };
}

/** Two of these figures, for one kind of abnormal photos. */
export function kindFigures(scored: Scored): Pick<DetectionFigures, 'auroc' | 'miss'> {
  const { auroc, miss } = figuresOf(scored);
  return { auroc: auroc(), miss: miss() };
}

/** Each figure when it is asked for: its interval takes thousands of resamples. */
function figuresOf({ scores, positive, threshold, groups, seed }: Scored): {
  readonly [K in keyof DetectionFigures]: () => Interval;
} {
  // Sorted once: a resample only counts how often each photo was drawn.
  const order = ascending(scores);
  const times = new Uint32Array(scores.length);
  const drawn = (rows: ArrayLike<number>) => {
    times.fill(0);
    for (let i = 0; i < rows.length; i++) times[rows[i]]++;
    return runs(scores, positive, order, times);
  };
  const flagged = Uint8Array.from(scores, (score) => Number(score > threshold));
  const kind = (wanted: number) => new Set(groups.filter((_, row) => positive[row] === wanted)).size;
  const abnormal = kind(1);
  const normal = kind(0);
  const interval = (independent: number, figure: (rows: ArrayLike<number>) => number): Interval => {
    const bootstrap = groupBootstrap(groups, figure, seed);
    if (bootstrap.high > bootstrap.low) return bootstrap;
    // All resamples agree (all right, all wrong): Wilson's interval of that many independent groups.
    return { ...wilson(bootstrap.value * independent, independent), value: bootstrap.value };
  };
  const share = (wanted: number, called: number) => {
    const rows = Int32Array.from(groups.keys()).filter((row) => positive[row] === wanted);
    return shareInterval(
      rows.map((row) => Number(flagged[row] === called)),
      rows.map((row) => groups[row]),
    );
  };
  return {
    auroc: () => interval(Math.min(abnormal, normal), (rows) => areaOf(drawn(rows))),
    averagePrecision: () => interval(abnormal, (rows) => precisionOf(drawn(rows))),
    f1: () => interval(abnormal, (rows) => f1(pick(flagged, rows), pick(positive, rows))),
    falseReject: () => share(0, 1),
    miss: () => share(1, 0),
  };
}

function pick(values: ArrayLike<number>, rows: ArrayLike<number>): Float64Array {
  return Float64Array.from(rows, (row) => values[row]);
}

/**
 * Area under the ROC curve: how often a positive scores above a negative, ties counting half (Mann and Whitney).
 * NaN where either kind is missing.
 */
export function auroc(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  return areaOf(runs(scores, positive));
}

function areaOf({ hits, others }: Runs): number {
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

/** Mean precision over the positives, from the highest score down, as scikit-learn has it; NaN without positives. */
export function averagePrecision(scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  return precisionOf(runs(scores, positive));
}

function precisionOf({ hits, others }: Runs): number {
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

/** @param times how often each photo counts; once unless told */
function runs(
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
  order = ascending(scores),
  times?: Uint32Array,
): Runs {
  const hits = new Uint32Array(order.length);
  const others = new Uint32Array(order.length);
  let last = -1;
  for (let place = 0; place < order.length; place++) {
    const row = order[place];
    if (place === 0 || scores[row] !== scores[order[place - 1]]) last++;
    const counts = positive[row] ? hits : others;
    counts[last] += times ? times[row] : 1;
  }
  return { hits: hits.subarray(0, last + 1), others: others.subarray(0, last + 1) };
}

function ascending(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
}
