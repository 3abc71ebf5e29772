/** Gradients of convolutions. */

import { intAttribute } from '../onnx/model.ts';
import { count, type Rule, type Sizes, type Step, type Tape } from './tape.ts';
import { fromSlices, isPlain, spreadOut, type Windows, windowSlices, windowsOf } from './windows.ts';
import { filteringFor, winograd } from './winograd.ts';

/**
 * A convolution is computed channels-last: the windows side by side, times a matrix. On a CPU its gradients so take half
 * the time of Conv and ConvTranspose, whose weights the runtime would like to be constant; depthwise ones are sums of
 * shifted maps times a row of weights each.
 */
export const conv: Rule = (step, tape) => {
  const { node, inputs, sizes, outputs } = step;
  const [input, weight] = sizes;
  const [out] = outputs;
  const windows = windowsOf(node, input, out, weight.slice(2));
  const groups = intAttribute(node, 'group', 1);
  const map = tape.toLast(inputs[0]);
  const way =
    groups === 1
      ? dense(step, tape, windows, map)
      : groups === input[1] && out[1] === input[1]
        ? depthwise(step, tape, windows, map)
        : grouped(step, tape, windows, map, groups);
  const biased = inputs[2] ? tape.add(way.output, inputs[2]) : way.output;
  return {
    outputs: [tape.toFirst(biased)],
    backward: ([gradient]) => {
      if (gradient === undefined) return [];
      const last = tape.toLast(gradient);
      const [byMap, byWeight] = way.backward(last);
      return [byMap && tape.toFirst(byMap), byWeight, step.wanted[2] ? tape.sum(last, [0, 1, 2], false) : undefined];
    },
  };
};

/** The convolution without its bias, channels-last: [N, h, w, C] in and out. */
interface Way {
  readonly output: string;
  readonly backward: (gradient: string) => readonly [byMap: string | undefined, byWeight: string | undefined];
}

/** [N places, window C]. */
function columnsOf(tape: Tape, map: string, windows: Windows, batch: number, channels: number): string {
  const slices = isPlain(windows) ? [map] : windowSlices(tape, map, windows);
  const beside = slices.length === 1 ? slices[0] : tape.node('Concat', slices, { axis: 3 });
  return tape.reshape(beside, [batch * count(windows.grid), slices.length * channels]);
}

function dense(step: Step, tape: Tape, windows: Windows, map: string): Way {
  const {
    inputs,
    sizes,
    outputs: [out],
    wanted,
  } = step;
  const [[batch, channels], [filters, , ...kernel]] = sizes;
  const filtering = filteringFor(windows, channels, filters);
  if (filtering) return winograd(step, tape, windows, map, filtering);
  const places = count(kernel);
  const columns = columnsOf(tape, map, windows, batch, channels);
  const isPoint = places === 1;
  // [filters, window C]: a row of it lies as the columns do.
  const lastWeight = isPoint ? inputs[1] : tape.toLast(inputs[1]);
  const weight = tape.reshape(lastWeight, [filters, places * channels]);
  const last = [batch, out[2], out[3], filters];
  const output = tape.reshape(tape.gemm(columns, weight, { transB: 1 }), last);
  const byMap = (gradient: string, flat: string): string => {
    if (isPlain(windows)) return tape.reshape(tape.gemm(flat, weight), [batch, ...windows.map, channels]);
    // Of few channels the windows are smaller after the product; without strides one product does it all.
    if (windows.strides.every((stride) => stride === 1))
      return turned(tape, gradient, lastWeight, windows, sizes, filters);
    const wide = tape.reshape(tape.gemm(flat, weight), [batch, out[2], out[3], places * channels]);
    const slices = Array.from({ length: places }, (_, k) =>
      tape.node('Slice', [wide, ...[[k * channels], [(k + 1) * channels], [3]].map((at) => tape.builder.ints(at))]),
    );
    return fromSlices(tape, slices, windows, batch, channels);
  };
  return {
    output,
    backward: (gradient) => {
      const flat = tape.reshape(gradient, [batch * count(windows.grid), filters]);
      const byWeight = () => {
        const matrix = tape.gemm(flat, columns, { transA: 1 });
        return isPoint
          ? tape.reshape(matrix, sizes[1])
          : tape.toFirst(tape.reshape(matrix, [filters, ...kernel, channels]));
      };
      return [wanted[0] ? byMap(gradient, flat) : undefined, wanted[1] ? byWeight() : undefined];
    },
  };
}

