/** Windows that slide over a map: what convolution and pooling share. */

import type { Node } from '../onnx/model.ts';
import { intsAttribute, stringAttribute } from '../onnx/model.ts';
import type { Sizes, Tape } from './tape.ts';

/** Windows over maps [N, height, width, C]. */
export interface Windows {
  /** [height, width] of the map, of the windows' grid, of each window itself */
  readonly map: Sizes;
  readonly grid: Sizes;
  readonly kernel: Sizes;
  readonly strides: Sizes;
  readonly dilations: Sizes;
  /** Places before the map, [top, left]. */
  readonly before: Sizes;
}

/**
 * The windows of a Conv or a pooling node, from its attributes and the sizes of its input and output, [N, C, H, W].
 * @throws Error for maps of another number of axes
 */
export function windowsOf(node: Node, input: Sizes, output: Sizes, kernel: Sizes): Windows {
  if (input.length !== 4) throw new Error(`of ${input.length - 2} spatial axes`);
  const map = input.slice(2);
  const grid = output.slice(2);
  const strides = intsAttribute(node, 'strides') ?? [1, 1];
  const dilations = intsAttribute(node, 'dilations') ?? [1, 1];
  const pads = intsAttribute(node, 'pads') ?? [0, 0, 0, 0];
  const auto = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const missing = map.map((size, axis) =>
    Math.max(0, (grid[axis] - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - size),
  );
  const before =
    auto === 'SAME_UPPER'
      ? missing.map((all) => Math.floor(all / 2))
      : auto === 'SAME_LOWER'
        ? missing.map((all) => Math.ceil(all / 2))
        : auto === 'VALID'
          ? [0, 0]
          : pads.slice(0, 2);
  return { map, grid, kernel, strides, dilations, before };
}

/** Whether each window is one place of the map, in order. */
export function isPlain({ map, grid, kernel, strides }: Windows): boolean {
  return [...kernel, ...strides].every((size) => size === 1) && map.every((size, axis) => size === grid[axis]);
}

/** Places of one window, row by row. */
function placesOf({ kernel: [rows, columns], dilations: [down, right] }: Windows): [top: number, left: number][] {
  return Array.from({ length: rows * columns }, (_, k) => [Math.floor(k / columns) * down, (k % columns) * right]);
}

/** A map [N, H, W, C], at each place of the windows: [N, grid, C] each. `outside` is what lies beside the map. */
export function windowSlices(tape: Tape, value: string, windows: Windows, outside = 0): string[] {
  const { builder } = tape;
  const { map, grid, strides, before } = windows;
  const places = placesOf(windows);
  const [far = [0, 0]] = places.slice(-1);
  const after = map.map((size, axis) => (grid[axis] - 1) * strides[axis] + far[axis] + 1 - size - before[axis]);
  const padded = padMap(tape, value, before, after, outside);
  return places.map(([top, left]) =>
    tape.node('Slice', [
      padded,
      builder.ints([top, left]),
      builder.ints([top + (grid[0] - 1) * strides[0] + 1, left + (grid[1] - 1) * strides[1] + 1]),
      builder.ints([1, 2]),
      builder.ints(strides),
    ]),
  );
}

/** The gradient by the map, [N, H, W, C], from those by its slices. */
export function fromSlices(
  tape: Tape,
  slices: readonly string[],
  windows: Windows,
  batch: number,
  channels: number,
): string {
  const { map, grid, strides, before } = windows;
  const spread = grid.map((size, axis) => (size - 1) * strides[axis] + 1);
  return tape.sumOf(
    placesOf(windows).map((place, k) => {
      const start = place.map((at, axis) => at - before[axis]);
      const end = map.map((size, axis) => size - start[axis] - spread[axis]);
      return padMap(tape, spreadOut(tape, slices[k], windows, batch, channels), start, end);
    }),
  );
}

/** A grid [N, h, w, C] with zeros between its places, as far apart as the strides. */
export function spreadOut(
  tape: Tape,
  value: string,
  { grid, strides }: Windows,
  batch: number,
  channels: number,
): string {
  if (strides.every((stride) => stride === 1)) return value;
  const [height, width] = grid;
  const [down, right] = strides;
  const apart = tape.reshape(value, [batch, height, 1, width, 1, channels]);
  const pads = [0, 0, 0, 0, 0, 0, 0, 0, down - 1, 0, right - 1, 0];
  const filled = tape.node('Pad', [apart, tape.builder.ints(pads)]);
  const whole = tape.reshape(filled, [batch, height * down, width * right, channels]);
  return padMap(tape, whole, [0, 0], [1 - down, 1 - right]);
}

/** Rows and columns added around a map [N, H, W, C], or taken away where negative. */
export function padMap(tape: Tape, value: string, before: Sizes, after: Sizes, outside = 0): string {
  if ([...before, ...after].every((size) => size === 0)) return value;
  const pads = tape.builder.ints([0, ...before, 0, 0, ...after, 0]);
  return tape.node('Pad', outside === 0 ? [value, pads] : [value, pads, tape.builder.floats(outside)]);
}
