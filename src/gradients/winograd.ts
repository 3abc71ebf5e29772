/** Convolutions of 3 x 3 windows by a third of the products: Winograd's minimal filtering (Lavin and Gray 2016). */

import { count, type Sizes, type Step, type Tape } from './tape.ts';
import type { Windows } from './windows.ts';

/** Points at which the polynomials are taken, after which comes infinity; as many as a tile has places. */
const points = [0, 1, -1, 2, -2];
const kernelSize = 3;

/** Along one axis, a tile of `size` results from its places: results = output · ((kernel · weights) ∘ (input · places)). */
interface Filtering {
  readonly size: number;
  readonly places: number;
  /** [places][places], [places][kernel], [size][places] */
  readonly input: readonly (readonly number[])[];
  readonly kernel: readonly (readonly number[])[];
  readonly output: readonly (readonly number[])[];
}

/** Minimal filtering by Cook and Toom, of tiles of `size` results. */
function filteringOf(size: number): Filtering {
  const places = size + kernelSize - 1;
  const finite = points.slice(0, places - 1);
  const powers = (at: number, length: number) => Array.from({ length }, (_, k) => at ** k);
  const infinite = (length: number) => Array.from({ length }, (_, k) => Number(k === length - 1));
  const apart = (at: number) => finite.reduce((all, other) => (other === at ? all : all * (at - other)), 1);
  // Coefficients of the product of (x - point).
  const vanishing = (at: readonly number[]) =>
    at.reduce<number[]>(
      (all, point) => Array.from({ length: places }, (_, k) => (all[k - 1] ?? 0) - point * all[k]),
      infinite(places).toReversed(),
    );
  const columns = [...finite.map((at) => powers(at, size)), infinite(size)];
  return {
    size,
    places,
    input: [...finite.map((at) => vanishing(finite.filter((other) => other !== at))), vanishing(finite)],
    kernel: [...finite.map((at) => powers(at, kernelSize).map((power) => power / apart(at))), infinite(kernelSize)],
    output: Array.from({ length: size }, (_, k) => columns.map((column) => column[k])),
  };
}

const filterings = [2, 3, 4].map(filteringOf);

/** Tiles over a grid, [down, right]. */
function tilesOf({ size }: Filtering, { grid }: Windows): number[] {
  return grid.map((length) => Math.ceil(length / size));
}

/** The filtering that takes fewest products, where these are clearly fewer than those of the plain convolution. */
export function filteringFor(windows: Windows, channels: number, filters: number): Filtering | undefined {
  const { map, grid, kernel, strides, dilations } = windows;
  if (!kernel.every((size) => size === kernelSize) || ![...strides, ...dilations].every((step) => step === 1))
    return undefined;
  const costs = filterings.map((filtering) => {
    const all = filtering.places ** 2 * count(tilesOf(filtering, windows));
    return { filtering, cost: all * (channels * filters + count(map) * channels + count(grid) * filters) };
  });
  const least = costs.reduce((best, each) => (each.cost < best.cost ? each : best));
  return least.cost < 0.7 * count(grid) * kernelSize ** 2 * channels * filters ? least.filtering : undefined;
}

/**
 * The convolution without its bias, channels-last. Tiles are linear in the map, results linear in products of tiles, so that all of
 * it is products of matrices, and its gradients are the same with these transposed.
 */
export function winograd(
  { inputs, sizes: [[batch, channels], weightSizes], wanted }: Step,
  tape: Tape,
  windows: Windows,
  map: string,
  filtering: Filtering,
) {
  const [filters] = weightSizes;
  const { grid } = windows;
  const tiles = count(tilesOf(filtering, windows));
  const places = filtering.places ** 2;
  const { input, output, kernel } = matricesOf(filtering, windows);
  const constant = (rows: readonly (readonly number[])[]) =>
    tape.builder.floats(Float32Array.from(rows.flat()), [rows.length, rows[0].length]);
  const transposed = (rows: readonly (readonly number[])[]) => rows[0].map((_, k) => rows.map((row) => row[k]));
  /** [N, H, W, C] to [places, N tiles, C] */
  const toTiles = (value: string, area: Sizes, by: typeof input, depth: number) => {
    const flat = tape.product(constant(by), tape.reshape(value, [batch, count(area), depth]));
    const apart = tape.transpose(tape.reshape(flat, [batch, places, tiles, depth]), [1, 0, 2, 3]);
    return tape.reshape(apart, [places, batch * tiles, depth]);
  };
  const fromTiles = (value: string, area: Sizes, by: typeof input, depth: number) => {
    const together = tape.transpose(tape.reshape(value, [places, batch, tiles, depth]), [1, 0, 2, 3]);
    const flat = tape.product(constant(by), tape.reshape(together, [batch, places * tiles, depth]));
    return tape.reshape(flat, [batch, ...area, depth]);
  };
  const turned = (value: string) => tape.transpose(value, [0, 2, 1]);
  const kernels = tape.transpose(tape.reshape(inputs[1], [filters * channels, kernel[0].length]), [1, 0]);
  const weights = tape.reshape(tape.gemm(constant(kernel), kernels), [places, filters, channels]);
  const own = toTiles(map, windows.map, input, channels);
  return {
    output: fromTiles(tape.product(own, turned(weights)), grid, output, filters),
    backward: (gradient: string): readonly [string | undefined, string | undefined] => {
      const back = toTiles(gradient, grid, transposed(output), filters);
      const byMap = () => fromTiles(tape.product(back, weights), windows.map, transposed(input), channels);
      const byWeight = () => {
        const all = tape.reshape(tape.product(turned(back), own), [places, filters * channels]);
        const flat = tape.gemm(constant(kernel), all, { transA: 1 });
        return tape.reshape(tape.transpose(flat, [1, 0]), weightSizes);
      };
      return [wanted[0] ? byMap() : undefined, wanted[1] ? byWeight() : undefined];
    },
  };
}

/** In both axes: [places tiles][map], [grid][places tiles], [places][kernel]. */
function matricesOf(filtering: Filtering, windows: Windows) {
  const { size, places } = filtering;
  const { map, grid, before } = windows;
  const tiles = tilesOf(filtering, windows);
  const range = (length: number) => Array.from({ length }, (_, k) => k);
  const both = (lengths: Sizes) => range(lengths[0]).flatMap((a) => range(lengths[1]).map((b) => [a, b] as const));
  const all = both([places, places]).flatMap((place) => both(tiles).map((tile) => ({ place, tile })));
  const axes = [0, 1] as const;
  const product = (values: readonly number[]) => values[0] * values[1];
  return {
    input: all.map(({ place, tile }) =>
      both(map).map((at) =>
        product(axes.map((axis) => filtering.input[place[axis]][at[axis] + before[axis] - tile[axis] * size] ?? 0)),
      ),
    ),
    output: both(grid).map((at) =>
      all.map(({ place, tile }) =>
        product(axes.map((axis) => filtering.output[at[axis] - tile[axis] * size]?.[place[axis]] ?? 0)),
      ),
    ),
    kernel: both([places, places]).map((place) =>
      both([kernelSize, kernelSize]).map((at) => product(axes.map((axis) => filtering.kernel[place[axis]][at[axis]]))),
    ),
  };
}
