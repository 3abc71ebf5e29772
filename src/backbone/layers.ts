/** Layers with parameters and multiply-adds. */

import type { Model, Node, StoredTensor } from '../onnx/model.ts';
import { elementCount, intAttribute } from '../onnx/model.ts';
import { flowing, reads } from '../onnx/walk.ts';
import type { TensorInfo } from '../runtime/platform.ts';
import type { InspectedLayer } from './inspection.ts';
import { mapLayout } from './maps.ts';

/** A layer's arithmetic: what is needed to say what it would cost at another width. */
export interface Layer extends Omit<InspectedLayer, 'bottleneck' | 'dropped'> {
  readonly node: Node;
  /** Set for convolutions and dense layers with stored weights. */
  readonly mixing?: Mixing;
}

export interface Mixing {
  /** Channels that one output reads: all, or those of its group. */
  readonly perOutput: number;
  readonly groups: number;
  /** Values of the kernel for one pair of channels: 9 for 3x3, 1 for a dense layer. */
  readonly kernel: number;
  readonly outputs: number;
  readonly inputs: number;
  readonly positions: number;
  readonly hasBias: boolean;
}

const floatTypes = new Set(['float32', 'float16', 'float64', 'bfloat16']);
const dense = new Set(['Gemm', 'MatMul', 'FusedGemm', 'FusedMatMul', 'MatMulInteger', 'QLinearMatMul']);
const convolutions = new Set(['Conv', 'ConvTranspose', 'FusedConv', 'ConvInteger', 'QLinearConv']);
const dequantizing = new Set(['DequantizeLinear', 'Cast', 'Sub', 'Mul']);
const pooling = /Pool$/;

function isByte(tensor: StoredTensor | undefined): boolean {
  return tensor?.type === 'int8' || tensor?.type === 'uint8';
}

/**
 * One row for each layer that holds parameters or multiplies, and each pooling, in order of computation. Each stored
 * weight is counted once, at the first layer that reads it; batch norm's mean and variance are statistics, not
 * parameters. `nodes` are in order; `shapes` are for one photo.
 */
export function listLayers(
  model: Model,
  nodes: readonly Node[],
  input: string,
  shapes: ReadonlyMap<string, TensorInfo>,
): Layer[] {
  return new LayerList(model, nodes, input, shapes).list();
}

class LayerList {
  readonly #stored: ReadonlyMap<string, StoredTensor>;
  readonly #flows: ReadonlySet<string>;
  /** What is computed from stored tensors alone. */
  readonly #weights: Set<string>;
  /** What does not depend on the photo's values; it may depend on its size. */
  readonly #constant = new Map<string, Node>();
  readonly #counted = new Set<string>();

