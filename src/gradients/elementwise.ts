/** Gradients of operators that compute each value from its own place. */

import { floatAttribute, stringAttribute } from '../onnx/model.ts';
import { plain, type Rule, type Step, type Tape } from './tape.ts';

/** Of one input: from the gradient, the input and the output to the gradient by the input. */
function unary(backward: (gradient: string, x: string, y: string, tape: Tape, step: Step) => string): Rule {
  return plain((gradient, step, tape, y) => [backward(gradient, step.inputs[0], y, tape, step)]);
}

/** The gradient where a comparison holds, else 0. */
function where(tape: Tape, condition: string, gradient: string): string {
  return tape.mul(gradient, tape.mask(condition));
}

function between(tape: Tape, value: string, low: number, high: number): string {
  return tape.node('And', [tape.above(value, low), tape.below(value, high)]);
}

/** 1 - y. */
function rest(tape: Tape, y: string): string {
  return tape.sub(tape.builder.floats(1), y);
}

/** Of inputs that are broadcast against each other: from the gradient to what each input gets of it. */
function broadcast(backward: (gradient: string, inputs: readonly string[], tape: Tape, index: number) => string): Rule {
  return plain((gradient, { inputs, sizes, outputs, wanted }, tape) =>
    inputs.map((_, index) =>
      wanted[index] ? tape.unbroadcast(backward(gradient, inputs, tape, index), outputs[0], sizes[index]) : undefined,
    ),
  );
}

const clip: Rule = unary((gradient, x, _, tape, { node, inputs }) => {
  const low = tape.number(node.inputs[1] && inputs[1], Number.NEGATIVE_INFINITY);
  const high = tape.number(node.inputs[2] && inputs[2], Number.POSITIVE_INFINITY);
  return where(tape, between(tape, x, low, high), gradient);
});

const hardSwish: Rule = unary((gradient, x, _, tape) => {
  const slope = tape.add(tape.scaled(x, 1 / 3), tape.builder.floats(0.5));
  const inside = tape.mul(slope, tape.mask(between(tape, x, -3, 3)));
  return tape.mul(gradient, tape.add(inside, tape.mask(tape.node('Not', [tape.below(x, 3)]))));
});

/** x Phi(x), or its approximation by tanh (Hendrycks and Gimpel 2016). */
const gelu: Rule = unary((gradient, x, _, tape, { node }) => {
  const { builder } = tape;
  const square = tape.mul(x, x);
  if (stringAttribute(node, 'approximate') === 'tanh') {
    const scale = Math.sqrt(2 / Math.PI);
    const inner = tape.mul(x, tape.add(tape.scaled(square, scale * 0.044715), builder.floats(scale)));
    const tanh = tape.node('Tanh', [inner]);
    const byInner = tape.mul(x, rest(tape, tape.mul(tanh, tanh)));
    const slope = tape.mul(byInner, tape.add(tape.scaled(square, 3 * scale * 0.044715), builder.floats(scale)));
    return tape.mul(gradient, tape.scaled(tape.add(tape.add(tanh, builder.floats(1)), slope), 0.5));
  }
  const erf = tape.node('Erf', [tape.scaled(x, Math.SQRT1_2)]);
  const density = tape.scaled(tape.node('Exp', [tape.scaled(square, -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  const share = tape.scaled(tape.add(erf, builder.floats(1)), 0.5);
  return tape.mul(gradient, tape.add(share, tape.mul(x, density)));
});

/** x^p for one constant p. */
const pow: Rule = unary((gradient, x, _, tape, { inputs, wanted }) => {
  if (wanted[1]) throw new Error('whose exponent is trained');
  const exponent = tape.number(inputs[1], 1);
  const power = exponent === 2 ? x : tape.node('Pow', [x, tape.builder.floats(exponent - 1)]);
  return tape.scaled(tape.mul(gradient, power), exponent);
});

const extreme =
  (op: 'GreaterOrEqual' | 'LessOrEqual'): Rule =>
  (step, tape) => {
    if (step.inputs.length !== 2) throw new Error('of more than two tensors');
    return broadcast((gradient, [a, b], _, index) => {
      const first = tape.node(op, [a, b]);
      return where(tape, index === 0 ? first : tape.node('Not', [first]), gradient);
    })(step, tape);
  };

export const elementwise: Readonly<Record<string, Rule>> = {
  Identity: unary((gradient) => gradient),
  // Outside training it passes its input on.
  Dropout: plain((gradient) => [gradient]),
  Relu: unary((gradient, _, y, tape) => where(tape, tape.above(y, 0), gradient)),
  LeakyRelu: unary((gradient, x, _, tape, { node }) => {
    const slope = floatAttribute(node, 'alpha', 0.01);
    const inside = tape.scaled(tape.mask(tape.above(x, 0)), 1 - slope);
    return tape.mul(gradient, tape.add(inside, tape.builder.floats(slope)));
  }),
  Elu: unary((gradient, x, y, tape, { node }) => {
    const one = tape.builder.floats(1);
    const below = tape.add(y, tape.builder.floats(floatAttribute(node, 'alpha', 1)));
    return tape.mul(gradient, tape.node('Where', [tape.above(x, 0), one, below]));
  }),
  Clip: clip,
  Sigmoid: unary((gradient, _, y, tape) => tape.mul(gradient, tape.mul(y, rest(tape, y)))),
  Tanh: unary((gradient, _, y, tape) => tape.mul(gradient, rest(tape, tape.mul(y, y)))),
  Softplus: unary((gradient, x, _, tape) => tape.mul(gradient, tape.node('Sigmoid', [x]))),
  HardSigmoid: unary((gradient, _, y, tape, { node }) =>
    tape.scaled(where(tape, between(tape, y, 0, 1), gradient), floatAttribute(node, 'alpha', 0.2)),
  ),
  HardSwish: hardSwish,
  Gelu: gelu,
  Erf: unary((gradient, x, _, tape) => {
    const bell = tape.node('Exp', [tape.node('Neg', [tape.mul(x, x)])]);
    return tape.mul(gradient, tape.scaled(bell, 2 / Math.sqrt(Math.PI)));
  }),
  Exp: unary((gradient, _, y, tape) => tape.mul(gradient, y)),
  Log: unary((gradient, x, _, tape) => tape.div(gradient, x)),
  Sqrt: unary((gradient, _, y, tape) => tape.scaled(tape.div(gradient, y), 0.5)),
  Reciprocal: unary((gradient, _, y, tape) => tape.node('Neg', [tape.mul(gradient, tape.mul(y, y))])),
  Neg: unary((gradient, _, __, tape) => tape.node('Neg', [gradient])),
  Abs: unary((gradient, x, _, tape) => tape.mul(gradient, tape.node('Sign', [x]))),
  Pow: pow,
  Add: broadcast((gradient) => gradient),
  Sum: broadcast((gradient) => gradient),
  Sub: broadcast((gradient, _, tape, index) => (index === 0 ? gradient : tape.node('Neg', [gradient]))),
  Mul: broadcast((gradient, [a, b], tape, index) => tape.mul(gradient, index === 0 ? b : a)),
  Div: broadcast((gradient, [a, b], tape, index) =>
    index === 0 ? tape.div(gradient, b) : tape.node('Neg', [tape.div(tape.mul(gradient, a), tape.mul(b, b))]),
  ),
  Max: extreme('GreaterOrEqual'),
  Min: extreme('LessOrEqual'),
  Where: broadcast((gradient, [condition], tape, index) =>
    where(tape, index === 1 ? condition : tape.node('Not', [condition]), gradient),
  ),
};
