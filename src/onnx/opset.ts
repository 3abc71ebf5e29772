/** Raises older networks to operator set 13. */

import { GraphBuilder, plainNode } from './builder.ts';
import type { Attribute, Graph, Model, Node } from './model.ts';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from './model.ts';

/** The oldest operator set whose forms all later code may count on. */
export const baseOpset = 13;
/** Before 7, arithmetic broadcast by attributes; no exporter has written that since 2018. */
const oldestOpset = 7;

/** Operators whose form is the same in operator sets 7 to 13, or only grew options. */
const unchanged = new Set(
  `Abs Acos Add And ArgMax ArgMin Atan AveragePool Cast Ceil Concat Constant ConstantOfShape Conv ConvInteger
  ConvTranspose Cos CumSum DepthToSpace DequantizeLinear Div DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand
  Flatten Floor Gather GatherElements GatherND Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual
  HardSigmoid Identity If InstanceNormalization LRN LeakyRelu Less LessOrEqual Log LpNormalization LpPool MatMul
  MatMulInteger Max MaxPool Mean Min Mod Mul Neg Not OneHot Or PRelu Pow QLinearConv QLinearMatMul QuantizeLinear Range
  Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd Relu Reshape Round ScatterElements ScatterND
  Selu Shape Sigmoid Sign Sin Size Softplus Softsign SpaceToDepth Sqrt Sub Sum Tan Tanh Tile Transpose Where Xor`.split(
    /\s+/,
  ),
);

interface Rule {
  /** The operator set that brought the new form. */
  readonly since: number;
  /** Adds the node in its new form to the builder; its outputs keep their names. */
  rewrite(node: Node, builder: GraphBuilder): void;
}

const rules: Readonly<Record<string, Rule>> = {
  Squeeze: { since: 13, rewrite: attributesToInputs('axes') },
  Unsqueeze: { since: 13, rewrite: attributesToInputs('axes') },
  ReduceSum: { since: 13, rewrite: attributesToInputs('axes') },
  Split: { since: 13, rewrite: attributesToInputs('split') },
  Softmax: { since: 13, rewrite: flattened },
  LogSoftmax: { since: 13, rewrite: flattened },
  // Outside training it passes its input on.
  Dropout: {
    since: 12,
    rewrite: (node, builder) => emit(builder, 'Identity', node.inputs.slice(0, 1), node.outputs.slice(0, 1)),
  },
  Clip: { since: 11, rewrite: clip },
  Pad: { since: 11, rewrite: pad },
  Scatter: { since: 11, rewrite: (node, builder) => emit(builder, 'ScatterElements', node.inputs, node.outputs, node) },
  Slice: { since: 10, rewrite: slice },
  TopK: { since: 10, rewrite: attributesToInputs('k') },
  BatchNormalization: {
    since: 9,
    rewrite: (node, builder) => {
      if (intAttribute(node, 'spatial', 1) !== 1) throw new Error('BatchNormalization with spatial = 0');
      emit(builder, node.op, node.inputs, node.outputs, node, ['spatial']);
    },
  },
};

/**
 * The model in operator set 13 or newer. A newer one is left as it is.
 * @throws Error that names the operator which the table does not know.
 */
export function raiseOpset(model: Model, prefix: string): Model {
  const version = model.opsets.get('') ?? 0;
  if (version >= baseOpset || version === 0) return model;
  if (version < oldestOpset) throw new Error(`operator set ${version} is older than ${oldestOpset}`);
  const builder = new GraphBuilder(prefix);
  const graph = raiseGraph(model.graph, version, builder);
  const { initializers } = builder.graph();
  return {
    ...model,
    irVersion: Math.max(model.irVersion, 8),
    opsets: new Map([...model.opsets, ['', baseOpset]]),
    graph: { ...graph, initializers: [...graph.initializers, ...initializers] },
  };
}

/** New constants all go into `constants`, the outermost graph, where inner graphs see them. */
function raiseGraph(graph: Graph, version: number, constants: GraphBuilder): Graph {
  const nodes: Node[] = [];
  for (const original of graph.nodes) {
    const node = { ...original, attributes: raisedAttributes(original, version, constants) };
    const rule = node.domain === '' && Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
    if (rule && version < rule.since) {
      const before = constants.graph().nodes.length;
      rule.rewrite(node, constants);
      for (const one of constants.graph().nodes.slice(before)) nodes.push(one);
    } else if (rule || node.domain !== '' || unchanged.has(node.op)) nodes.push(node);
    else throw new Error(`operator ${node.op} of operator set ${version} cannot be raised to ${baseOpset}`);
  }
  return { ...graph, nodes };
}

function raisedAttributes(node: Node, version: number, constants: GraphBuilder): ReadonlyMap<string, Attribute> {
  const raised = [...node.attributes].map(([key, attribute]): [string, Attribute] => [
    key,
    attribute.kind === 'graph' ? { kind: 'graph', value: raiseGraph(attribute.value, version, constants) } : attribute,
  ]);
  return new Map(raised);
}

/** Adds a node with the attributes of `like`, less those named in `without`. */
function emit(
  builder: GraphBuilder,
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  like?: Node,
  without: readonly string[] = [],
): void {
  const attributes = new Map([...(like?.attributes ?? [])].filter(([key]) => !without.includes(key)));
  builder.append({ nodes: [{ ...plainNode(op, inputs, outputs, {}), attributes }], initializers: [] });
}

function attributesToInputs(name: string): Rule['rewrite'] {
  return (node, builder) => {
    const list = intsAttribute(node, name) ?? (node.attributes.has(name) ? [intAttribute(node, name, 0)] : undefined);
    const inputs = list ? [...node.inputs, builder.ints(list)] : node.inputs;
    emit(builder, node.op, inputs, node.outputs, node, [name]);
  };
}

/** The old form takes all axes from `axis` on as one; the new form only the last axis. */
function flattened(node: Node, builder: GraphBuilder): void {
  const axis = intAttribute(node, 'axis', 1);
  const [input = ''] = node.inputs;
  const softmax = (value: string, outputs: readonly string[]): void =>
    builder.append({ nodes: [plainNode(node.op, [value], outputs, { axis: -1 })], initializers: [] });
  if (axis === -1) {
    softmax(input, node.outputs);
    return;
  }
  const flat = builder.node('Flatten', [input], { axis });
  const soft = builder.name('softmax');
  softmax(flat, [soft]);
  emit(builder, 'Reshape', [soft, builder.node('Shape', [input])], node.outputs);
}

function clip(node: Node, builder: GraphBuilder): void {
  const bound = (name: string): string =>
    node.attributes.has(name) ? builder.floats(floatAttribute(node, name, 0)) : '';
  emit(builder, 'Clip', [...node.inputs, bound('min'), bound('max')], node.outputs);
}

function pad(node: Node, builder: GraphBuilder): void {
  const inputs = [...node.inputs, builder.ints(intsAttribute(node, 'pads') ?? [])];
  if ((stringAttribute(node, 'mode') ?? 'constant') === 'constant')
    inputs.push(builder.floats(floatAttribute(node, 'value', 0)));
  emit(builder, 'Pad', inputs, node.outputs, node, ['pads', 'value']);
}

function slice(node: Node, builder: GraphBuilder): void {
  const starts = intsAttribute(node, 'starts') ?? [];
  const ends = intsAttribute(node, 'ends') ?? [];
  const axes = intsAttribute(node, 'axes') ?? starts.map((_, index) => index);
  emit(builder, 'Slice', [...node.inputs, ...[starts, ends, axes].map((list) => builder.ints(list))], node.outputs);
}
