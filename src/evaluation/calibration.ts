/** Photos that were about equally sure of their answer. */
export interface ReliabilityBin {
  /** Mean probability of the given answers, and the share of them that was right. */
  readonly confidence: number;
  readonly accuracy: number;
  readonly count: number;
}

/**
 * Answers sorted by confidence and cut into bins of about equal count; equal confidences share a bin, so that the
 * order of the photos does not matter. Fewer photos than bins: one photo a bin.
 * @param confidence probability of each given answer
 * @param correct 1 where the answer was right, else 0
 */
export function reliabilityBins(
  confidence: ArrayLike<number>,
  correct: ArrayLike<number>,
  bins = 15,
): ReliabilityBin[] {
  const order = Uint32Array.from({ length: confidence.length }, (_, i) => i);
  order.sort((a, b) => confidence[a] - confidence[b] || a - b);
  const result: ReliabilityBin[] = [];
  let start = 0;
  for (let bin = 1; bin <= bins; bin++) {
    let end = Math.max(start, Math.round((bin * order.length) / bins));
    while (end > start && end < order.length && confidence[order[end]] === confidence[order[end - 1]]) end++;
    if (end === start) continue;
    let sure = 0;
    let right = 0;
    for (let i = start; i < end; i++) {
      sure += confidence[order[i]];
      right += correct[order[i]];
    }
    result.push({ confidence: sure / (end - start), accuracy: right / (end - start), count: end - start });
    start = end;
  }
  return result;
}

/**
 * Expected calibration error: how far confidence and accuracy lie apart, on average over the photos, in bins of equal
 * mass (Naeini et al. 2015; equal mass as in Nixon et al. 2019). 0 is perfect; few photos make it look worse than it is.
 */
export function expectedCalibrationError(confidence: ArrayLike<number>, correct: ArrayLike<number>, bins = 15): number {
  let sum = 0;
  for (const bin of reliabilityBins(confidence, correct, bins))
    sum += bin.count * Math.abs(bin.confidence - bin.accuracy);
  return confidence.length === 0 ? 0 : sum / confidence.length;
}
