/** Gradients of pooling and of reductions over axes. */

import { intAttribute, intsAttribute } from '../onnx/model.ts';
import { count, fromFront, plain, type Rule, type Sizes, type Step, type Tape } from './tape.ts';
import { fromSlices, type Windows, windowSlices, windowsOf } from './windows.ts';

/** Below every value of a map. */
const lowest = -3e38;

function spatialAxes(sizes: Sizes): number[] {
  return sizes.flatMap((_, axis) => (axis > 1 ? [axis] : []));
}

/** Axes of a reduction: an attribute up to operator set 17, an input from then on (ReduceSum: always). */
function axesOf({ node, sizes: [input], inputs }: Step, tape: Tape): number[] {
  const listed = intsAttribute(node, 'axes') ?? (inputs[1] ? tape.integers(inputs[1]) : undefined);
  const isNone = listed === undefined || listed.length === 0;
  if (isNone && intAttribute(node, 'noop_with_empty_axes', 0) === 1) return [];
  return isNone ? input.map((_, axis) => axis) : listed.map((axis) => fromFront(axis, input));
}

/** What a reduction gives, with the axes that it took away as axes of one. */
function kept(tape: Tape, value: string, input: Sizes, axes: readonly number[]): string {
  return tape.reshape(
    value,
    input.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
}

/** The gradient of a sum over axes, or of a mean. */
function reduction(isMean: boolean): Rule {
  return plain((gradient, step, tape) => {
    const {
      sizes: [input],
    } = step;
    const axes = axesOf(step, tape);
    const share = isMean ? 1 / count(axes.map((axis) => input[axis])) : 1;
    return [tape.expand(kept(tape, tape.scaled(gradient, share), input, axes), input)];
  });
}

/** The gradient of the largest value over axes; equal ones share it. */
function largest(axesFor: (step: Step, tape: Tape) => readonly number[]): Rule {
  return plain((gradient, step, tape, y) => {
    const {
      sizes: [input],
      inputs: [x],
    } = step;
    const axes = axesFor(step, tape);
    const is = tape.mask(tape.node('Equal', [x, kept(tape, y, input, axes)]));
    const share = tape.div(is, tape.sum(is, axes));
    return [tape.mul(share, kept(tape, gradient, input, axes))];
  });
}

const globalAverage: Rule = plain((gradient, { sizes: [input] }, tape) => [
  tape.expand(tape.scaled(gradient, 1 / count(input.slice(2))), input),
]);

function poolWindows({ node, sizes: [input], outputs: [output] }: Step): Windows {
  return windowsOf(node, input, output, intsAttribute(node, 'kernel_shape') ?? []);
}

/** How many places of each window lie on the map (or on it and its pads), [1, h, w, 1]. */
function averagedPlaces(
  { map, grid, kernel, strides, dilations, before }: Windows,
  pads: Sizes | undefined,
): Float32Array {
  const onAxis = (axis: number): number[] =>
    Array.from({ length: grid[axis] }, (_, at) => {
      const places = Array.from(
        { length: kernel[axis] },
        (_, k) => at * strides[axis] - before[axis] + k * dilations[axis],
      );
      const low = pads ? -before[axis] : 0;
      const high = map[axis] + (pads ? pads[axis] : 0);
      return places.filter((place) => place >= low && place < high).length;
    });
  const [rows, columns] = [onAxis(0), onAxis(1)];
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => row * column)));
}

const averagePool: Rule = plain((gradient, step, tape) => {
  const {
    node,
    sizes: [[batch, channels]],
  } = step;
  const windows = poolWindows(step);
  const pads = intsAttribute(node, 'pads')?.slice(2) ?? [0, 0];
  const counted = averagedPlaces(windows, intAttribute(node, 'count_include_pad', 0) === 1 ? pads : undefined);
  const share = tape.div(tape.toLast(gradient), tape.builder.floats(counted, [1, ...windows.grid, 1]));
  const slices = Array.from({ length: count(windows.kernel) }, () => share);
  return [tape.toFirst(fromSlices(tape, slices, windows, batch, channels))];
});

/** The first of the largest places of each window gets the gradient, as in PyTorch. */
const maxPool: Rule = plain((gradient, step, tape, y) => {
  const {
    inputs: [x],
    sizes: [[batch, channels]],
  } = step;
  const windows = poolWindows(step);
  const [top, last] = [tape.toLast(y), tape.toLast(gradient)];
  let left = last;
  const slices = windowSlices(tape, tape.toLast(x), windows, lowest).map((slice) => {
    const is = tape.mask(tape.node('Equal', [slice, top]));
    const own = tape.mul(left, is);
    left = tape.sub(left, own);
    return own;
  });
  return [tape.toFirst(fromSlices(tape, slices, windows, batch, channels))];
});

export const pooling: Readonly<Record<string, Rule>> = {
  ReduceSum: reduction(false),
  ReduceMean: reduction(true),
  ReduceMax: largest(axesOf),
  GlobalAveragePool: globalAverage,
  GlobalMaxPool: largest(({ sizes: [input] }) => spatialAxes(input)),
  AveragePool: averagePool,
  MaxPool: maxPool,
};
