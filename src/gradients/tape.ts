/** What the rules of differentiation write to: a graph of known shapes, and short names for its arithmetic. */

import type { GraphBuilder, PlainAttribute } from '../onnx/builder.ts';
import { dataTypes, type Node, type StoredTensor } from '../onnx/model.ts';

/** Sizes of a tensor: all are known, the batch's too. */
export type Sizes = readonly number[];

/** A node of the forward pass, as a rule meets it. */
export interface Step {
  readonly node: Node;
  /** What its inputs are called in the new graph; empty where one is left out. */
  readonly inputs: readonly string[];
  /** Sizes of each input. */
  readonly sizes: readonly Sizes[];
  /** Sizes of each output. */
  readonly outputs: readonly Sizes[];
  /** For each input, whether its gradient is asked for. */
  readonly wanted: readonly boolean[];
}

/** What a rule added for the forward pass, and how it goes back. */
export interface Pass {
  /** What the node's outputs are called in the new graph. */
  readonly outputs: readonly string[];
  /** From the gradient by each output (undefined: it has none) to that by each wanted input. */
  readonly backward: (gradients: readonly (string | undefined)[]) => readonly (string | undefined)[];
}

/** Adds a node's forward pass to the tape, and knows its backward pass. @throws Error for a form that it cannot differentiate */
export type Rule = (step: Step, tape: Tape) => Pass;

/** The rule of an operator with one output, whose forward pass is the node itself. */
export function plain(
  backward: (gradient: string, step: Step, tape: Tape, output: string) => readonly (string | undefined)[],
): Rule {
  return (step, tape) => {
    const [output] = tape.copy(step);
    return {
      outputs: [output],
      backward: ([gradient]) => (gradient === undefined ? [] : backward(gradient, step, tape, output)),
    };
  };
}

/** The graph that is written, with the arithmetic that rules are made of. Forms are those of operator set 13. */
export class Tape {
  readonly #constants: ReadonlyMap<string, StoredTensor>;

  constructor(
    readonly builder: GraphBuilder,
    constants: readonly StoredTensor[],
  ) {
    this.#constants = new Map(constants.map((tensor) => [tensor.name, tensor]));
  }

  /** The node as it is; gives the names of its outputs. */
  copy({ node, inputs }: Step): string[] {
    const outputs = node.outputs.map((name) => name && this.builder.name(node.op.toLowerCase()));
    this.builder.append({ nodes: [{ ...node, name: outputs[0], inputs, outputs }], initializers: [] });
    return outputs;
  }

  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, PlainAttribute>> = {}): string {
    return this.builder.node(op, inputs, attributes);
  }

  /** The integers of a constant input. @throws Error where it is computed or left out */
  integers(name: string | undefined): number[] {
    const tensor = this.#constants.get(name ?? '');
    const isLong = tensor?.type === 'int64';
    if (!tensor || !(isLong || tensor.type === 'int32'))
      throw new Error(`whose input '${name}' is not a constant of integers`);
    const bytes = new Uint8Array(tensor.bytes).buffer;
    return Array.from<number | bigint, number>(isLong ? new BigInt64Array(bytes) : new Int32Array(bytes), Number);
  }

  /** The number of a constant float input; `fallback` where it is left out. @throws Error where it is computed */
  number(name: string | undefined, fallback: number): number {
    if (!name) return fallback;
    const tensor = this.#constants.get(name);
    if (tensor?.type !== 'float32' || tensor.bytes.length !== 4)
      throw new Error(`whose input '${name}' is not a constant number`);
    return new Float32Array(new Uint8Array(tensor.bytes).buffer)[0];
  }

  reshape(value: string, sizes: Sizes): string {
    return this.node('Reshape', [value, this.builder.ints(sizes)]);
  }

  transpose(value: string, perm: readonly number[]): string {
    return this.node('Transpose', [value], { perm });
  }

  /** [N, C, H, W] as [N, H, W, C]. */
  toLast(value: string): string {
    return this.transpose(value, [0, 2, 3, 1]);
  }

  /** [N, H, W, C] as [N, C, H, W]. */
  toFirst(value: string): string {
    return this.transpose(value, [0, 3, 1, 2]);
  }

  add(a: string, b: string): string {
    return this.node('Add', [a, b]);
  }

  sub(a: string, b: string): string {
    return this.node('Sub', [a, b]);
  }

  mul(a: string, b: string): string {
    return this.node('Mul', [a, b]);
  }

  div(a: string, b: string): string {
    return this.node('Div', [a, b]);
  }

  scaled(value: string, factor: number): string {
    return factor === 1 ? value : this.mul(value, this.builder.floats(factor));
  }

  product(a: string, b: string): string {
    return this.node('MatMul', [a, b]);
  }

  /** Of two matrices, with either transposed. */
  gemm(a: string, b: string, { transA = 0, transB = 0 }: { transA?: number; transB?: number } = {}): string {
    return this.node('Gemm', [a, b], { transA, transB });
  }

  /** Sums over some axes; without any it is the value itself. */
  sum(value: string, axes: readonly number[], keepdims = true): string {
    if (axes.length === 0) return value;
    return this.node('ReduceSum', [value, this.builder.ints(axes)], { keepdims: keepdims ? 1 : 0 });
  }

  sumOf(values: readonly string[]): string {
    return values.length === 1 ? values[0] : this.node('Sum', values);
  }

  expand(value: string, sizes: Sizes): string {
    return this.node('Expand', [value, this.builder.ints(sizes)]);
  }

  /** 1 where a comparison holds, else 0. */
  mask(condition: string): string {
    return this.node('Cast', [condition], { to: dataTypes.float32 });
  }

  above(value: string, limit: number): string {
    return this.node('Greater', [value, this.builder.floats(limit)]);
  }

  below(value: string, limit: number): string {
    return this.node('Less', [value, this.builder.floats(limit)]);
  }

  /** The gradient of a value that was broadcast from `from` to `to`. */
  unbroadcast(gradient: string, to: Sizes, from: Sizes): string {
    const added = to.length - from.length;
    const axes = to.flatMap((size, axis) => (axis < added || (from[axis - added] === 1 && size > 1) ? [axis] : []));
    return axes.length === 0 ? gradient : this.reshape(this.sum(gradient, axes), from);
  }
}

export function count(sizes: Sizes): number {
  return sizes.reduce((all, size) => all * size, 1);
}

/** An axis, counted from the front. */
export function fromFront(axis: number, { length }: Sizes): number {
  return axis < 0 ? axis + length : axis;
}
