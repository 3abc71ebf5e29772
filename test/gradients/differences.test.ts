import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotDifferentiable, unknownOperators } from '../../src/gradients/differentiate.ts';
import type { Sizes } from '../../src/gradients/tape.ts';
import { Random } from '../../src/numerics/random.ts';
import { GraphBuilder, type PlainAttribute } from '../../src/onnx/builder.ts';
import type { Graph } from '../../src/onnx/model.ts';
import { inferShapes } from '../../src/onnx/shapes.ts';
import { openSession } from '../../src/runtime/platform.node.ts';
import { differences, openGradients, type Values } from './measure.ts';

/** Adds an operator to a graph, on inputs of given sizes. */
interface Case {
  readonly inputs: Readonly<Record<string, Sizes>>;
  readonly build: (g: GraphBuilder) => string;
  /** Where values lie: apart from the places at which a function has a kink. */
  readonly draw?: (random: Random) => number;
  readonly opset?: number;
}

const normal = (random: Random) => random.normal();
const positive = (random: Random) => 0.5 + random.uniform();
/** Not near any of these. */
const apartFrom =
  (...kinks: readonly number[]) =>
  (random: Random): number => {
    for (;;) {
      const value = 2.5 * random.normal();
      if (kinks.every((kink) => Math.abs(value - kink) > 0.05)) return value;
    }
  };
/** All differ by more than a step: the largest stays the largest. */
const distinct = () => {
  const taken: number[] = [];
  return (random: Random): number => {
    for (;;) {
      const value = 10 * random.normal();
      if (taken.every((other) => Math.abs(value - other) > 0.05)) {
        taken.push(value);
        return value;
      }
    }
  };
};

type Attributes = Readonly<Record<string, PlainAttribute>>;
const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const rank = (length: number) => fc.array(fc.integer({ min: 1, max: 4 }), { minLength: length, maxLength: length });

/** An operator of one input, of any sizes. */
const unary = (op: string, draw = normal, attributes: Attributes = {}, opset = 17) =>
  sizes.map((x): Case => ({ inputs: { x }, draw, opset, build: (g) => g.node(op, ['x'], attributes) }));

/** Sizes that broadcast to the given ones. */
const narrower = (whole: Sizes) =>
  fc
    .tuple(fc.nat(whole.length), fc.array(fc.boolean(), { minLength: whole.length, maxLength: whole.length }))
    .map(([from, ones]): Sizes => whole.map((size, axis) => (ones[axis] ? 1 : size)).slice(from));
const binary = (op: string, draw: (random: Random) => number = normal) =>
  fc
    .tuple(
      sizes.chain((x) => fc.tuple(fc.constant(x), narrower(x))),
      fc.boolean(),
    )
    .map(
      ([[a, b], isTurned]): Case => ({
        inputs: { a, b },
        draw,
        build: (g) => g.node(op, isTurned ? ['b', 'a'] : ['a', 'b']),
      }),
    );

const kernels = fc.record({
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  dilations: fc.constantFrom([1, 1], [2, 1]),
  pads: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(1)),
  map: fc.tuple(fc.integer({ min: 5, max: 6 }), fc.integer({ min: 5, max: 6 })),
  batch: fc.integer({ min: 1, max: 2 }),
});
const convolution = (groupsOf: fc.Arbitrary<{ groups: number; own: number; each: number }>) =>
  fc
    .tuple(kernels, groupsOf, fc.boolean())
    .map(([{ kernel, map, batch, ...attributes }, { groups, own, each }, biased]): Case => {
      const same = attributes.dilations[0] === 1 ? { auto_pad: 'SAME_UPPER', strides: attributes.strides } : attributes;
      return {
        inputs: {
          x: [batch, groups * own, ...map],
          w: [groups * each, own, ...kernel],
          ...(biased && { b: [groups * each] }),
        },
        build: (g) =>
          g.node('Conv', ['x', 'w', ...(biased ? ['b'] : [])], { ...(batch === 2 ? attributes : same), group: groups }),
      };
    });
