/** Makes a fixed batch of one free. */

import { GraphBuilder } from './builder.ts';
import type { Node, StoredTensor } from './model.ts';
import { intAttribute } from './model.ts';
import { flowing } from './walk.ts';

/**
 * Nodes exported for one photo, rewritten for any number of them: Reshape constants get a free first size, and what is
 * joined to a photo's values (a class token) is repeated for each photo. An attempt: whoever calls it must check that
 * a batch gives what its photos give one by one.
 */
export function freeBatch(
  nodes: readonly Node[],
  initializers: readonly StoredTensor[],
  input: string,
  prefix: string,
): { nodes: readonly Node[]; initializers: readonly StoredTensor[] } {
  const flows = flowing(nodes, input);
  const stored = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  const builder = new GraphBuilder(prefix);
  const keep = (node: Node): void => builder.append({ nodes: [node], initializers: [] });
  for (const node of nodes) {
    const [data = '', shape = ''] = node.inputs;
    const axis = intAttribute(node, 'axis', 0);
    if (node.op === 'Reshape' && flows.has(data)) keep(freeReshape(node, stored.get(shape), builder));
    else if (node.op === 'Concat' && axis !== 0) keep(repeatConstants(node, axis, flows, builder));
    else keep(node);
  }
  const graph = builder.graph();
  return { nodes: graph.nodes, initializers: [...initializers, ...graph.initializers] };
}

function freeReshape(node: Node, shape: StoredTensor | undefined, builder: GraphBuilder): Node {
  if (shape?.type !== 'int64' || shape.external || intAttribute(node, 'allowzero', 0) !== 0) return node;
  const sizes = int64Values(shape);
  if (sizes.length === 0 || (sizes[0] ?? 0) < 1) return node;
  // -1 takes what is left over; 0 copies the input's first size where -1 is taken already.
  const free = [sizes.includes(-1) ? 0 : -1, ...sizes.slice(1)];
  return { ...node, inputs: [node.inputs[0] ?? '', builder.ints(free)] };
}

function int64Values({ bytes }: StoredTensor): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 8 }, (_, index) => Number(view.getBigInt64(index * 8, true)));
}

function repeatConstants(node: Node, axis: number, flows: ReadonlySet<string>, builder: GraphBuilder): Node {
  const photo = node.inputs.find((name) => flows.has(name));
  if (photo === undefined || node.inputs.every((name) => flows.has(name))) return node;
  const one = builder.node('Slice', [photo, builder.ints([0]), builder.ints([1]), builder.ints([axis])]);
  const shape = builder.node('Shape', [one]);
  return {
    ...node,
    inputs: node.inputs.map((name) => (flows.has(name) ? name : builder.node('Expand', [name, shape]))),
  };
}
