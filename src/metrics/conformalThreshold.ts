/** A threshold for a wanted share of false rejects. */

/** What scores above it is rejected. */
export interface ConformalThreshold {
  readonly threshold: number;
  /**
   * Of photos like those that set it, at most this share is rejected on average: the wanted share, or 1 / (n + 1) where
   * n photos, of which no two are copies, cannot promise less.
   */
  readonly guaranteed: number;
}

/**
 * The threshold for a wanted share of false rejects, from the scores of photos that are known to be right and that were
 * not learned from: the order statistic of split conformal prediction (Vovk et al. 2005), ceil((n + 1) (1 - share)).
 * Where that is more than there are scores, the highest score.
 * @param separate how many of the photos are no copies of each other, all unless told
 */
export function conformalThreshold(
  scores: ArrayLike<number>,
  share: number,
  separate: number = scores.length,
): ConformalThreshold {
  const sorted = Float64Array.from(scores).sort();
  const n = sorted.length;
  if (n === 0) return { threshold: Number.MAX_VALUE, guaranteed: 1 };
  const place = Math.ceil((n + 1) * (1 - share));
  return { threshold: sorted[Math.min(place, n) - 1], guaranteed: Math.max(share, 1 / (separate + 1)) };
}

/** A threshold for a share of false alarms, and for each photo the one that was set without it. */
export interface Line extends ConformalThreshold {
  readonly target: number;
  readonly thresholds: Float64Array;
}
