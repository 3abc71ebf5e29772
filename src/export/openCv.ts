/** What OpenCV's dnn module reads of ONNX. */

import type { Preprocessing } from '../images/preprocessing.ts';
import { type GraphBuilder, plainNode, storedTensor } from '../onnx/builder.ts';
import {
  type Attribute,
  dataTypes,
  elementCount,
  intAttribute,
  type Model,
  type Node,
  type StoredTensor,
} from '../onnx/model.ts';
import { inferShapes } from '../onnx/shapes.ts';
import type { OpenSession } from '../runtime/platform.ts';

/** Operators that OpenCV 4.6 reads and computes as ONNX says; a test runs them there. */
const readOperators = new Set(
  `Abs Add AveragePool BatchNormalization Clip Concat Conv Div Exp Flatten Gemm GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish
Identity LeakyRelu Log MatMul Max MaxPool Min Mul Pad PRelu Pow ReduceMax ReduceMean ReduceSum Relu Reshape Sigmoid Slice
Softmax Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze`.split(/\s+/),
);

/** Normalises planes by one convolution: also where the network wants blue first. */
export function addPlanes(builder: GraphBuilder, image: string, preprocessing: Preprocessing): string {
  const { scale, mean, std, channels, layout, input } = preprocessing;
  const source = (to: number) => (channels === 'bgr' ? 2 - to : to);
  const isRaw = input === 'uint8';
  const weights = [0, 1, 2].flatMap((to) =>
    [0, 1, 2].map((from) => (from === source(to) ? (isRaw ? 1 : scale / std[from]) : 0)),
  );
  const offsets = [0, 1, 2].map((to) => (isRaw ? 0 : -mean[source(to)] / std[source(to)]));
  const normal = builder.node('Conv', [image, builder.floats(weights, [3, 3, 1, 1]), builder.floats(offsets)]);
  const laid = layout === 'nhwc' ? builder.node('Transpose', [normal], { perm: [0, 2, 3, 1] }) : normal;
  return input === 'float32' ? laid : builder.node('Cast', [laid], { to: dataTypes[input] });
}

/** The operators of a network that OpenCV does not read. */
export function unreadOperators({ graph }: Model): string[] {
  return [...new Set(graph.nodes.map(({ op }) => op))].filter((op) => !readOperators.has(op)).sort();
}

const arithmetic = ['Add', 'Sub', 'Mul', 'Div'];

/** The network, all sizes of which are fixed, in forms that OpenCV reads, of which ONNX has others that say the same. */
export async function inReadForms(model: Model, openSession: OpenSession): Promise<Model> {
  const infos = await inferShapes(model, openSession);
  const stored = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
  const added: StoredTensor[] = [];
  const turned = (node: Node, weight: StoredTensor): Node => {
    if (intAttribute(node, 'transB', 0) === 1 || weight.type !== 'float32') return node;
    const [rows, columns] = weight.dims;
    const values = new Float32Array(new Uint8Array(weight.bytes).buffer);
    const data = values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)]);
    const [from, , ...rest] = node.inputs;
    const inputs = [from, add(`${node.outputs[0]}/turned`, data, [columns, rows]), ...rest];
    return withAttribute({ ...node, inputs }, 'transB', { kind: 'int', value: 1 });
  };
  const withBias = (node: Node): Node => {
    const width = infos.get(node.outputs[0])?.shape.at(-1);
    if (node.inputs.length > 2 || typeof width !== 'number') return node;
    return { ...node, inputs: [...node.inputs, add(`${node.outputs[0]}/zeros`, new Float32Array(width))] };
  };
  const add = (name: string, data: Float32Array, dims: readonly number[] = [data.length]) => {
    added.push(storedTensor(name, { type: 'float32', dims, data }));
    return name;
  };
  const nodes = model.graph.nodes.flatMap((node) => {
    const constant = (input: number) => stored.get(node.inputs[input] ?? '');
    const weight = constant(1);
    if (node.op === 'Conv' && weight && !node.attributes.has('kernel_shape'))
      return withAttribute(node, 'kernel_shape', { kind: 'ints', value: weight.dims.slice(2) });
    if (node.op === 'Gemm' && weight) return [withBias(turned(node, weight))];
    // Of a tensor and one number.
    const isOne = (tensor: StoredTensor | undefined) => tensor && elementCount(tensor.dims) === 1;
    if (
      (node.op === 'Max' || node.op === 'Min') &&
      node.inputs.length === 2 &&
      [0, 1].some((at) => isOne(constant(at)))
    ) {
      const [value, limit] = isOne(constant(1)) ? node.inputs : node.inputs.toReversed();
      return { ...node, op: 'Clip', inputs: node.op === 'Max' ? [value, limit] : [value, '', limit] };
    }
    // A row, and one number that is computed of it: the number is repeated along the row.
    const sizes = node.inputs.map((name) => infos.get(name)?.shape.map(Number));
    const [row, one] = sizes;
    if (arithmetic.includes(node.op) && row?.length === 2 && one?.length === 2 && row[1] > 1 && one[1] === 1) {
      const [name, width] = [`${node.outputs[0]}/repeated`, row[1]];
      const ones = add(`${name}/ones`, new Float32Array(width).fill(1), [width, 1]);
      const zeros = add(`${name}/zeros`, new Float32Array(width));
      return [
        plainNode('Gemm', [node.inputs[1], ones, zeros], [name], { transB: 1 }),
        { ...node, inputs: [node.inputs[0], name] },
      ];
    }
    return node;
  });
  return { ...model, graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...added] } };
}

function withAttribute(node: Node, name: string, value: Attribute): Node {
  return { ...node, attributes: new Map([...node.attributes, [name, value]]) };
}
