/** Lowers networks to operator set 10, for runtimes that read no later forms. */

import { type Attribute, elementCount, type Model, type Node, type StoredTensor } from './model.ts';
import { sources } from './walk.ts';

const loweredOpset = 10;

/** Inputs that were attributes once: of which operator, which input, under what name. */
const onceAttributes: Readonly<Record<string, readonly (readonly [input: number, attribute: string])[]>> = {
  Clip: [
    [1, 'min'],
    [2, 'max'],
  ],
  Pad: [
    [1, 'pads'],
    [2, 'value'],
  ],
  ReduceMax: [[1, 'axes']],
  ReduceMean: [[1, 'axes']],
  ReduceMin: [[1, 'axes']],
  ReduceSum: [[1, 'axes']],
  Split: [[1, 'split']],
  Squeeze: [[1, 'axes']],
  Unsqueeze: [[1, 'axes']],
};

/**
 * The network in forms of operator set 10: what later sets take as inputs are attributes again, where they are constants.
 * Operators of later sets stay as they are, so whoever calls it must see to it that there are none. Softmax is the same only
 * along the last axis.
 */
export function lowerOpset(model: Model): Model {
  const { graph } = model;
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const nodes = graph.nodes.map((node) => lowered(node, stored));
  const used = sources(
    nodes,
    graph.outputs.map(({ name }) => name),
  );
  const initializers = graph.initializers.filter(({ name }) => used.has(name));
  const opsets = new Map([
    ...model.opsets,
    ['', Math.min(loweredOpset, model.opsets.get('') ?? loweredOpset)] as const,
  ]);
  return { ...model, opsets, graph: { ...graph, nodes, initializers } };
}

function lowered(node: Node, stored: ReadonlyMap<string, StoredTensor>): Node {
  if (node.domain !== '') return node;
  // Its default is another one since.
  if (node.op === 'Softmax' && !node.attributes.has('axis')) return withAttributes(node, [['axis', int(-1)]]);
  const moved = (onceAttributes[node.op] ?? []).flatMap(([input, name]) => {
    const tensor = stored.get(node.inputs[input] ?? '');
    const value = tensor && attributeOf(tensor);
    return value ? [{ input, entry: [name, value] as const }] : [];
  });
  const inputs = node.inputs.map((name, index) => (moved.some(({ input }) => input === index) ? '' : name));
  while (inputs.at(-1) === '') inputs.pop();
  return withAttributes(
    { ...node, inputs },
    moved.map(({ entry }) => entry),
  );
}

function withAttributes(node: Node, added: readonly (readonly [string, Attribute])[]): Node {
  return { ...node, attributes: new Map([...node.attributes, ...added]) };
}

function int(value: number): Attribute {
  return { kind: 'int', value };
}

function attributeOf({ type, dims, bytes }: StoredTensor): Attribute | undefined {
  const { buffer } = new Uint8Array(bytes);
  if (type === 'float32' && elementCount(dims) === 1) {
    const [value = 0] = new Float32Array(buffer);
    return { kind: 'float', value };
  }
  if (type === 'int64') return { kind: 'ints', value: Array.from(new BigInt64Array(buffer), Number) };
  return undefined;
}