const few = fc.integer({ min: 1, max: 3 });
const pool = (op: string, draw: () => (random: Random) => number, extra: Attributes = {}) =>
  fc.tuple(kernels, few).map(
    ([
      {
        kernel: [rows, columns],
        strides,
        map,
        pads,
        batch,
      },
      channels,
    ]): Case => {
      const kernel = [rows + 1, columns + 1];
      return {
        inputs: { x: [batch, channels, ...map] },
        draw: draw(),
        build: (g) => g.node(op, ['x'], { kernel_shape: kernel, strides, pads, ...extra }),
      };
    },
  );
const axisOf = (arbitrary: fc.Arbitrary<number[]>) =>
  arbitrary.chain((x) => fc.tuple(fc.constant(x), fc.nat(x.length - 1)));

const cases: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  Identity: unary('Identity'),
  Relu: unary('Relu', apartFrom(0)),
  LeakyRelu: unary('LeakyRelu', apartFrom(0), { alpha: { float: 0.2 } }),
  Elu: unary('Elu', apartFrom(0)),
  Clip: sizes.map((x) => ({
    inputs: { x },
    draw: apartFrom(0, 6),
    build: (g) => g.node('Clip', ['x', g.floats(0), g.floats(6)]),
  })),
  'Clip without a maximum': sizes.map((x) => ({
    inputs: { x },
    draw: apartFrom(-1),
    build: (g) => g.node('Clip', ['x', g.floats(-1)]),
  })),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  Softplus: unary('Softplus'),
  HardSigmoid: unary('HardSigmoid', apartFrom(-2.5, 2.5)),
  HardSwish: unary('HardSwish', apartFrom(-3, 3)),
  Gelu: unary('Gelu', normal, {}, 20),
  'Gelu by tanh': unary('Gelu', normal, { approximate: 'tanh' }, 20),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Log: unary('Log', positive),
  Sqrt: unary('Sqrt', positive),
  Reciprocal: unary('Reciprocal', positive),
  Neg: unary('Neg'),
  Abs: unary('Abs', apartFrom(0)),
  Pow: fc
    .tuple(sizes, fc.constantFrom(2, 3, 0.5))
    .map(([x, p]) => ({ inputs: { x }, draw: positive, build: (g) => g.node('Pow', ['x', g.floats(p)]) })),
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div', positive),
  Max: binary('Max', distinct()),
  Min: binary('Min', distinct()),
  Sum: sizes.map((x) => ({ inputs: { a: x, b: x, c: x.slice(-1) }, build: (g) => g.node('Sum', ['a', 'b', 'c']) })),
  Where: sizes.map((x) => ({
    inputs: { a: x, b: x },
    build: (g) => {
      const condition = g.constant({
        type: 'bool',
        dims: [x[x.length - 1]],
        data: Uint8Array.from({ length: x[x.length - 1] }, (_, k) => k % 2),
      });
      return g.node('Where', [condition, 'a', 'b']);
    },
  })),
  Softmax: axisOf(sizes).map(([x, axis]) => ({ inputs: { x }, build: (g) => g.node('Softmax', ['x'], { axis }) })),
  LogSoftmax: axisOf(sizes).map(([x, axis]) => ({
    inputs: { x },
    build: (g) => g.node('LogSoftmax', ['x'], { axis }),
  })),
  'MatMul by a matrix': rank(4).map(([n, m, k, l]) => ({
    inputs: { a: [n, m, k], b: [k, l] },
    build: (g) => g.node('MatMul', ['a', 'b']),
  })),
  'MatMul of batches': rank(4).map(([n, m, k, l]) => ({
    inputs: { a: [n, 2, m, k], b: [2, k, l] },
    build: (g) => g.node('MatMul', ['a', 'b']),
  })),
  Gemm: fc.tuple(rank(3), fc.nat(1), fc.nat(1)).map(([[m, k, n], transA, transB]) => ({
    inputs: { a: transA ? [k, m] : [m, k], b: transB ? [n, k] : [k, n], c: [n] },
    build: (g) => g.node('Gemm', ['a', 'b', 'c'], { transA, transB, alpha: { float: 0.7 }, beta: { float: 1.3 } }),
  })),
  'Conv, dense': convolution(fc.record({ groups: fc.constant(1), own: few, each: few })),
  'Conv, depthwise': convolution(fc.record({ groups: few, own: fc.constant(1), each: fc.constant(1) })),
  'Conv, grouped': convolution(fc.record({ groups: fc.integer({ min: 2, max: 3 }), own: few, each: few })),
  BatchNormalization: rank(4).map(([n, c, h, w]) => ({
    inputs: { x: [n, c, h, w], scale: [c], shift: [c] },
    build: (g) =>
      g.node('BatchNormalization', [
        'x',
        'scale',
        'shift',
        g.floats(new Float32Array(c).fill(0.3)),
        g.floats(new Float32Array(c).fill(0.8)),
      ]),
  })),
  LayerNormalization: rank(3).map(([n, t, c]) => ({
    inputs: { x: [n, t, c + 1], scale: [c + 1], shift: [c + 1] },
    build: (g) => g.node('LayerNormalization', ['x', 'scale', 'shift'], { axis: -1, epsilon: { float: 0.1 } }),
  })),
  AveragePool: pool('AveragePool', () => normal),
  'AveragePool, pads counted': pool('AveragePool', () => normal, { count_include_pad: 1 }),
  MaxPool: pool('MaxPool', distinct),
  GlobalAveragePool: rank(4).map((x) => ({ inputs: { x }, build: (g) => g.node('GlobalAveragePool', ['x']) })),
  GlobalMaxPool: rank(4).map((x) => ({
    inputs: { x },
    draw: distinct(),
    build: (g) => g.node('GlobalMaxPool', ['x']),
  })),
  ReduceSum: axisOf(sizes).map(([x, axis]) => ({
    inputs: { x },
    build: (g) => g.node('ReduceSum', ['x', g.ints([axis])], { keepdims: x.length % 2 }),
  })),
  'ReduceMean, axes as an attribute': axisOf(sizes).map(([x, axis]) => ({
    inputs: { x },
    build: (g) => g.node('ReduceMean', ['x'], { axes: [axis - x.length], keepdims: x.length % 2 }),
  })),
  'ReduceMean, axes as an input': axisOf(sizes).map(([x, axis]) => ({
    inputs: { x },
    opset: 18,
    build: (g) => g.node('ReduceMean', ['x', g.ints([axis])]),
  })),
  ReduceMax: axisOf(sizes).map(([x, axis]) => ({
    inputs: { x },
    draw: distinct(),
    build: (g) => g.node('ReduceMax', ['x'], { axes: [axis] }),
  })),
  Transpose: rank(3).map((x) => ({ inputs: { x }, build: (g) => g.node('Transpose', ['x'], { perm: [1, 2, 0] }) })),
  Reshape: rank(3).map((x) => ({ inputs: { x }, build: (g) => g.node('Reshape', ['x', g.ints([0, -1])]) })),
  Flatten: rank(3).map((x) => ({ inputs: { x }, build: (g) => g.node('Flatten', ['x'], { axis: 1 }) })),
  Squeeze: rank(3).map((x) => ({ inputs: { x: [1, ...x] }, build: (g) => g.node('Squeeze', ['x', g.ints([0])]) })),
  Unsqueeze: rank(3).map((x) => ({ inputs: { x }, build: (g) => g.node('Unsqueeze', ['x', g.ints([1])]) })),
  Slice: fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 })).map(([start, step]) => ({
    inputs: { x: [2, 7, 3] },
    build: (g) => g.node('Slice', ['x', g.ints([start, -2]), g.ints([6, 2 ** 31]), g.ints([1, 2]), g.ints([step, 1])]),
  })),
  Concat: rank(3).map(([n, a, b]) => ({
    inputs: { a: [n, a], b: [n, b] },
    build: (g) => g.node('Concat', ['a', 'b', 'a'], { axis: 1 }),
  })),
  Split: rank(2).map(([n, c]) => ({
    inputs: { x: [n, 2 * c] },
    // Of the two parts one is used.
    build: (g) => g.nodes('Split', ['x'], 2, { axis: 1 })[1],
  })),
  'Gather of one': rank(3).map((x) => ({
    inputs: { x },
    build: (g) => g.node('Gather', ['x', g.ints(0)], { axis: 1 }),
  })),
  'Gather of some': rank(3).map((x) => ({
    inputs: { x },
    build: (g) => g.node('Gather', ['x', g.ints([-1, 0, 0])], { axis: 1 }),
  })),
  Expand: rank(2).map(([a, b]) => ({
    inputs: { x: [a, 1] },
    build: (g) => g.node('Expand', ['x', g.ints([2, a, b])]),
  })),
  Pad: rank(2).map((x) => ({ inputs: { x }, build: (g) => g.node('Pad', ['x', g.ints([1, 0, 0, 2])]) })),
  Cast: unary('Cast', normal, { to: 1 }),
};

