/** Split conformal threshold for a target false-positive rate. */

/** A threshold on a score: photos above it are rejected. */
export interface ConformalThreshold {
  readonly threshold: number;
  /**
   * Guaranteed false-positive rate, on average over photos like those that set it: the target, or 1 / (n + 1) if n photos
   * without copies cannot guarantee less.
   */
  readonly guaranteed: number;
}

/**
 * Split conformal threshold for a target false-positive rate, from scores of held-out known photos: the order statistic
 * ceil((n + 1) (1 - share)) (Vovk et al. 2005), or the highest score if there are too few.
 * @param separate number of photos that are not copies of each other; all by default
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

/** A threshold for a target false-positive rate, and for each photo the threshold set without it. */
export interface Line extends ConformalThreshold {
  readonly target: number;
  readonly thresholds: Float64Array;
}
