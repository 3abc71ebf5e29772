/** Layers that mix channels. */

import type { Node, StoredTensor } from '../onnx/model.ts';
import { intAttribute } from '../onnx/model.ts';
import type { Link } from '../onnx/walk.ts';
import { reads } from '../onnx/walk.ts';

/** Operators that mix channels by weights, quantised and fused forms included. */
const dense = new Set(
  'Gemm MatMul MatMulInteger QLinearMatMul FusedGemm FusedMatMul MatMulNBits MatMulIntegerToFloat DynamicQuantizeMatMul QGemm'.split(
    ' ',
  ),
);
const convolutions = new Set('Conv FusedConv ConvInteger QLinearConv'.split(' '));

/** Finds layers along a chain. */
export class Layers {
  readonly #flows = new Set<string>();
  readonly #dims = new Map<string, readonly number[]>();

  constructor(
    readonly chain: readonly Link[],
    initializers: readonly StoredTensor[],
  ) {
    for (const { name, dims } of initializers) this.#dims.set(name, dims);
    for (const { tensor, nodes } of chain) {
      this.#flows.add(tensor);
      for (const node of nodes) for (const name of node.outputs) this.#flows.add(name);
    }
  }

  /** A matrix product of what flows with weights, or a convolution that is not depthwise. */
  isMixing(node: Node): boolean {
    // Quantisation parameters flow too, so what counts is whether the second factor does.
    if (dense.has(node.op))
      return (
        !this.#flows.has(node.inputs[node.op === 'QLinearMatMul' ? 3 : 1] ?? '') ||
        !this.#flows.has(node.inputs[0] ?? '')
      );
    if (!convolutions.has(node.op)) return false;
    const group = intAttribute(node, 'group', 1);
    return group === 1 || group !== this.#dims.get(node.inputs[1] ?? '')?.[0];
  }

  /** Index of the last link whose computation holds a mixing layer, at most `from`; 0 if there is none. */
  lastMixing(from: number): number {
    let index = from;
    while (index > 0 && !this.chain[index]?.nodes.some((node) => this.isMixing(node))) index--;
    return index;
  }

  /** The link is one plain layer: nothing flows beside it. */
  isSingleLayer(index: number): boolean {
    const nodes = this.chain[index]?.nodes ?? [];
    if (nodes.filter((node) => this.isMixing(node)).length !== 1) return false;
    const dynamic = nodes.some(({ op }) => op === 'DynamicQuantizeLinear');
    return dynamic || nodes.every((node) => [...reads(node)].filter((name) => this.#flows.has(name)).length <= 1);
  }
}
