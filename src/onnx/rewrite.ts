/** Constants to stored tensors; weight-only DequantizeLinear to what every runtime folds. */

import { GraphBuilder, storedTensor } from './builder.ts';
import type { Attribute, Graph, Node, StoredTensor } from './model.ts';
import { dataTypes, elementCount, intAttribute } from './model.ts';

/** The graph with `Constant` nodes turned into stored tensors, which the other passes look for. */
export function storeConstants(graph: Graph): Graph {
  const nodes: Node[] = [];
  const initializers = [...graph.initializers];
  for (const node of graph.nodes) {
    const stored = node.op === 'Constant' && node.domain === '' ? constantValue(node) : undefined;
    if (stored) initializers.push(stored);
    else nodes.push(node);
  }
  return { ...graph, nodes, initializers };
}

function constantValue(node: Node): StoredTensor | undefined {
  const [entry] = node.attributes;
  const name = node.outputs[0];
  if (!entry || name === undefined || node.attributes.size !== 1) return undefined;
  const [key, attribute] = entry;
  if (attribute.kind === 'tensor' && key === 'value') return { ...attribute.value, name };
  return numbers(name, attribute);
}

function numbers(name: string, attribute: Attribute): StoredTensor | undefined {
  if (attribute.kind === 'float' || attribute.kind === 'floats') {
    const data = Float32Array.from([attribute.value].flat());
    return storedTensor(name, { type: 'float32', dims: attribute.kind === 'float' ? [] : [data.length], data });
  }
  if (attribute.kind === 'int' || attribute.kind === 'ints') {
    const data = BigInt64Array.from([attribute.value].flat(), (value) => BigInt(value));
    return storedTensor(name, { type: 'int64', dims: attribute.kind === 'int' ? [] : [data.length], data });
  }
  return undefined;
}

/**
 * Weights stored as int8 or uint8 behind DequantizeLinear, as Cast, (Sub,) Mul: the runtime folds these when it opens
 * the network, while it runs DequantizeLinear again for every photo. A network that quantises its activations too is
 * left as it is, since the runtime fuses those pairs into integer operators.
 */
export function dequantizeWeights(graph: Graph, prefix: string): Graph {
  if (graph.nodes.some(({ op }) => op === 'QuantizeLinear' || op === 'DynamicQuantizeLinear')) return graph;
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const builder = new GraphBuilder(prefix);
  for (const node of graph.nodes) {
    const parts = node.op === 'DequantizeLinear' ? node.inputs.map((name) => stored.get(name)) : [];
    if (!(parts.length > 0 && rewriteDequantize(node, parts, builder)))
      builder.append({ nodes: [node], initializers: [] });
  }
  const { nodes, initializers } = builder.graph();
  return { ...graph, nodes, initializers: [...graph.initializers, ...initializers] };
}

function rewriteDequantize(node: Node, parts: readonly (StoredTensor | undefined)[], builder: GraphBuilder): boolean {
  const [weight, scale, zero] = parts;
  const output = node.outputs[0];
  if (!weight || !scale || output === undefined || (node.inputs[2] && !zero)) return false;
  if (!['int8', 'uint8', 'int32'].includes(weight.type) || !['float32', 'float16'].includes(scale.type)) return false;
  if (intAttribute(node, 'block_size', 0) !== 0 || scale.external || zero?.external) return false;
  const shape = scaleShape(scale, weight, intAttribute(node, 'axis', 1));
  if (!shape) return false;
  const to = dataTypes[scale.type];
  const along = (tensor: StoredTensor): string => {
    const name = builder.name('along');
    builder.append({ nodes: [], initializers: [{ ...tensor, name, dims: shape }] });
    return name;
  };
  let value = builder.node('Cast', [weight.name], { to });
  if (zero?.bytes.some((byte) => byte !== 0))
    value = builder.node('Sub', [value, builder.node('Cast', [along(zero)], { to })]);
  builder.append({ nodes: [mul(node, [value, along(scale)], output)], initializers: [] });
  return true;
}

function mul(node: Node, inputs: string[], output: string): Node {
  return { op: 'Mul', domain: '', name: node.name, inputs, outputs: [output], attributes: new Map() };
}

/** One scale for the tensor, or one for each index of an axis, in a shape that broadcasts. */
function scaleShape(scale: StoredTensor, weight: StoredTensor, axis: number): number[] | undefined {
  const count = elementCount(scale.dims);
  if (count === 1) return [];
  const place = axis < 0 ? axis + weight.dims.length : axis;
  if (scale.dims.length !== 1 || weight.dims[place] !== count) return undefined;
  return weight.dims.map((_, index) => (index === place ? count : 1));
}