  constructor(
    model: Model,
    readonly nodes: readonly Node[],
    input: string,
    readonly shapes: ReadonlyMap<string, TensorInfo>,
  ) {
    this.#stored = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]));
    this.#flows = flowing(nodes, input);
    this.#weights = new Set(this.#stored.keys());
    for (const node of nodes) {
      const isStored = [...reads(node)].every((name) => this.#weights.has(name));
      for (const name of node.outputs) {
        if (!this.#flows.has(name)) this.#constant.set(name, node);
        if (isStored) this.#weights.add(name);
      }
    }
  }

  list(): Layer[] {
    return this.nodes.flatMap((node) => {
      const output = node.outputs[0] ?? '';
      if (!this.#flows.has(output)) return [];
      const mixing = this.#mixing(node);
      const parameters = this.#parameters(node);
      const macs = mixing ? mixing.positions * mixing.outputs * mixing.perOutput * mixing.kernel : this.#product(node);
      if (!mixing && parameters === 0 && macs === 0 && !pooling.test(node.op)) return [];
      const source = node.inputs.find((name) => this.#flows.has(name)) ?? '';
      const { channels, places } = this.#arranged(output, mixing !== undefined && dense.has(node.op));
      return [
        {
          node,
          name: node.name || output,
          type: this.#type(node, mixing),
          in: mixing ? mixing.inputs : this.#arranged(source, false).channels,
          out: mixing ? mixing.outputs : channels,
          places,
          parameters,
          macs,
          ...(mixing && { mixing }),
        },
      ];
    });
  }

  #sizes(name: string): number[] {
    const shape = this.#stored.get(name)?.dims ?? this.shapes.get(name)?.shape ?? [];
    return shape.every((size) => typeof size === 'number') ? shape.map(Number) : [];
  }

  /** Channels and places of one photo. */
  #arranged(name: string, isChannelsLast: boolean): { channels: number | null; places: number[] } {
    const sizes = this.#sizes(name).slice(1);
    const isFirst = sizes.length === 3 && !isChannelsLast && mapLayout(name, sizes).layout === 'nchw';
    return {
      channels: (isFirst ? sizes[0] : sizes.at(-1)) ?? null,
      places: isFirst ? sizes.slice(1) : sizes.slice(0, -1),
    };
  }

  #mixing(node: Node): Mixing | undefined {
    const outputSizes = this.#sizes(node.outputs[0] ?? '');
    const isConvolution = convolutions.has(node.op);
    if (!isConvolution && !dense.has(node.op)) return undefined;
    const weightInput = node.op.startsWith('QLinear') ? 3 : 1;
    const name = node.inputs[weightInput] ?? '';
    const weight = this.#sizes(name);
    if (!this.#weights.has(name) || weight.length < 2 || outputSizes.length < 2) return undefined;
    const hasBias = node.inputs.length > (node.op.startsWith('QLinear') ? 8 : 2);
    if (isConvolution) {
      const groups = intAttribute(node, 'group', 1);
      const [first = 0, second = 0, ...kernel] = weight;
      const isTransposed = node.op === 'ConvTranspose';
      return {
        // A transposed convolution's weights are [in, out per group, ...kernel], and its work is done at the input.
        perOutput: isTransposed ? first / groups : second,
        outputs: isTransposed ? second * groups : first,
        inputs: isTransposed ? first : second * groups,
        groups,
        kernel: elementCount(kernel),
        positions: elementCount((isTransposed ? this.#sizes(node.inputs[0] ?? '') : outputSizes).slice(2)),
        hasBias,
      };
    }
    const isTransposed = node.op.endsWith('Gemm') && intAttribute(node, 'transB', 0) === 1;
    const [rows = 0, columns = 0] = weight.slice(-2);
    const [inputs, outputs] = isTransposed ? [columns, rows] : [rows, columns];
    const positions = elementCount(outputSizes) / outputs;
    return { perOutput: inputs, outputs, inputs, groups: 1, kernel: 1, positions, hasBias };
  }

  /** MACs of a product of two flowing matrices, as in attention. */
  #product(node: Node): number {
    if (!dense.has(node.op)) return 0;
    const inner = this.#sizes(node.inputs[0] ?? '').at(-1) ?? 0;
    return elementCount(this.#sizes(node.outputs[0] ?? '')) * inner;
  }

  #parameters(node: Node): number {
    // Scale and shift; mean and variance follow.
    const rest = [...(node.op === 'BatchNormalization' ? node.inputs.slice(1, 3) : reads(node))];
    let count = 0;
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (this.#flows.has(name) || this.#counted.has(name)) continue;
      this.#counted.add(name);
      const tensor = this.#stored.get(name);
      const producer = this.#constant.get(name);
      const quantized = this.#quantized(name);
      // A single number is a setting of an operator.
      if (tensor && floatTypes.has(tensor.type) && elementCount(tensor.dims) > 1) count += elementCount(tensor.dims);
      if (quantized) count += elementCount(quantized.dims);
      else if (producer) for (const one of reads(producer)) rest.push(one);
    }
    return count;
  }

  /** The bytes of a weight behind DequantizeLinear, or behind Cast, Sub and Mul; scales and zero points are no parameters. */
  #quantized(name: string): StoredTensor | undefined {
    const producer = this.#constant.get(name);
    if (!producer || !dequantizing.has(producer.op)) return undefined;
    const [first = ''] = producer.inputs;
    const tensor = this.#stored.get(first);
    return isByte(tensor) || producer.op === 'DequantizeLinear' ? tensor : this.#quantized(first);
  }

  #type(node: Node, mixing: Mixing | undefined): string {
    if (!mixing) return dense.has(node.op) ? 'Product' : node.op;
    if (!convolutions.has(node.op)) return 'Dense';
    const [, , ...kernel] = this.#sizes(node.inputs[node.op.startsWith('QLinear') ? 3 : 1] ?? '');
    const { groups, outputs, inputs } = mixing;
    const kind = groups === 1 ? '' : groups === inputs && groups <= outputs ? ' depthwise' : ` in ${groups} groups`;
    return `${node.op === 'ConvTranspose' ? 'ConvTranspose' : 'Conv'} ${kernel.join('x')}${kind}`;
  }
}
