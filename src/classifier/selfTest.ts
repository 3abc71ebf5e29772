/** The self-test: drawn images, and the difference between two runs. */

import { CarafeError } from '../errors.ts';
import { largestOf } from '../numerics/statistics.ts';
import type { Pixels } from '../runtime/platform.ts';

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

/** What a self-test compares, by the names of the file's outputs. */
export const comparedOutputs = ['features', 'probabilities', 'unknownScore', 'score', 'heatmap'] as const;
export type Compared = (typeof comparedOutputs)[number];

/**
 * How far a file may lie from the in-process path. The graph's own resize and a photo library's differ by about 0.25 of
 * 255 a pixel, which moves the features of the networks at hand by up to 0.7%; another resize kernel moves them by 2 to
 * 7%. Without resizing, runtimes and machines differ by 0.001%. A file that grants itself more is held to this.
 */
export const mostDeviation = { features: 0.05, probabilities: 0.05, unknownScore: 0.1, score: 0.1, heatmap: 0.1 };

/** What a run gave for one image, or what it should give; `Sure` are the outputs that the file's task always has. */
export type Outputs<Sure extends Compared = never, Numbers = Float32Array> = PerOutput<Sure, Numbers>;
type PerOutput<Sure extends Compared, Value> = { readonly [K in Compared]?: Value | undefined } & {
  readonly [K in Sure | 'features']: Value;
};

/**
 * How far two runs lie apart, in each output; infinitely where they cannot be compared. Of probabilities the largest
 * absolute difference; else the root mean square of the differences, as a share of that of the expected values.
 */
export type Deviation<Sure extends Compared = never> = PerOutput<Sure, number>;

/** A self-test image, and the difference between this runtime's results and those at training time. */
export interface Verification<Sure extends Compared = never> {
  readonly images: readonly ({ readonly height: number; readonly width: number } & Deviation<Sure>)[];
  readonly tolerance: Deviation<Sure>;
  readonly passed: boolean;
}

/**
 * Runs the self-test that is in a file: does this runtime give what the training run gave?
 * @throws CarafeError UNAVAILABLE where a newer Carafe drew its images by another formula
 */
export async function verifySelfTest(
  { version, selfTest: { images, tolerance: stated, formula } }: SelfTestCard,
  source: string,
  run: (pixels: Pixels) => Promise<Outputs>,
): Promise<Verification> {
  if (formula !== selfTestFormula)
    throw new CarafeError(
      'UNAVAILABLE',
      `The self-test of ${source} uses a drawing that this Carafe does not know: ${formula}`,
      `It was made by Carafe ${version}. Update Carafe.`,
    );
  const bounded = (name: Compared) => Math.min(stated[name] ?? 0, mostDeviation[name]);
  const tolerance: Deviation = {
    features: bounded('features'),
    ...Object.fromEntries(
      comparedOutputs.flatMap((name) => (stated[name] === undefined ? [] : [[name, bounded(name)]])),
    ),
  };
  const measured = [];
  for (const image of images) {
    const { height, width } = image;
    measured.push({ height, width, ...deviation(image, await run(drawSelfTest(height, width))) });
  }
  const passed = measured.every((image) =>
    comparedOutputs.every((name) => image[name] === undefined || image[name] <= (tolerance[name] ?? 0)),
  );
  return { images: measured, tolerance, passed };
}

interface SelfTestCard {
  readonly version: string;
  readonly selfTest: {
    readonly formula: string;
    readonly images: readonly ({ readonly height: number; readonly width: number } & Outputs<
      never,
      readonly number[]
    >)[];
    readonly tolerance: Deviation;
  };
}

/** In every output that is expected. */
export function deviation(expected: Outputs<never, readonly number[]>, got: Outputs): Deviation {
  const of = (name: Compared): number | undefined => {
    const wanted = expected[name];
    if (!wanted) return undefined;
    const apart = differences(wanted, got[name] ?? new Float32Array());
    return comparable(
      name === 'probabilities' ? largestOf(apart) : rootMeanSquare(apart) / (rootMeanSquare(wanted) || 1),
    );
  };
  const rest = comparedOutputs.flatMap((name) => {
    const value = of(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { features: Number.POSITIVE_INFINITY, ...Object.fromEntries(rest) };
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
