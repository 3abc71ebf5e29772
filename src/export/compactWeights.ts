/** Weights stored in fewer bytes, behind what every runtime computes once, when it opens the network. */

import { toFloat16 } from '../numerics/float16.ts';
import { largestOf } from '../numerics/statistics.ts';
import { plainNode, storedTensor } from '../onnx/builder.ts';
import {
  dataTypes,
  elementCount,
  type Graph,
  intAttribute,
  type Model,
  type Node,
  type StoredTensor,
} from '../onnx/model.ts';
import type { CompactType } from '../results/exportResult.ts';

/** Smaller tensors stay as they are: they are hardly any of the bytes. */
const fewest = 1024;
/** Channels of fewer weights (a depthwise convolution has 9) become float16: int8 would save little there and cost most. */
const fewestOfChannel = 64;
const largestFloat16 = 65504;
const largestInt8 = 127;

/**
 * The network with float32 weights stored as float16 behind a Cast, or as int8 with a scale for each output channel behind
 * Cast and Mul. ONNX Runtime computes these once and keeps float32, so speed and memory stay. (It would run
 * DequantizeLinear for every photo.) Of int8, what is no weight of a convolution or a matrix product becomes float16.
 * @param isWeight whether a stored tensor, by its name, may be changed
 */
export function compactWeights(model: Model, type: CompactType, isWeight: (name: string) => boolean): Model {
  const { graph } = model;
  const readers = readersOf(graph.nodes);
  const parts = graph.initializers.map((tensor): Part => {
    const values = isWeight(tensor.name) ? floatsOf(tensor) : undefined;
    const axis = type === 'int8' && values ? channelAxis(tensor, readers.get(tensor.name) ?? []) : undefined;
    if (values && axis !== undefined) return asInt8(tensor, values, axis);
    if (values && fitsFloat16(values)) return asFloat16(tensor, values);
    return { nodes: [], initializers: [tensor] };
  });
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...parts.flatMap(({ nodes }) => nodes), ...graph.nodes],
      initializers: parts.flatMap(({ initializers }) => initializers),
    },
  };
}

/** A stored tensor, and the nodes that give what it stands for. */
type Part = Pick<Graph, 'nodes' | 'initializers'>;

function floatsOf({ type, dims, bytes, external }: StoredTensor): Float32Array | undefined {
  if (type !== 'float32' || external || elementCount(dims) < fewest) return undefined;
  return new Float32Array(new Uint8Array(bytes).buffer);
}

function fitsFloat16(values: Float32Array): boolean {
  return values.every((value) => Math.abs(value) <= largestFloat16);
}

function asFloat16({ name, dims }: StoredTensor, values: Float32Array): Part {
  const half = storedTensor(`${name}/float16`, { type: 'float16', dims, data: toFloat16(values) });
  return { nodes: [toFloat(half.name, name)], initializers: [half] };
}

function asInt8({ name, dims }: StoredTensor, values: Float32Array, axis: number): Part {
  const channels = dims[axis];
  const inner = elementCount(dims.slice(axis + 1));
  const places = Array.from({ length: channels }, (): number[] => []);
  for (const at of values.keys()) places[Math.floor(at / inner) % channels].push(at);
  const data = new Int8Array(values.length);
  const scales = Float32Array.from(places, (own) => quantise(values, own, data));
  const shape = dims.map((_, at) => (at === axis ? channels : 1));
  const stored = storedTensor(`${name}/int8`, { type: 'int8', dims, data });
  const scale = storedTensor(`${name}/scale`, { type: 'float32', dims: shape, data: scales });
  const whole = `${name}/whole`;
  return {
    nodes: [toFloat(stored.name, whole), plainNode('Mul', [whole, scale.name], [name], {})],
    initializers: [stored, scale],
  };
}

/**
 * Rounds the weights of a channel, which stand at `places`, to multiples of a scale, and gives the scale. What rounding adds
 * to their sum is taken back where it costs least: it would shift all that the channel gives, since what it reads is mostly
 * positive.
 */
function quantise(values: Float32Array, places: readonly number[], into: Int8Array): number {
  const scale = Math.fround(largestOf(places.map((at) => Math.abs(values[at]))) / largestInt8);
  if (scale === 0) return 0;
  let excess = 0;
  for (const at of places) {
    into[at] = Math.round(values[at] / scale);
    excess += into[at] - values[at] / scale;
  }
  const step = Math.sign(excess);
  const over = (at: number) => step * (into[at] - values[at] / scale);
  const worst = places.filter((at) => over(at) > 0).sort((a, b) => over(b) - over(a));
  for (const at of worst.slice(0, Math.round(Math.abs(excess)))) into[at] -= step;
  return scale;
}

function toFloat(from: string, to: string): Node {
  return plainNode('Cast', [from], [to], { to: dataTypes.float32 });
}

/** Where a tensor is read: by which nodes, and as which of their inputs. */
function readersOf(nodes: readonly Node[]): Map<string, { readonly node: Node; readonly index: number }[]> {
  const readers = new Map<string, { readonly node: Node; readonly index: number }[]>();
  for (const node of nodes)
    for (const [index, name] of node.inputs.entries())
      readers.set(name, [...(readers.get(name) ?? []), { node, index }]);
  return readers;
}

/** The axis of a weight's output channels, where all that read it read it as a weight with that axis. */
function channelAxis(
  { dims }: StoredTensor,
  readers: readonly { readonly node: Node; readonly index: number }[],
): number | undefined {
  const axes = new Set(
    readers.map(({ node, index }) => {
      if (index !== 1 || node.domain !== '') return undefined;
      if (node.op === 'Conv') return 0;
      if (node.op === 'Gemm') return intAttribute(node, 'transB', 0) === 1 ? 0 : 1;
      return node.op === 'MatMul' && dims.length >= 2 ? dims.length - 1 : undefined;
    }),
  );
  const [axis] = axes;
  if (axes.size !== 1 || axis === undefined) return undefined;
  return elementCount(dims) / dims[axis] < fewestOfChannel ? undefined : axis;
}
