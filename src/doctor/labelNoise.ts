/** How many labels are wrong: label noise and the model's honest doubt, told apart by its out-of-fold probabilities. */

import type { Interval } from '../metrics/evaluation.ts';
import { indexOfLargest } from '../numerics/statistics.ts';
import type { Matrix } from '../runtime/platform.ts';

/** What out-of-fold logits say of the labels. */
export interface LabelNoise {
  /** Logits divided by it are calibrated, as far as right labels go. */
  readonly temperature: number;
  /** Share of wrong labels among photos of the classes that are recognised; undefined with fewer than two of them. */
  readonly share: Interval | undefined;
  /** [C] The class that most photos of each class are classified as. Labels of what the network cannot see cannot be judged. */
  readonly recognised: readonly boolean[];
}

const leastRecall = 0.5;
const temperatures = Array.from({ length: 32 }, (_, i) => 0.65 * 20 ** (i / 31));
/** How much of the noise falls on the other classes evenly; the rest falls where classes are confused. */
const evenShares = [1, 0.5, 0];
/** Ratios of the two likelihoods of a label, by their logarithm, are counted in bins. */
const ratios = { low: -12, high: 40, width: 0.05 };
const mostNoise = 0.9;
/**
 * By how much twice the log-likelihood may fall: 1.96 standard errors below, three above, since errors between the classes
 * that are most alike resemble doubt, and are counted short.
 */
const falls = { low: 1.96 ** 2, high: 3 ** 2 };
/**
 * The mean of a number that is never below none, and likeliest none, as a share of its upper bound, which is three standard
 * errors: the likeliest number alone would say none wherever photos are few.
 */
const halfNormalMean = Math.sqrt(2 / Math.PI) / 3;

/**
 * Fits a mixture by maximum likelihood. A right label is drawn from the photo's calibrated probabilities, which one temperature
 * makes of its logits; a wrong one, of which there is the same share everywhere, from the other classes. Doubt falls as a model
 * grows surer, and wrong labels do not, so that hard classes are no noise. The interval is that of the profile likelihood, over all
 * temperatures and kinds of noise.
 * @param logits [N, C], out of fold; rows that are not numbers are left out
 */
export function fitNoise(logits: Matrix, labels: Int32Array): LabelNoise {
  const { columns, data } = logits;
  const known = [...labels.keys()].filter((row) => !Number.isNaN(data[row * columns]));
  const guesses = Int32Array.from(labels, (_, row) =>
    indexOfLargest(data.subarray(row * columns, (row + 1) * columns)),
  );
  const recognised = recognisedOf(labels, guesses, known, columns);
  const seen = known.filter((row) => recognised[labels[row]!]);
  const isJudged = recognised.filter(Boolean).length > 1;
  const fits = fitsOf(logits, labels, guesses, isJudged ? seen : known);
  const best = fits.reduce((a, b) => (b.peak > a.peak ? b : a));
  return { temperature: best.temperature, share: isJudged ? shareOf(fits, best) : undefined, recognised };
}

function recognisedOf(labels: Int32Array, guesses: Int32Array, rows: readonly number[], classes: number): boolean[] {
  const [all, right] = [new Float64Array(classes), new Float64Array(classes)];
  for (const row of rows) {
    all[labels[row]!]!++;
    if (guesses[row] === labels[row]) right[labels[row]!]!++;
  }
  return Array.from(all, (count, c) => count > 0 && right[c]! >= leastRecall * count);
}

/** The likelihood of one temperature and one kind of noise, as a function of the share of wrong labels, and where it is highest. */
interface Fit {
  readonly temperature: number;
  readonly at: (share: number) => number;
  readonly share: number;
  readonly peak: number;
}

