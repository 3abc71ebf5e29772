/** A conformal threshold from few scores, extrapolated by the law of their tail. */

import { type ConformalThreshold, conformalThreshold } from './conformalThreshold.ts';

/** Pictures above the wanted share from which an order statistic is precise enough, and promises what it says. */
const enoughAbove = 25;
/** Pictures that make a tail, as a share of all and at the least. */
const tailShare = 0.1;
const leastTail = 10;
/** Tails that end sooner, or are heavier, are not seen in distances; so few scores would only imagine them. */
const steepest = 0.5;
/**
 * A threshold that n scores set is now too high, now too low, and on average it lets more through than is aimed at: about as
 * much more as n + 40 scores are more than n (drawn tails of four kinds, 60 to 600 scores).
 */
const overshoot = 40;

/** A score, and what it weighs: copies of one picture weigh as much as one together. */
interface Weighed {
  readonly score: number;
  readonly weight: number;
}

export interface TailThreshold extends ConformalThreshold {
  /** Whether scores are too few to show where the wanted share lies, so that it is estimated from the tail of them. */
  readonly estimated: boolean;
}

/** Separate photos from which the threshold for a wanted share of false rejects is counted, not estimated. */
export function enoughFor(share: number): number {
  return Math.ceil(enoughAbove / share);
}

/**
 * The threshold for a wanted share of false rejects where scores are few: the highest tenth of them is taken for the tail
 * of a generalised Pareto distribution (Pickands 1975), fitted by probability-weighted moments (Hosking and Wallis 1987). The order
 * statistic that conformal prediction takes is nearly the highest score there, which the one oddest photo decides. With
 * scores enough, or too few for a tail, it is that order statistic.
 * @param groups group of each score; a group counts once, however many copies it has
 */
export function tailThreshold(scores: ArrayLike<number>, groups: Int32Array, share: number): TailThreshold {
  const weighed = weigh(scores, groups);
  const separate = Math.round(weighed.reduce((sum, { weight }) => sum + weight, 0));
  const order = conformalThreshold([...highestOf(scores, groups).values()], share);
  const isFew = separate < 2 * leastTail || share > tailShare / 2;
  // A share so large that few scores show it is counted, however few they are.
  if (isFew || separate >= enoughFor(share)) return { ...order, estimated: order.guaranteed > share };
  const aim = (share * separate) / (separate + overshoot);
  return { threshold: paretoThreshold(weighed, separate, aim), guaranteed: order.guaranteed, estimated: true };
}

/**
 * Whether each score lies above the threshold that the other groups' scores set.
 * @returns 1 or 0 for each score
 */
export function aboveOthers(scores: ArrayLike<number>, groups: Int32Array, share: number): Uint8Array {
  const values = Float64Array.from(scores);
  const { threshold } = tailThreshold(values, groups, share);
  const highest = highestOf(values, groups);
  const isExact = highest.size >= enoughFor(share);
  // Only the highest can lie above a threshold, with themselves or without; of many, one moves it by nothing.
  const near = isExact ? 0 : Math.ceil(3 * share * highest.size) + leastTail;
  const asked = [...highest].sort((a, b) => b[1] - a[1]).slice(0, near);
  const own = new Map(
    asked.map(([group]) => {
      const isOther = (_: number, i: number) => groups[i] !== group;
      return [group, tailThreshold(values.filter(isOther), groups.filter(isOther), share).threshold];
    }),
  );
  return Uint8Array.from(groups, (group, i) => Number(values[i] > (own.get(group) ?? threshold)));
}

function paretoThreshold(weighed: readonly Weighed[], separate: number, share: number): number {
  const wanted = Math.max(leastTail, tailShare * separate);
  const tail: Weighed[] = [];
  let mass = 0;
  let place = weighed.length;
  while (place > 0 && mass < wanted - 1e-9) {
    place--;
    tail.push(weighed[place]);
    mass += weighed[place].weight;
  }
  tail.reverse();
  const start = place > 0 ? (weighed[place - 1].score + tail[0].score) / 2 : tail[0].score;
  // Moments of what lies above the start: E[x] and E[x (1 - F(x))].
  let first = 0;
  let second = 0;
  let below = 0;
  for (const { score, weight } of tail) {
    const part = weight / mass;
    first += part * (score - start);
    second += part * (score - start) * (1 - below - part / 2);
    below += part;
  }
  if (!(first > 0)) return tail[tail.length - 1].score;
  // So few as ten say little of the shape: half of what they say is believed.
  const believed = (2 - first / (first - 2 * second)) * (mass / (mass + leastTail));
  const shape = Math.max(-steepest, Math.min(steepest, believed));
  const scale = first * (1 - shape);
  const ratio = share / (mass / separate);
  const above = Math.abs(shape) < 1e-6 ? -Math.log(ratio) : (ratio ** -shape - 1) / shape;
  return start + scale * above;
}

/** Scores in ascending order. */
function weigh(scores: ArrayLike<number>, groups: Int32Array): Weighed[] {
  const counts = new Map<number, number>();
  for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  return Array.from(groups, (group, i) => ({ score: scores[i], weight: 1 / (counts.get(group) ?? 1) })).sort(
    (a, b) => a.score - b.score,
  );
}

/** The highest score of each group. */
function highestOf(scores: ArrayLike<number>, groups: Int32Array): Map<number, number> {
  const highest = new Map<number, number>();
  for (let i = 0; i < groups.length; i++)
    highest.set(groups[i], Math.max(highest.get(groups[i]) ?? Number.NEGATIVE_INFINITY, scores[i]));
  return highest;
}
