/** Means, quantiles, the distributions that intervals need. */

/**
 * Descriptive statistics, and the quantiles that intervals need. All in double precision.
 * The special functions are the series and continued fractions of Numerical Recipes (3rd ed., 6.2 and 6.4);
 * quantiles invert them by bisection. Within 1e-9 of SciPy, relatively, for parameters up to a million.
 */

/** Index of the largest value; the first of equals. */
export function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** The largest of any number of values; -Infinity for none. Math.max takes no more than its call has room for. */
export function largestOf(values: Iterable<number>): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) largest = Math.max(largest, value);
  return largest;
}

/** The smallest of any number of values; Infinity for none. */
export function smallestOf(values: Iterable<number>): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const value of values) smallest = Math.min(smallest, value);
  return smallest;
}

/** Arithmetic mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Unbiased variance (divides by n - 1); NaN for fewer than two values. */
export function variance(values: ArrayLike<number>): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return sum / (values.length - 1);
}

/** Quantile p (0..1) by linear interpolation between order statistics, as NumPy's default has it; NaN for no values. */
export function quantile(values: ArrayLike<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * Math.min(1, Math.max(0, p));
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (place - below) * (high - low);
}

/** ln Γ(x) for x > 0 (Lanczos, g = 7, n = 9). */
export function logGamma(x: number): number {
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
    -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = 0.99999999999980993;
  for (const [i, c] of coefficients.entries()) sum += c / (x + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Upper tail Q(a, x) of the regularised incomplete gamma function. */
function gammaTail(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 1000 && term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  return front / continuedFraction(x + 1 - a, (n) => [-n * (n - a), x + 1 - a + 2 * n]);
}

/** Regularised incomplete beta function I_x(a, b): the distribution function of Beta(a, b). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b));
  // The fraction converges fast below the mean; above it the mirror image does.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaFraction(1 - x, b, a, front);
  return betaFraction(x, a, b, front);
}

function betaFraction(x: number, a: number, b: number, front: number): number {
  const fraction = continuedFraction(1, (n) => {
    const m = Math.floor(n / 2);
    const top =
      n % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    return [top, 1];
  });
  return front / (a * fraction);
}

/** first + top(1) / (bottom(1) + top(2) / (bottom(2) + ...)), by Lentz's method. */
function continuedFraction(first: number, step: (n: number) => readonly [top: number, bottom: number]): number {
  const tiny = 1e-300;
  let value = first || tiny;
  let c = value;
  let d = 0;
  for (let n = 1; n < 10_000; n++) {
    const [top, bottom] = step(n);
    d = 1 / (bottom + top * d || tiny);
    c = bottom + top / c || tiny;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}

/** Where the falling function `tail` meets `target`, at or above 0. */
export function solve(tail: (x: number) => number, target: number): number {
  let low = 0;
  let high = 1;
  while (tail(high) > target) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (tail(middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Distribution function of the standard normal. */
export function normalCdf(x: number): number {
  const tail = gammaTail(0.5, (x * x) / 2) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** Quantile of the standard normal, 0 <= p <= 1: normalQuantile(0.975) is 1.96. */
export function normalQuantile(p: number): number {
  return symmetric(p, (x) => gammaTail(0.5, (x * x) / 2) / 2);
}

/** From so many degrees of freedom on, Student's t is the normal distribution to six digits. */
export const muchFreedom = 1e6;

/** Quantile of Student's t with `freedom` > 0 degrees of freedom, any number of them, 0 <= p <= 1. */
export function studentQuantile(p: number, freedom: number): number {
  if (freedom > muchFreedom) return normalQuantile(p);
  return symmetric(p, (x) => betaCdf(freedom / (freedom + x * x), freedom / 2, 0.5) / 2);
}

/** Quantile of a distribution that is symmetric about 0, from its upper tail. */
function symmetric(p: number, tail: (x: number) => number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return p < 0.5 ? -solve(tail, p) : p === 0.5 ? 0 : solve(tail, 1 - p);
}
