/** Gradients of operators that only arrange values anew. */

import { dataTypes, intAttribute, intsAttribute, stringAttribute } from '../onnx/model.ts';
import { fromFront, plain, type Rule, type Sizes, type Step, type Tape } from './tape.ts';

/** Values stay in their order: so does the gradient. */
const sameOrder: Rule = plain((gradient, { sizes: [input] }, tape) => [tape.reshape(gradient, input)]);

const transpose: Rule = plain((gradient, { node, sizes: [input] }, tape) => {
  const perm = intsAttribute(node, 'perm') ?? input.map((_, axis) => input.length - 1 - axis);
  return [
    tape.transpose(
      gradient,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ];
});

/** What becomes of an axis of `size` between `start` and `start + length * step`; all else is kept. */
interface Part {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

function slicedParts({ inputs, sizes: [input], outputs: [output] }: Step, tape: Tape): Part[] {
  const starts = tape.integers(inputs[1]);
  const axes = inputs[3] ? tape.integers(inputs[3]) : starts.map((_, k) => k);
  const steps = inputs[4] ? tape.integers(inputs[4]) : starts.map(() => 1);
  return axes.map((named, k) => {
    const axis = fromFront(named, input);
    const size = input[axis];
    const step = steps[k];
    const from = starts[k] < 0 ? starts[k] + size : starts[k];
    const start = Math.min(Math.max(from, 0), step < 0 ? size - 1 : size);
    return { axis, start, step, length: output[axis] };
  });
}

/** The gradient of a slice: zeros around it, and between what a step left out. */
const slice: Rule = plain((gradient, step, tape) => {
  const [input] = step.sizes;
  const sizes = [...step.outputs[0]];
  let value = gradient;
  for (const { axis, start, step: stride, length } of slicedParts(step, tape)) {
    if (stride < 0) throw new Error('with a negative step');
    const size = input[axis];
    if (stride > 1) {
      const apart = [...sizes.slice(0, axis + 1), 1, ...sizes.slice(axis + 1)];
      const pads = apart.map((_, at) => (at === axis + 1 ? stride - 1 : 0));
      value = tape.node('Pad', [tape.reshape(value, apart), tape.builder.ints([...apart.map(() => 0), ...pads])]);
      sizes[axis] = length * stride;
      value = tape.reshape(value, sizes);
    }
    value = padAxis(tape, value, sizes.length, axis, start, size - start - sizes[axis]);
    sizes[axis] = size;
  }
  return [value];
});

function padAxis(tape: Tape, value: string, rank: number, axis: number, before: number, after: number): string {
  if (before === 0 && after === 0) return value;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[rank + axis] = after;
  return tape.node('Pad', [value, tape.builder.ints(pads)]);
}

function cut(tape: Tape, value: string, axis: number, from: number, length: number): string {
  return tape.node('Slice', [value, ...[[from], [from + length], [axis]].map((at) => tape.builder.ints(at))]);
}

const concat: Rule = plain((gradient, { node, sizes, outputs: [output], wanted }, tape) => {
  const axis = fromFront(intAttribute(node, 'axis', 0), output);
  let from = 0;
  return sizes.map((size, index) => {
    const start = from;
    from += size[axis];
    return wanted[index] ? cut(tape, gradient, axis, start, size[axis]) : undefined;
  });
});

const split: Rule = (step, tape) => {
  const {
    node,
    sizes: [input],
    outputs: parts,
  } = step;
  const axis = fromFront(intAttribute(node, 'axis', 0), input);
  return {
    outputs: tape.copy(step),
    backward: (gradients) => {
      if (gradients.every((gradient) => gradient === undefined)) return [];
      const whole = gradients.map((gradient, k) => gradient ?? zeros(tape, parts[k]));
      return [tape.node('Concat', whole, { axis })];
    },
  };
};

function zeros(tape: Tape, sizes: Sizes): string {
  return tape.expand(tape.builder.floats(0), sizes);
}

/** One index, or some in a row, each taken at most once. */
const gather: Rule = plain((gradient, { node, inputs, sizes: [input, indices] }, tape) => {
  const axis = fromFront(intAttribute(node, 'axis', 0), input);
  const taken = tape.integers(inputs[1]).map((at) => fromFront(at, { length: input[axis] } as Sizes));
  if (indices.length > 1) throw new Error('with a matrix of indices');
  const one = tape.reshape(
    gradient,
    input.map((size, at) => (at === axis ? taken.length : size)),
  );
  const pieces = taken.map((at, k) =>
    padAxis(tape, taken.length === 1 ? one : cut(tape, one, axis, k, 1), input.length, axis, at, input[axis] - at - 1),
  );
  return [tape.sumOf(pieces)];
});

const expand: Rule = plain((gradient, { sizes: [input], outputs: [output] }, tape) => [
  tape.unbroadcast(gradient, output, input),
]);

const pad: Rule = plain((gradient, { node, inputs, sizes: [input] }, tape) => {
  if ((stringAttribute(node, 'mode') ?? 'constant') !== 'constant') throw new Error('whose border repeats the map');
  if (inputs[3]) throw new Error('of some axes');
  const pads = tape.integers(inputs[1]);
  return [tape.node('Pad', [gradient, tape.builder.ints(pads.map((size) => -size || 0))])].map((value) =>
    tape.reshape(value, input),
  );
});

const cast: Rule = (step, tape) => {
  if (intAttribute(step.node, 'to', 0) !== dataTypes.float32) throw new Error('to another type than float32');
  return plain((gradient) => [gradient])(step, tape);
};

export const arrangement: Readonly<Record<string, Rule>> = {
  Reshape: sameOrder,
  Flatten: sameOrder,
  Squeeze: sameOrder,
  Unsqueeze: sameOrder,
  Transpose: transpose,
  Slice: slice,
  Concat: concat,
  Split: split,
  Gather: gather,
  Expand: expand,
  Pad: pad,
  Cast: cast,
};