/** The gradient by the map of a convolution without strides: a convolution of the gradient with the turned kernel. */
function turned(
  tape: Tape,
  gradient: string,
  lastWeight: string,
  { map, grid, kernel, dilations, before }: Windows,
  [[batch, channels]]: readonly Sizes[],
  filters: number,
): string {
  const places = count(kernel);
  const back: Windows = {
    map: grid,
    grid: map,
    kernel,
    strides: [1, 1],
    dilations,
    before: before.map((size, axis) => dilations[axis] * (kernel[axis] - 1) - size),
  };
  const columns = columnsOf(tape, gradient, back, batch, filters);
  const reversed = Array.from({ length: places }, (_, k) => places - 1 - k);
  const kernels = tape.reshape(lastWeight, [filters, places, channels]);
  const flipped = tape.node('Gather', [tape.transpose(kernels, [1, 0, 2]), tape.builder.ints(reversed)], { axis: 0 });
  const matrix = tape.reshape(flipped, [places * filters, channels]);
  return tape.reshape(tape.gemm(columns, matrix), [batch, ...map, channels]);
}

function depthwise({ inputs, sizes, wanted }: Step, tape: Tape, windows: Windows, map: string): Way {
  const [[batch, channels], [, , ...kernel]] = sizes;
  const places = count(kernel);
  const rows = tape.transpose(tape.reshape(inputs[1], [channels, places]), [1, 0]);
  const row = (k: number) => tape.node('Gather', [rows, tape.builder.ints(k)], { axis: 0 });
  const slices = windowSlices(tape, map, windows);
  return {
    output: tape.sumOf(slices.map((slice, k) => tape.mul(slice, row(k)))),
    backward: (gradient) => {
      const byMap = () => {
        // Spread out once: what is placed differs in its weights and its place alone.
        const spread = spreadOut(tape, gradient, windows, batch, channels);
        const { map: size, grid, strides, dilations, before } = windows;
        const back: Windows = {
          map: grid.map((length, axis) => (length - 1) * strides[axis] + 1),
          grid: size,
          kernel,
          strides: [1, 1],
          dilations,
          before: before.map((length, axis) => dilations[axis] * (kernel[axis] - 1) - length),
        };
        return tape.sumOf(windowSlices(tape, spread, back).map((slice, k) => tape.mul(slice, row(places - 1 - k))));
      };
      const byWeight = () => {
        const products = slices.map((slice) => tape.sum(tape.mul(slice, gradient), [0, 1, 2], false));
        const stacked = tape.reshape(tape.node('Concat', products, { axis: 0 }), [places, channels]);
        return tape.reshape(tape.transpose(stacked, [1, 0]), sizes[1]);
      };
      return [wanted[0] ? byMap() : undefined, wanted[1] ? byWeight() : undefined];
    },
  };
}

/** A product for each group: [groups, places, window C] times [groups, window C, filters]. */
function grouped(
  { inputs, sizes, outputs: [out], wanted }: Step,
  tape: Tape,
  windows: Windows,
  map: string,
  groups: number,
): Way {
  const [[batch, channels], [filters, own, ...kernel]] = sizes;
  const places = count(kernel);
  const all = batch * count(windows.grid);
  const each = filters / groups;
  const flat = columnsOf(tape, map, windows, batch, channels);
  const columns = tape.reshape(tape.transpose(tape.reshape(flat, [all, places, groups, own]), [2, 0, 1, 3]), [
    groups,
    all,
    places * own,
  ]);
  const weight = tape.reshape(tape.transpose(tape.reshape(inputs[1], [groups, each, own, places]), [0, 3, 2, 1]), [
    groups,
    places * own,
    each,
  ]);
  const together = tape.transpose(tape.product(columns, weight), [1, 0, 2]);
  return {
    output: tape.reshape(together, [batch, out[2], out[3], filters]),
    backward: (gradient) => {
      const apart = tape.transpose(tape.reshape(gradient, [all, groups, each]), [1, 0, 2]);
      const byMap = () => {
        const wide = tape.product(apart, tape.transpose(weight, [0, 2, 1]));
        const side = tape.transpose(tape.reshape(wide, [groups, all, places, own]), [2, 1, 0, 3]);
        const slices = Array.from({ length: places }, (_, k) => {
          const slice = tape.node('Gather', [side, tape.builder.ints(k)], { axis: 0 });
          return tape.reshape(slice, [batch, out[2], out[3], channels]);
        });
        return fromSlices(tape, slices, windows, batch, channels);
      };
      const byWeight = () => {
        const matrix = tape.product(tape.transpose(columns, [0, 2, 1]), apart);
        const kernels = tape.transpose(tape.reshape(matrix, [groups, places, own, each]), [0, 3, 2, 1]);
        return tape.reshape(kernels, sizes[1]);
      };
      return [wanted[0] ? byMap() : undefined, wanted[1] ? byWeight() : undefined];
    },
  };
}
