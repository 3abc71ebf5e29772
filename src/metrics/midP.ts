/** The mid-P interval of a share. */

import { betaCdf, normalCdf, normalQuantile, solve } from '../numerics/statistics.ts';
import type { Interval } from './evaluation.ts';

/** An interval may miss so often. */
const miss = 0.05;
/** Where one end alone would miss them. */
const oneSided = normalQuantile(1 - miss);
/** Far below one photo in a million: sums of shares are not exact. */
const rounding = 1e-9;

/**
 * 95% interval of a share by mid-P (Lancaster 1961): the shares under which what was seen, half of it counted, and all that
 * is rarer come to 2.5% at least. On average over shares it holds 95%, where the exact interval of Clopper and Pearson holds
 * more. If nothing was missed, the low end is that of the rule of three.
 * @param total number of independent photos, which need not be whole
 * @param bias how much larger the share may be in truth than what was measured, in standard errors. Both ends cannot be too
 * short at once then, and each is given more of the 5% (Imbens and Manski 2004); the caller moves the upper one.
 */
export function midP(share: number, total: number, bias = 0): Interval {
  const tail = bias > 0 ? tailOf(bias) : miss / 2;
  return {
    value: share,
    low: lowEnd(share * total, total, tail),
    high: 1 - lowEnd((1 - share) * total, total, tail),
  };
}

/**
 * What each end may miss: from 2.5% without a bias up to 5%. Newton's steps towards the z at which both ends together miss
 * 5%; they come from below, since the sum is convex there. A report has thousands of intervals.
 */
function tailOf(bias: number): number {
  // Of a share of 0 the lower end cannot miss.
  if (bias === Number.POSITIVE_INFINITY) return miss;
  let z = oneSided;
  for (let step = 1; step > 1e-12; z += step)
    step = (normalCdf(-z) + normalCdf(-z - bias) - miss) / (density(z) + density(z + bias));
  return normalCdf(-z);
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** The share under which as many cases, or more, are as rare as `tail`. */
function lowEnd(cases: number, total: number, tail: number): number {
  if (cases <= rounding) return 0;
  const others = Math.max(0, total - cases);
  return (
    1 -
    solve((above) => {
      const more = others <= rounding ? 0 : betaCdf(1 - above, cases + 1, others);
      return (betaCdf(1 - above, cases, others + 1) + more) / 2;
    }, tail)
  );
}
