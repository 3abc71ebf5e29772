/** Reliability bins and expected calibration error. */

import { Random } from '../numerics/random.ts';
import { mean } from '../numerics/statistics.ts';

/** How often outcomes are drawn: as often as this much work allows. */
const mostDraws = 200;
const fewestDraws = 10;
const work = 2e7;

/** Photos whose answers have about the same confidence. */
export interface ReliabilityBin {
  /** Mean probability of the given answers, and the share of them that was right. */
  readonly confidence: number;
  readonly accuracy: number;
  readonly count: number;
}

/**
 * Reliability bins: answers sorted by confidence and divided into bins of about equal count. Equal confidences share a
 * bin, so the order of the photos does not matter. With fewer photos than bins, each photo has its own bin.
 * @param confidence probability of each given answer
 * @param correct 1 where the answer was right, else 0
 */
export function reliabilityBins(
  confidence: ArrayLike<number>,
  correct: ArrayLike<number>,
  bins = 15,
): ReliabilityBin[] {
  return binsOf(confidence, bins).map((rows) => {
    let sure = 0;
    let right = 0;
    for (const row of rows) {
      sure += confidence[row];
      right += correct[row];
    }
    return { confidence: sure / rows.length, accuracy: right / rows.length, count: rows.length };
  });
}

/** The rows of each bin. */
function binsOf(confidence: ArrayLike<number>, bins = 15): Uint32Array[] {
  const order = Uint32Array.from({ length: confidence.length }, (_, i) => i);
  order.sort((a, b) => confidence[a] - confidence[b] || a - b);
  const result: Uint32Array[] = [];
  let start = 0;
  for (let bin = 1; bin <= bins; bin++) {
    let end = Math.max(start, Math.round((bin * order.length) / bins));
    while (end > start && end < order.length && confidence[order[end]] === confidence[order[end - 1]]) end++;
    if (end > start) result.push(order.subarray(start, end));
    start = end;
  }
  return result;
}

/**
 * Expected calibration error (ECE): the mean difference between confidence and accuracy over the photos, in bins of equal
 * mass (Naeini et al. 2015; equal mass as in Nixon et al. 2019). 0 is perfect; few photos bias it upwards.
 */
export function expectedCalibrationError(confidence: ArrayLike<number>, correct: ArrayLike<number>, bins = 15): number {
  let sum = 0;
  for (const bin of reliabilityBins(confidence, correct, bins))
    sum += bin.count * Math.abs(bin.confidence - bin.accuracy);
  return confidence.length === 0 ? 0 : sum / confidence.length;
}

/**
 * The expected calibration error of perfectly calibrated answers: the mean over outcomes drawn from the stated
 * probabilities. A measured error means little unless it is clearly larger.
 * @param units [R] rows with the same number are right or wrong together, as far as their probabilities allow: repeated
 * answers for a photo, and photos of a group
 */
export function chanceCalibrationError(confidence: ArrayLike<number>, units: Int32Array, seed: number): number {
  const rows = confidence.length;
  const random = new Random(`${seed}/calibration by chance`);
  const draws = Math.min(mostDraws, Math.max(fewestDraws, Math.floor(work / Math.max(1, rows))));
  // Equal confidences share a bin whatever the outcomes: the bins are always the same.
  const bins = binsOf(confidence);
  return mean(
    Array.from({ length: draws }, () => {
      const luck = new Map<number, number>();
      let sum = 0;
      for (const bin of bins) {
        let gap = 0;
        for (const row of bin) {
          const own = luck.get(units[row]) ?? random.uniform();
          luck.set(units[row], own);
          gap += confidence[row] - Number(own < confidence[row]);
        }
        sum += Math.abs(gap);
      }
      return rows === 0 ? 0 : sum / rows;
    }),
  );
}