describe.each(Object.entries(cases))('%s', (_, arbitrary) => {
  test('has the gradient that differences of the loss have', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(), async (given, seed) => {
        const { inputs, draw = normal, opset = 17 } = given;
        const random = new Random(`gradients/${seed}`);
        const values: Values = Object.fromEntries(
          Object.entries(inputs).map(([name, size]) => [name, { sizes: size, data: drawn(size, draw, random) }]),
        );
        const graph = await lossGraph(given, opset, random);
        const names = Object.keys(inputs);
        const opened = await openGradients(graph, opset, values, names);
        try {
          const { loss, by } = await opened.gradients(values);
          expect(loss).toBeCloseTo(await opened.lossOf(values), 3);
          for (const name of names) {
            const wanted = await differences(opened.lossOf, values, name, 1e-2);
            const given = by.get(name) ?? [];
            expect(given).toHaveLength(wanted.length);
            for (const [at, value] of wanted.entries())
              expect(
                Math.abs(given[at] - value) / (1 + Math.abs(value)),
                `${name}[${at}]: ${given[at]}, not ${value}`,
              ).toBeLessThan(2e-2);
          }
        } finally {
          await opened.release();
        }
      }),
      { numRuns: 6 },
    );
  });
});

function drawn(size: Sizes, from: (random: Random) => number, random: Random): Float32Array {
  return Float32Array.from({ length: size.reduce((all, one) => all * one, 1) }, () => from(random));
}

