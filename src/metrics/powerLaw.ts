/** What more photos would gain, by an inverse power law fitted to the learning curve. */

import { mean } from '../numerics/statistics.ts';
import type { Interval } from './evaluation.ts';

/** error(n) = floor + scale n^-rate: the inverse power law that learning curves follow (Cortes et al. 1993). */
export interface PowerLaw {
  readonly floor: number;
  readonly scale: number;
  readonly rate: number;
}

/** Numbers of training photos to measure at: `count` steps, each as much larger than the last, up to all of them. */
export function curveSizes(smallest: number, all: number, count: number): number[] {
  const step = (all / smallest) ** (1 / Math.max(1, count - 1));
  const sizes = Array.from({ length: count }, (_, i) => Math.round(smallest * step ** i));
  return [...new Set(sizes)].filter((size) => size <= all);
}

/**
 * Least squares for floor, scale >= 0 and rate in 0.05 .. 2: for a given rate the rest is linear, so rates are tried
 * one by one, in steps of 0.01. Needs two sizes or more.
 */
export function fitPowerLaw(sizes: readonly number[], errors: readonly number[]): PowerLaw {
  let best: PowerLaw = { floor: mean(errors), scale: 0, rate: 1 };
  let least = squares(best, sizes, errors);
  for (let hundredths = 5; hundredths <= 200; hundredths++) {
    const rate = hundredths / 100;
    const x = sizes.map((n) => n ** -rate);
    for (const law of [line(x, errors, rate), { floor: 0, scale: throughZero(x, errors), rate }]) {
      if (law.floor < 0 || law.scale < 0) continue;
      const sum = squares(law, sizes, errors);
      if (sum < least) [best, least] = [law, sum];
    }
  }
  return best;
}

export function errorAt({ floor, scale, rate }: PowerLaw, photos: number): number {
  return floor + scale * photos ** -rate;
}

/**
 * Expected drop of the error with more photos, by the power law through the mean of several repeats. It assumes photos of the same kinds.
 * @param errors errors[repeat][size]
 */
export function expectedGain(sizes: readonly number[], errors: readonly (readonly number[])[], photos: number): number {
  const now = sizes[sizes.length - 1];
  const law = fitPowerLaw(
    sizes,
    sizes.map((_, k) => mean(errors.map((curve) => curve[k]))),
  );
  return errorAt(law, now) - errorAt(law, photos);
}

/** A smaller gain counts as no change: one point. */
const slight = 0.01;

/** The conclusion that the interval of a gain allows. */
export function gainWords({ low, high }: Interval): 'hardly' | 'rises' | 'untold' {
  if (high < slight) return 'hardly';
  return low > 0 ? 'rises' : 'untold';
}

function line(x: readonly number[], y: readonly number[], rate: number): PowerLaw {
  const centreX = mean(x);
  const centreY = mean(y);
  let covariance = 0;
  let spread = 0;
  for (const [i, value] of x.entries()) {
    covariance += (value - centreX) * (y[i] - centreY);
    spread += (value - centreX) ** 2;
  }
  const scale = covariance / spread;
  return { floor: centreY - scale * centreX, scale, rate };
}

function throughZero(x: readonly number[], y: readonly number[]): number {
  let product = 0;
  let square = 0;
  for (const [i, value] of x.entries()) {
    product += value * y[i];
    square += value * value;
  }
  return product / square;
}

function squares(law: PowerLaw, sizes: readonly number[], errors: readonly number[]): number {
  return sizes.reduce((sum, n, i) => sum + (errorAt(law, n) - errors[i]) ** 2, 0);
}
