/** Reverse-mode differentiation of ONNX graphs. */

import type { GraphBuilder } from '../onnx/builder.ts';
import type { Node, StoredTensor } from '../onnx/model.ts';
import { reads } from '../onnx/walk.ts';
import { arrangement } from './arrangement.ts';
import { conv } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import { matrix } from './matrix.ts';
import { pooling } from './pooling.ts';
import { type Pass, type Rule, type Sizes, Tape } from './tape.ts';

const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries({ ...elementwise, ...matrix, ...pooling, ...arrangement, Conv: conv }),
);

/** A computation to differentiate. */
export interface Differentiable {
  /** In an order of computation; names are unique. */
  readonly nodes: readonly Node[];
  /** Stored tensors that the nodes read, those whose gradients are asked for left out. */
  readonly constants: readonly StoredTensor[];
  /** Sizes of every tensor that a node reads or gives: all known, the batch's too. */
  readonly shapes: ReadonlyMap<string, Sizes>;
}

/** A loss and its gradients in the graph that was written. */
export interface Gradients {
  /** What each tensor of the computation is called in the new graph. */
  readonly named: (tensor: string) => string;
  /** The gradient by each tensor that was asked for, of its sizes; undefined: the loss does not depend on it. */
  readonly by: ReadonlyMap<string, string | undefined>;
}

/** An operator that the table of rules does not know, or not in this form. */
export class NotDifferentiable extends Error {}

/** That operators have no rule, in words. */
export function unknownGradient(operators: readonly string[]): string {
  return `Carafe does not know the gradient of its operator ${operators.join(', ')}`;
}

/** Operators without a rule among those through which flows what comes from `by`. */
export function unknownOperators(nodes: readonly Node[], by: readonly string[]): string[] {
  const active = activeTensors(nodes, by);
  const flowing = nodes.filter((node) => node.outputs.some((name) => active.has(name)));
  return [...new Set(flowing.flatMap(({ op, domain }) => (domain === '' && rules.has(op) ? [] : [op])))];
}

/**
 * Writes a computation and its gradients into a graph: what `nodes` compute, then d loss / d tensor for each tensor of
 * `by`. Inputs, and the tensors of `by` that no node gives, are the builder's own, under the same names.
 * @param loss one number
 * @throws NotDifferentiable for an operator, or a form of one, without a rule
 */
export function differentiate(
  { nodes, constants, shapes }: Differentiable,
  loss: string,
  by: readonly string[],
  builder: GraphBuilder,
): Gradients {
  const tape = new Tape(builder, constants);
  builder.append({ nodes: [], initializers: constants });
  const active = activeTensors(nodes, by);
  const names = new Map<string, string>();
  const named = (tensor: string): string => names.get(tensor) ?? tensor;
  const sizesOf = (tensor: string): Sizes => {
    const sizes = tensor === '' ? [] : shapes.get(tensor);
    if (!sizes) throw new NotDifferentiable(`the sizes of '${tensor}' are not known`);
    return sizes;
  };
  const passes: { readonly node: Node; readonly pass: Pass }[] = [];
  for (const node of nodes) {
    const inputs = node.inputs.map(named);
    const isActive = node.inputs.some((name) => active.has(name));
    if (!isActive || !node.outputs.some((name) => active.has(name))) {
      // Nothing that is asked for passes through: the node stays as it is.
      builder.append({ nodes: [{ ...node, inputs }], initializers: [] });
      continue;
    }
    const rule = node.domain === '' ? rules.get(node.op) : undefined;
    if (!rule) throw new NotDifferentiable(unknownGradient([node.op]));
    const step = {
      node,
      inputs,
      sizes: node.inputs.map((name) => sizesOf(name)),
      outputs: node.outputs.map((name) => sizesOf(name)),
      wanted: node.inputs.map((name) => active.has(name)),
    };
    const pass = naming(node, () => rule(step, tape));
    for (const [k, output] of node.outputs.entries()) names.set(output, pass.outputs[k]);
    passes.push({ node, pass });
  }
  const parts = new Map<string, string[]>([[loss, [builder.floats(1)]]]);
  const gradientOf = (tensor: string): string | undefined => {
    const own = parts.get(tensor);
    if (!own) return undefined;
    const all = tape.sumOf(own);
    parts.set(tensor, [all]);
    return all;
  };
  for (const { node, pass } of passes.toReversed()) {
    const gradients = node.outputs.map(gradientOf);
    if (gradients.every((gradient) => gradient === undefined)) continue;
    for (const [k, gradient] of naming(node, () => pass.backward(gradients)).entries()) {
      const tensor = node.inputs[k];
      if (gradient !== undefined && active.has(tensor)) parts.set(tensor, [...(parts.get(tensor) ?? []), gradient]);
    }
  }
  return { named, by: new Map(by.map((tensor) => [tensor, gradientOf(tensor)])) };
}

/** Tensors that depend on some of those of `by`, and these. */
function activeTensors(nodes: readonly Node[], by: readonly string[]): Set<string> {
  const active = new Set(by);
  for (const node of nodes) {
    if (node.op === 'Shape' || node.op === 'Size') continue;
    if ([...reads(node)].some((name) => active.has(name)))
      for (const name of node.outputs) if (name !== '') active.add(name);
  }
  return active;
}

function naming<T>(node: Node, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof NotDifferentiable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotDifferentiable(`${unknownGradient([node.op])} ${reason}`, { cause: error });
  }
}
