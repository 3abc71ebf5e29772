/** Gradients of matrix products, softmax and normalisation. */

import { floatAttribute, intAttribute } from '../onnx/model.ts';
import { count, fromFront, plain, type Rule, type Sizes, type Step, type Tape } from './tape.ts';

/** The last two axes exchanged. */
function transposed(tape: Tape, value: string, { length }: Sizes): string {
  const axes = Array.from({ length }, (_, axis) => axis);
  return tape.transpose(value, [...axes.slice(0, -2), length - 1, length - 2]);
}

const matMul: Rule = plain((gradient, { inputs: [a, b], sizes: [left, right], outputs: [out], wanted }, tape) => {
  if (left.length < 2 || right.length < 2) throw new Error('of a vector');
  const byLeft = () =>
    tape.unbroadcast(
      tape.product(gradient, transposed(tape, b, right)),
      [...out.slice(0, -2), ...left.slice(-2)],
      left,
    );
  const byRight = () => {
    // One matrix for all rows: one long product in place of a sum over many.
    if (right.length === 2) {
      const [inner, columns] = right;
      const rows = count(left) / inner;
      return tape.gemm(tape.reshape(a, [rows, inner]), tape.reshape(gradient, [rows, columns]), { transA: 1 });
    }
    const whole = tape.product(transposed(tape, a, left), gradient);
    return tape.unbroadcast(whole, [...out.slice(0, -2), ...right.slice(-2)], right);
  };
  return [wanted[0] ? byLeft() : undefined, wanted[1] ? byRight() : undefined];
});

const gemm: Rule = plain((gradient, { node, inputs: [a, b], sizes, outputs: [out], wanted }, tape) => {
  const transA = intAttribute(node, 'transA', 0);
  const transB = intAttribute(node, 'transB', 0);
  const alpha = floatAttribute(node, 'alpha', 1);
  const scaled = tape.scaled(gradient, alpha);
  const byA = () =>
    transA ? tape.gemm(b, scaled, { transA: transB, transB: 1 }) : tape.gemm(scaled, b, { transB: 1 - transB });
  const byB = () =>
    transB ? tape.gemm(scaled, a, { transA: 1, transB: transA }) : tape.gemm(a, scaled, { transA: 1 - transA });
  const byC = () => tape.unbroadcast(tape.scaled(gradient, floatAttribute(node, 'beta', 1)), out, sizes[2]);
  return [wanted[0] ? byA() : undefined, wanted[1] ? byB() : undefined, wanted[2] ? byC() : undefined];
});

function softmaxAxis({ node, outputs: [out] }: Step): number {
  return fromFront(intAttribute(node, 'axis', -1), out);
}

const softmax: Rule = plain((gradient, step, tape, y) => {
  const own = tape.mul(gradient, y);
  return [tape.sub(own, tape.mul(y, tape.sum(own, [softmaxAxis(step)])))];
});

const logSoftmax: Rule = plain((gradient, step, tape, y) => [
  tape.sub(gradient, tape.mul(tape.node('Exp', [y]), tape.sum(gradient, [softmaxAxis(step)]))),
]);

/** Mean and variance are what they were at the end of pretraining (frozen). */
const batchNormalization: Rule = plain((gradient, { node, inputs, sizes: [sizes], wanted }, tape) => {
  const [x, scale, , mean, variance] = inputs;
  if (wanted[3] || wanted[4]) throw new Error('whose statistics are trained');
  const perChannel = [sizes[1], ...sizes.slice(2).map(() => 1)];
  const others = sizes.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const epsilon = tape.builder.floats(floatAttribute(node, 'epsilon', 1e-5));
  const inverse = tape.node('Reciprocal', [tape.node('Sqrt', [tape.add(variance, epsilon)])]);
  const wide = (value: string) => tape.reshape(value, perChannel);
  const normal = () => tape.mul(tape.sub(x, wide(mean)), wide(inverse));
  return [
    wanted[0] ? tape.mul(gradient, wide(tape.mul(scale, inverse))) : undefined,
    wanted[1] ? tape.sum(tape.mul(gradient, normal()), others, false) : undefined,
    wanted[2] ? tape.sum(gradient, others, false) : undefined,
  ];
});

const layerNormalization: Rule = plain((gradient, { node, inputs: [x, scale], sizes, wanted }, tape) => {
  const [size] = sizes;
  const first = fromFront(intAttribute(node, 'axis', -1), size);
  const axes = size.flatMap((_, axis) => (axis >= first ? [axis] : []));
  const mean = (value: string) => tape.scaled(tape.sum(value, axes), 1 / count(size.slice(first)));
  const centred = tape.sub(x, mean(x));
  const epsilon = tape.builder.floats(floatAttribute(node, 'epsilon', 1e-5));
  const inverse = tape.node('Reciprocal', [tape.node('Sqrt', [tape.add(mean(tape.mul(centred, centred)), epsilon)])]);
  const normal = tape.mul(centred, inverse);
  const own = tape.mul(gradient, scale);
  const byX = () => {
    const along = tape.mul(normal, mean(tape.mul(own, normal)));
    return tape.mul(inverse, tape.sub(tape.sub(own, mean(own)), along));
  };
  return [
    wanted[0] ? byX() : undefined,
    wanted[1] ? tape.unbroadcast(tape.mul(gradient, normal), size, sizes[1]) : undefined,
    wanted[2] ? tape.unbroadcast(gradient, size, sizes[2]) : undefined,
  ];
});

export const matrix: Readonly<Record<string, Rule>> = {
  MatMul: matMul,
  Gemm: gemm,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