function fitsOf(logits: Matrix, labels: Int32Array, guesses: Int32Array, rows: readonly number[]): Fit[] {
  const { columns } = logits;
  const probabilities = new Float64Array(columns);
  return temperatures.flatMap((temperature): Fit[] => {
    const confused = confusionsOf(logits, guesses, rows, temperature);
    const kinds = columns === 2 ? [1] : evenShares;
    const counts = kinds.map(() => new Float64Array((ratios.high - ratios.low) / ratios.width + 1));
    let right = 0;
    for (const row of rows) {
      const label = labels[row]!;
      const own = probabilitiesOf(logits, row, temperature, probabilities);
      const logOwn = own(label);
      right += logOwn;
      const even = -Math.expm1(logOwn) / Math.max(1, columns - 1);
      let where = 0;
      for (let c = 0; c < columns; c++) where += probabilities[c]! * confused[c * columns + label]!;
      for (const [k, share] of kinds.entries()) {
        const ratio = Math.log(share * even + (1 - share) * where) - logOwn;
        const bounded = Math.min(ratios.high, Math.max(ratios.low, ratio));
        counts[k]![Math.floor((bounded - ratios.low) / ratios.width)]!++;
      }
    }
    return counts.map((count) => peaked(temperature, right, count));
  });
}

/** Fills `into` with a photo's probabilities. @returns a class's log-probability */
function probabilitiesOf(
  { columns, data }: Matrix,
  row: number,
  temperature: number,
  into: Float64Array,
): (label: number) => number {
  const from = row * columns;
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < columns; c++) most = Math.max(most, data[from + c]!);
  let total = 0;
  for (let c = 0; c < columns; c++) total += into[c] = Math.exp((data[from + c]! - most) / temperature);
  for (let c = 0; c < columns; c++) into[c]! /= total;
  return (label) => Math.max(-700, (data[from + label]! - most) / temperature - Math.log(total));
}

/** [C, C] What else photos that are classified as a class may be, as shares of them. */
function confusionsOf(logits: Matrix, guesses: Int32Array, rows: readonly number[], temperature: number): Float64Array {
  const { columns } = logits;
  const confused = new Float64Array(columns * columns);
  const probabilities = new Float64Array(columns);
  for (const row of rows) {
    probabilitiesOf(logits, row, temperature, probabilities);
    const at = guesses[row]! * columns;
    for (let c = 0; c < columns; c++) if (c !== guesses[row]) confused[at + c]! += probabilities[c]!;
  }
  for (let c = 0; c < columns; c++) {
    const own = confused.subarray(c * columns, (c + 1) * columns);
    const total = own.reduce((sum, value) => sum + value, 0);
    for (let d = 0; d < columns; d++) own[d] = total > 0 ? own[d]! / total : c === d ? 0 : 1 / Math.max(1, columns - 1);
  }
  return confused;
}

/** @param counts of labels by the ratio of their likelihoods if wrong and if right */
function peaked(temperature: number, right: number, counts: Float64Array): Fit {
  const bins = [...counts.entries()]
    .filter(([, count]) => count > 0)
    .map(([bin, count]) => ({ over: Math.expm1((bin + 0.5) * ratios.width + ratios.low), count }));
  const at = (share: number) => bins.reduce((sum, { over, count }) => sum + count * Math.log1p(share * over), right);
  // It is concave in the share.
  let [low, high] = [0, mostNoise];
  for (let i = 0; i < 50; i++) {
    const [left, rightOf] = [low + (high - low) / 3, high - (high - low) / 3];
    if (at(left) < at(rightOf)) low = left;
    else high = rightOf;
  }
  const inside = (low + high) / 2;
  const share = at(0) >= at(inside) ? 0 : inside;
  return { temperature, at, share, peak: at(share) };
}

function shareOf(fits: readonly Fit[], best: Fit): Interval {
  // Kinds that are far behind at their best are so everywhere.
  const close = fits.filter(({ peak }) => 2 * (best.peak - peak) <= Math.max(falls.low, falls.high));
  const fallen = (share: number) =>
    2 * (best.peak - close.reduce((most, fit) => Math.max(most, fit.at(share)), -1e300));
  const crossing = (outside: number, fall: number) => {
    if (fallen(outside) <= fall) return outside;
    let [inner, outer] = [best.share, outside];
    for (let i = 0; i < 40; i++) {
      const middle = (inner + outer) / 2;
      if (fallen(middle) <= fall) inner = middle;
      else outer = middle;
    }
    return inner;
  };
  const high = crossing(mostNoise, falls.high);
  return { value: Math.max(best.share, halfNormalMean * high), low: crossing(0, falls.low), high };
}