/** The sum of what an operator gives, each value times a weight of its own. */
async function lossGraph({ inputs, build }: Case, opset: number, random: Random): Promise<Graph> {
  const start = () => {
    const g = new GraphBuilder();
    for (const [name, size] of Object.entries(inputs)) g.input(name, 'float32', size);
    return { g, output: build(g) };
  };
  const first = start();
  const model = { ...first.g.model({ opsets: new Map([['', opset]]) }) };
  const info = (await inferShapes(model, openSession, new Map(), [first.output])).get(first.output);
  const { g, output } = start();
  const weights = g.floats(drawn((info?.shape ?? []).map(Number), normal, random), info?.shape.map(Number));
  const weighted = g.node('Mul', [output, weights]);
  const axes = (info?.shape ?? []).map((_, axis) => axis);
  g.output(g.node('ReduceSum', [weighted, g.ints(axes)], { keepdims: 0 }), 'float32', []);
  return g.graph();
}

test('an operator without a rule is named, and what does not lie on the way is not asked for one', async () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [2]);
  const odd = g.node('Sin', ['x']);
  const y = g.node('Mul', [odd, g.node('Cos', [g.floats(1)])]);
  g.output(g.node('ReduceSum', [y], { keepdims: 0 }), 'float32', []);
  expect(unknownOperators(g.graph().nodes, ['x'])).toEqual(['Sin']);
  const values = { x: { sizes: [2], data: new Float32Array(2) } };
  await expect(openGradients(g.graph(), 17, values, ['x'])).rejects.toThrow(NotDifferentiable);
  await expect(openGradients(g.graph(), 17, values, ['x'])).rejects.toThrow('Sin');
});

test('a weight that is used twice gets the gradient of both uses', async () => {
  const g = new GraphBuilder();
  g.input('x', 'float32', [2, 2]);
  g.input('w', 'float32', [2, 2]);
  const twice = g.node('MatMul', [g.node('MatMul', ['x', 'w']), 'w']);
  g.output(g.node('ReduceSum', [twice, g.ints([0, 1])], { keepdims: 0 }), 'float32', []);
  const values = {
    x: { sizes: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    w: { sizes: [2, 2], data: Float32Array.of(1, 0, 0.5, 2) },
  };
  const opened = await openGradients(g.graph(), 17, values, ['w']);
  // d sum(x w w) / dw = x^T 1 w^T + (x w)^T 1, where 1 is all ones.
  expect([...((await opened.gradients(values)).by.get('w') ?? [])]).toEqual([4 + 7, 4 * 2.5 + 7, 6 + 12, 6 * 2.5 + 12]);
  await opened.release();
});
