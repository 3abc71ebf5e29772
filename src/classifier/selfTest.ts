import type { Pixels } from '../platform.ts';
import type { SelfTestImage } from './card.ts';

/** How the images of the self-test are drawn, in words that a reader in any language can follow. */
export const selfTestFormula =
  'pixel(y, x, c) = 255 - |((x * (5 + 4c) + y * (11 - 3c)) mod 510) - 255|, integers, c = 0 red, 1 green, 2 blue';

/** Draws a self-test image: triangle waves, smooth enough that resizing it is well-posed. */
export function drawSelfTest(height: number, width: number): Pixels {
  const data = new Uint8Array(height * width * 3);
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) data[at++] = 255 - Math.abs(((x * (5 + 4 * c) + y * (11 - 3 * c)) % 510) - 255);
  return { width, height, data };
}

/** What a run gave for one image. */
export interface Outputs {
  readonly features: Float32Array;
  readonly probabilities: Float32Array;
}

/** How far two runs lie apart; infinitely where they cannot be compared. */
export interface Deviation {
  /** Root mean square of the differences of features, as a share of that of the expected features. */
  readonly features: number;
  /** Largest absolute difference of probabilities. */
  readonly probabilities: number;
}

export function deviation(expected: Pick<SelfTestImage, 'features' | 'probabilities'>, got: Outputs): Deviation {
  const { features } = expected;
  const apart = differences(features, got.features);
  return {
    features: comparable(rootMeanSquare(apart) / (rootMeanSquare(features) || 1)),
    probabilities: comparable(Math.max(...differences(expected.probabilities, got.probabilities))),
  };
}

function differences(expected: readonly number[], got: Float32Array): number[] {
  if (expected.length !== got.length) return [Number.POSITIVE_INFINITY];
  return expected.map((value, i) => Math.abs(value - got[i]));
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

function comparable(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

/** Six significant digits: more than float32 kernels agree on from machine to machine. */
export function rounded(values: Float32Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)));
}
